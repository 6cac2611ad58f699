package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A session written as {@link Step}s: callbacks, but each behind the other instead of in the other. Output above the high-water
 * mark holds the steps up, since no input is offered then; a step that writes much for little input bounds that itself, by
 * {@link Connection#write}'s answer and {@link #drained}.
 *
 * <p>A subclass may override what a session is told besides; it calls {@code super} where it does.
 */
public class Steps implements Session {
    private final Connection connection;
    private final Intake intake = new Intake();
    private @Nullable Step step;
    private boolean receiving;
    private boolean told;
    /** What was offered and left unread. */
    private boolean left;
    /** No further step is begun once what is there is read: the peer has ended, or the server drains. */
    private boolean ending;

    /** A session that begins with a step. */
    public Steps(Connection connection, Step first) {
        this.connection = connection;
        enter(first);
    }

    /** For a subclass whose steps call its methods: it calls {@link #begin} in its constructor. */
    protected Steps(Connection connection) {
        this.connection = connection;
    }

    /** Begins with a step; once, before anything is received. */
    protected final void begin(Step first) {
        enter(first);
    }

    protected final Connection connection() {
        return connection;
    }

    /** Goes on behind the {@link Step#hold} that the session is at, or will be at next. From the connection's domain. */
    public final void proceed() {
        Step at = step;
        if (at == null || at.kind != Step.Kind.HOLD) {
            told = true;
            return;
        }
        enter(at.next());
        if (left && !receiving) {
            connection.resumeReading();
        }
        endIfDone();
    }

    /** What is held is finished first, and what is there is read. */
    private void endIfDone() {
        Step at = step;
        boolean held = at != null && at.kind == Step.Kind.HOLD;
        if (ending && !held && !left && !receiving) {
            connection.end();
        }
    }

    private void enter(@Nullable Step next) {
        Step entered = next;
        if (entered != null && entered.kind == Step.Kind.HOLD && told) {
            told = false;
            entered = entered.next();
        }
        step = entered;
        if (entered == null || entered.kind == Step.Kind.END) {
            intake.wantNothing();
            connection.close();
        } else {
            entered.want(intake);
        }
    }

    @Override
    public final void received(ByteBuffer input) throws Exception {
        receiving = true;
        try {
            for (ByteBuffer frame = intake.take(input); frame != null; frame = intake.take(input)) {
                Step at = step;
                if (at == null) {
                    return;
                }
                Step next = at.run(frame);
                intake.release(input);
                enter(next);
            }
        } catch (FrameTooLongException e) {
            tooLong(e);
        } finally {
            receiving = false;
            left = input.hasRemaining();
        }
        endIfDone();
    }

    /** The peer sent more than a step's bound without its delimiter; closes the connection at once. */
    protected void tooLong(FrameTooLongException error) throws Exception {
        connection.abort();
    }

    /** The peer sent its last byte. Finishes what is held, sends what was written, and ends. */
    @Override
    public void ended() throws Exception {
        ending = true;
        endIfDone();
    }

    /** The server drains: as {@link #ended}. */
    @Override
    public void stopping() throws Exception {
        ending = true;
        endIfDone();
    }
}
