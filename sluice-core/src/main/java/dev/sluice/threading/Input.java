package dev.sluice.threading;

import dev.sluice.Session;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection's input: offers what arrives, keeps what the session left unread, tells of the end behind the last of
 * it, and has the engine receive as long as there is room and the session wants more.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class Input extends Output {
    private @Nullable KeptBytes kept;
    private boolean inputEnded;
    /** Kept bytes were not offered as they are now, or the session asked for them again. */
    private boolean fresh;
    /** The session wants no input. */
    private boolean paused;
    /** Input doesn't wait for output to drain. */
    private boolean independent;
    /** The engine is receiving. */
    private boolean armed;
    /** The connection is about to move: what arrives is offered, but nothing is received. */
    private boolean leaving;
    /** The session was told of the end. */
    private boolean endTold;

    Input(Domain domain, Handle handle) {
        super(domain, handle);
    }

    abstract boolean isOpen();

    abstract void askTurn();

    /** The peer sent its last byte, or an error ended the receive. */
    final boolean isInputEnded() {
        return inputEnded;
    }

    final boolean isEndTold() {
        return endTold;
    }

    /** Whether the engine was asked to receive. */
    final boolean isReceiving() {
        return armed;
    }

    /** Received and not yet read. */
    final int keptBytes() {
        KeptBytes waiting = kept;
        return waiting == null ? 0 : waiting.count();
    }

    final void leaving(boolean soon) {
        leaving = soon;
    }

    final boolean isLeaving() {
        return leaving;
    }

    /** Whether nothing is kept, and the engine was not asked to receive. */
    final boolean isInputAtRest() {
        return kept == null && !armed;
    }

    // ---- offering

    /** Keeps bytes for the turn that is asked for. */
    final void keepArrived(ByteBuffer bytes) {
        fresh = true;
        keep(bytes);
        askTurn();
    }

    private void keep(ByteBuffer bytes) {
        if (kept == null) {
            kept = new KeptBytes(domain.pool());
        }
        kept.add(bytes);
    }

    /** Offers bytes behind what is kept already, and copies what is left of them. */
    final void offerArrived(ByteBuffer bytes) {
        boolean offered = kept == null && mayOffer();
        if (offered) {
            fresh = false;
            offer(bytes);
        }
        if (bytes.hasRemaining() && isOpen()) {
            fresh |= !offered;
            keep(bytes);
            if (!offered) {
                offerFresh();
            }
        }
    }

    private boolean mayOffer() {
        return isOpen() && isWanted();
    }

    private boolean isWanted() {
        return !paused && (independent || !awaitsDrain());
    }

    /** Offers kept bytes that were not offered as they are now, or that the session asked for again. */
    final void offerFresh() {
        if (fresh && mayOffer()) {
            fresh = false;
            KeptBytes waiting = kept;
            ByteBuffer bytes = waiting == null ? null : waiting.buffer();
            if (bytes != null) {
                offer(bytes);
                if (!bytes.hasRemaining()) {
                    clearKept();
                }
            }
        }
    }

    /** Offers kept bytes again, as there is room now for what the session answers. */
    final void offerAgain() {
        fresh |= kept != null;
        offerFresh();
    }

    public final void pauseReading() {
        paused = true;
        settleSoon();
    }

    /** The session wants input again: what is kept is offered in the next turn. */
    public final void resumeReading() {
        paused = false;
        fresh = true; // also where the input at hand is only about to be kept
        askTurn();
    }

    public final void readIndependently() {
        independent = true;
        fresh = true; // what is kept waits for a drain perhaps
        askTurn();
    }

    final void clearInput() {
        clearKept();
        fresh = false;
    }

    private void clearKept() {
        if (kept != null) {
            kept.clear();
            kept = null;
        }
    }

    // ---- the end

    final void endInput() {
        armed = false;
        inputEnded = true;
    }

    /** Tells the session of the end, once it was offered everything. */
    final void tellEnd() {
        if (inputEnded && !endTold && mayOffer()) {
            offerFresh();
            if (mayOffer()) {
                endTold = true;
                call(Session::ended);
            }
        }
    }

    // ---- receiving

    /** Brings receiving in line with what the session wants and the input limit. */
    final void settleInput() {
        receiveIf(!leaving
                && isWanted()
                && (kept == null || kept.count() < domain.options().inputLimitBytes()));
    }

    /** Receives whatever comes: nobody reads it any more. */
    final void receiveAll() {
        receiveIf(true);
    }

    private void receiveIf(boolean wanted) {
        if (wanted && !inputEnded && !armed) {
            armed = true;
            domain.engine().receive(handle);
        } else if (!wanted && armed) {
            armed = false;
            domain.engine().stopReceiving(handle);
        }
    }
}
