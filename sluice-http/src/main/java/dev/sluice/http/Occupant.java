package dev.sluice.http;

import dev.sluice.Cause;
import java.nio.ByteBuffer;

/** Whose a connection's bytes are: a request's {@link Exchange} until it is over, or the session of another protocol behind it. */
sealed interface Occupant permits Exchange, Switched {
    /** Takes what it can of the input. */
    void receive(ByteBuffer in);

    /** Queued output is low again. */
    void drained();

    /** Whether it wants bytes of a request, and has taken all that came. */
    boolean isStarving();

    /** It is starving, and nothing follows. */
    void endedEarly();

    /** By when the client must have done something; {@link Watch#NEVER} while it need not. */
    long deadlineNanos();

    /** That has passed. */
    void expired();

    /** The connection is gone. */
    void abandon(Cause cause);

    Phase phase();

    /** As sent, what could break a line of a log included. */
    String requestLine();
}
