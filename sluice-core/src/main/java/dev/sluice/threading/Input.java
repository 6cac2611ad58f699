package dev.sluice.threading;

import dev.sluice.Session;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;

/**
 * A connection's input: offers what arrives, keeps what the session left unread, tells of the end behind the last of
 * it, and has the engine receive as long as there is room and the session wants more.
 */
final class Input {
    private final Lifecycle lifecycle;
    private final Callbacks callbacks;
    private final Output output;
    private final Domain domain;
    private final Handle handle;
    private final KeptBytes kept;
    private boolean ended;
    /** Kept bytes were not offered as they are now, or the session asked for them again. */
    private boolean fresh;
    /** The session wants no input. */
    private boolean paused;
    /** Input doesn't wait for output to drain. */
    private boolean independent;
    /** The engine is receiving. */
    private boolean armed;
    /** The session was told of the end. */
    private boolean endTold;

    Input(Lifecycle lifecycle, Callbacks callbacks, Output output, Domain domain, Handle handle) {
        this.lifecycle = lifecycle;
        this.callbacks = callbacks;
        this.output = output;
        this.domain = domain;
        this.handle = handle;
        this.kept = new KeptBytes(domain.pool());
    }

    /** The peer sent its last byte, or an error ended the receive. */
    boolean isEnded() {
        return ended;
    }

    boolean isEndTold() {
        return endTold;
    }

    /** Whether the engine was asked to receive. */
    boolean isArmed() {
        return armed;
    }

    // ---- offering

    /** Offers bytes behind what is kept already, and copies what is left of them. */
    void received(ByteBuffer bytes) {
        boolean offered = kept.buffer() == null && mayOffer();
        if (offered) {
            fresh = false;
            callbacks.received(bytes);
        }
        if (bytes.hasRemaining() && lifecycle.isOpen()) {
            fresh |= !offered;
            kept.add(bytes);
            if (!offered) {
                offerFresh();
            }
        }
    }

    private boolean mayOffer() {
        return lifecycle.isOpen() && isWanted();
    }

    private boolean isWanted() {
        return !paused && (independent || !output.awaitsDrain());
    }

    /** Offers kept bytes that were not offered as they are now, or that the session asked for again. */
    void offerFresh() {
        if (fresh && mayOffer()) {
            fresh = false;
            ByteBuffer bytes = kept.buffer();
            if (bytes != null) {
                callbacks.received(bytes);
                if (kept.count() == 0) {
                    kept.clear();
                }
            }
        }
    }

    /** Offers kept bytes again, as there is room now for what the session answers. */
    void offerAgain() {
        fresh |= kept.buffer() != null;
        offerFresh();
    }

    void pause() {
        paused = true;
    }

    /** The session wants input again: what is kept is offered in the next turn. */
    void resume() {
        paused = false;
        fresh = true; // also where the input at hand is only about to be kept
    }

    void readIndependently() {
        independent = true;
        fresh = true; // what is kept waits for a drain perhaps
    }

    void clear() {
        kept.clear();
        fresh = false;
    }

    // ---- the end

    void receiveEnded() {
        armed = false;
        ended = true;
    }

    /** Tells the session of the end, once it was offered everything. */
    void tellEnd() {
        if (ended && !endTold && mayOffer()) {
            offerFresh();
            if (mayOffer()) {
                endTold = true;
                callbacks.call(Session::ended);
            }
        }
    }

    // ---- receiving

    /** Brings receiving in line with what the session wants and the input limit. */
    void settle() {
        receiveIf(isWanted() && kept.count() < domain.options().inputLimitBytes());
    }

    /** Receives whatever comes: nobody reads it any more. */
    void receiveAll() {
        receiveIf(true);
    }

    private void receiveIf(boolean wanted) {
        if (wanted && !ended && !armed) {
            armed = true;
            domain.engine().receive(handle);
        } else if (!wanted && armed) {
            armed = false;
            domain.engine().stopReceiving(handle);
        }
    }
}
