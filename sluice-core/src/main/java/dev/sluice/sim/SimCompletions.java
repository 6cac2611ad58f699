package dev.sluice.sim;

import dev.sluice.engine.Completion;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel has completed and nobody was told yet. Results of one direction of a handle keep their order; whatever else
 * there is may be told in any.
 */
final class SimCompletions {
    /** What a completion is about; of one lane, the first is told first. */
    private enum Lane {
        INPUT,
        OUTPUT
    }

    /** One result. */
    private record Done(
            SimHandle handle,
            Lane lane,
            Kind kind,
            long result,
            @Nullable ByteBuffer bytes,
            @Nullable Handle peer) {
        /** The end of input goes behind what was done before it: a failed send takes the error that would else be received. */
        boolean isLast() {
            return kind == Kind.CLOSED || kind == Kind.RECEIVE_ENDED;
        }
    }

    /** Which of the calls of {@link Completion} tells it. */
    private enum Kind {
        ACCEPTED,
        ACCEPT_FAILED,
        CONNECTED,
        RECEIVED,
        RECEIVE_ENDED,
        SENT,
        CLOSED
    }

    private static final int CHOICE = 16;

    private final Dice dice;
    private final ByteBuffer lent;
    private final List<Done> waiting = new ArrayList<>();

    SimCompletions(Dice dice, ByteBuffer lent) {
        this.dice = dice;
        this.lent = lent;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void accepted(SimHandle listener, Handle peer) {
        waiting.add(new Done(listener, Lane.INPUT, Kind.ACCEPTED, 0, null, peer));
    }

    void acceptFailed(SimHandle listener, int result) {
        waiting.add(new Done(listener, Lane.INPUT, Kind.ACCEPT_FAILED, result, null, null));
    }

    void connected(SimHandle handle, int result) {
        waiting.add(new Done(handle, Lane.OUTPUT, Kind.CONNECTED, result, null, null));
    }

    void received(SimHandle handle, ByteBuffer bytes) {
        waiting.add(new Done(handle, Lane.INPUT, Kind.RECEIVED, bytes.remaining(), bytes, null));
    }

    void receiveEnded(SimHandle handle, int result) {
        waiting.add(new Done(handle, Lane.INPUT, Kind.RECEIVE_ENDED, result, null, null));
    }

    void sent(SimHandle handle, long result) {
        waiting.add(new Done(handle, Lane.OUTPUT, Kind.SENT, result, null, null));
    }

    /** The last of a handle: what waits of it beforehand is told first, or is dropped but for newcomers. */
    void closed(SimHandle handle, boolean drop) {
        if (drop) {
            waiting.removeIf(done -> done.handle == handle && done.kind != Kind.ACCEPTED);
        }
        waiting.add(new Done(handle, Lane.OUTPUT, Kind.CLOSED, 0, null, null));
    }

    /** Tells one; false where there is none. */
    boolean tellOne() {
        if (waiting.isEmpty()) {
            return false;
        }
        Done chosen = waiting.get(dice.below(Math.min(waiting.size(), CHOICE)));
        tell(firstLike(chosen));
        return true;
    }

    /** What must be told before another, or that itself. */
    private Done firstLike(Done chosen) {
        for (int i = 0; i < waiting.size(); i++) {
            Done done = waiting.get(i);
            if (done == chosen || (done.handle == chosen.handle && (chosen.isLast() || done.lane == chosen.lane))) {
                waiting.remove(i);
                return done;
            }
        }
        throw new IllegalStateException("a completion is lost");
    }

    private void tell(Done done) {
        Completion completion = done.handle.completion();
        switch (done.kind) {
            case ACCEPTED -> completion.accepted(Objects.requireNonNull(done.peer));
            case ACCEPT_FAILED -> completion.acceptFailed((int) done.result);
            case CONNECTED -> completion.connected((int) done.result);
            case RECEIVED -> {
                ByteBuffer bytes = Objects.requireNonNull(done.bytes);
                done.handle.untold -= bytes.remaining();
                lent.clear().put(bytes).flip();
                completion.received(lent);
                done.handle.engine.told(done.handle);
            }
            case RECEIVE_ENDED -> completion.receiveEnded((int) done.result);
            case SENT -> completion.sent(done.result);
            case CLOSED -> completion.closed();
        }
    }
}
