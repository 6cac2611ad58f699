package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.FileRegion;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection's output: the queue of what the session wrote, its marks and its limit, and the end of it. Every
 * {@code write} answers whether the session may go on writing.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class Output extends SessionTimers {
    /** Another one after a move: see {@link Moving}. */
    private static final byte END_ASKED = 1;

    private static final byte ENDED = 2;

    Handle handle;
    /** The domain's, for as long as there is something in it. */
    private @Nullable OutputQueue queue;
    /** Above the high-water mark, or behind a file region: the session is owed a {@code drained}. */
    private boolean awaitsDrain;

    /** How far the end of the output has come, in one byte: there is one for each connection. */
    private byte end;

    Output(Domain domain, Handle handle) {
        super(domain);
        this.handle = handle;
    }

    /** Whether the session may write: not once it closed the connection. */
    abstract boolean takesOutput();

    /** What was asked outside a callback settles next turn. */
    abstract void settleSoon();

    /** Whether the session would hear nothing of it, were what is in flight sent. */
    final boolean sentConcernsNoSession() {
        return !awaitsDrain;
    }

    final boolean awaitsDrain() {
        return awaitsDrain;
    }

    public final long queuedBytes() {
        OutputQueue q = queue;
        return q == null ? 0 : q.bytes();
    }

    public final long unsentBytes() {
        OutputQueue q = queue;
        return q == null || q.isFlying() ? 0 : q.bytes();
    }

    @Override
    final @Nullable OutputQueue output() {
        return queue;
    }

    private OutputQueue queue() {
        OutputQueue q = queue;
        if (q == null) {
            q = domain.acquireQueue();
            queue = q;
        }
        return q;
    }

    // ---- writing

    public final boolean write(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (!mayWrite(length)) {
            bytes.position(bytes.limit());
            return !awaitsDrain;
        }
        OutputQueue q = queue();
        q.write(bytes);
        return written(q);
    }

    public final boolean write(byte[] bytes, int offset, int length) {
        if (!mayWrite(length)) {
            return !awaitsDrain;
        }
        OutputQueue q = queue();
        q.write(bytes, offset, length);
        return written(q);
    }

    private boolean mayWrite(int length) {
        if (!isTaken() || length == 0) {
            return false;
        }
        long limit = domain.options().outputLimitBytes();
        if (queuedBytes() + length > limit) {
            finish(Cause.of(Cause.Kind.OUTPUT_LIMIT, "queued output would pass " + limit + " bytes"), true);
            return false;
        }
        return true;
    }

    private boolean isTaken() {
        return takesOutput() && !isEndAsked();
    }

    private boolean written(OutputQueue q) {
        settleSoon();
        if (q.bytes() > domain.options().highWaterBytes()) {
            awaitsDrain = true;
        }
        return !awaitsDrain;
    }

    public final boolean transfer(FileRegion region) {
        if (!isTaken() || region.count() == 0) {
            return !awaitsDrain;
        }
        queue().add(region);
        awaitsDrain = true;
        settleSoon();
        return false;
    }

    // ---- sending

    /** The kernel took so many bytes of what is in flight. True where the output is drained by that, once. */
    final boolean taken(long count) {
        OutputQueue q = Objects.requireNonNull(queue, "something was sent that nobody wrote");
        progressed(q);
        q.sent(count);
        q.flush(domain.engine(), handle);
        boolean drained = awaitsDrain && q.bytes() <= domain.options().lowWaterBytes() && !q.holdsRegion();
        if (drained) {
            awaitsDrain = false;
        }
        if (q.isEmpty()) {
            giveBack(q);
        }
        return drained;
    }

    private void giveBack(OutputQueue q) {
        queue = null;
        domain.releaseQueue(q);
    }

    /** Hands what was written to the engine; behind the last of it, ends the output where that was asked for. */
    final void settleOutput() {
        OutputQueue q = queue;
        if (q != null) {
            q.flush(domain.engine(), handle);
            sending(q);
        } else if (end == END_ASKED) {
            end = ENDED;
            domain.engine().shutdownOutput(handle);
        }
    }

    /** Releases everything; only when the engine holds nothing of it any more. */
    final void clearOutput() {
        OutputQueue q = queue;
        if (q != null) {
            q.clear();
            giveBack(q);
        }
    }

    // ---- the end

    /** Nothing more is written; what was is sent first. */
    final void askEnd() {
        if (end == 0) {
            end = END_ASKED;
        }
    }

    final boolean isEndAsked() {
        return end >= END_ASKED;
    }

    /** Whether everything was sent, and the end too. */
    final boolean isOutputEnded() {
        return end == ENDED;
    }
}
