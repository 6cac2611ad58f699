package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.FileRegion;
import dev.sluice.Options;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;

/**
 * A connection's output: the queue of what the session wrote, its marks and its limit, and the end of it. Every
 * {@code write} answers whether the session may go on writing.
 */
final class Output {
    private final Lifecycle lifecycle;
    private final Deadlines deadlines;
    private final Domain domain;
    private final Options options;
    private final Handle handle;
    private final OutputQueue queue;
    /** Above the high-water mark, or behind a file region: the session is owed a {@code drained}. */
    private boolean awaitsDrain;

    private boolean endAsked;
    private boolean ended;

    Output(Lifecycle lifecycle, Deadlines deadlines, Domain domain, Handle handle) {
        this.lifecycle = lifecycle;
        this.deadlines = deadlines;
        this.domain = domain;
        this.options = domain.options();
        this.handle = handle;
        this.queue = new OutputQueue(domain.pool());
    }

    boolean awaitsDrain() {
        return awaitsDrain;
    }

    long bytes() {
        return queue.bytes();
    }

    // ---- writing

    boolean write(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (!mayWrite(length)) {
            bytes.position(bytes.limit());
            return !awaitsDrain;
        }
        queue.write(bytes);
        return written();
    }

    boolean write(byte[] bytes, int offset, int length) {
        if (!mayWrite(length)) {
            return !awaitsDrain;
        }
        queue.write(bytes, offset, length);
        return written();
    }

    private boolean mayWrite(int length) {
        if (!isTaken() || length == 0) {
            return false;
        }
        if (queue.bytes() + length > options.outputLimitBytes()) {
            lifecycle.finish(
                    Cause.of(
                            Cause.Kind.OUTPUT_LIMIT,
                            "queued output would pass " + options.outputLimitBytes() + " bytes"),
                    true);
            return false;
        }
        return true;
    }

    private boolean isTaken() {
        return lifecycle.takesOutput() && !endAsked;
    }

    private boolean written() {
        lifecycle.settleSoon();
        if (queue.bytes() > options.highWaterBytes()) {
            awaitsDrain = true;
        }
        return !awaitsDrain;
    }

    boolean transfer(FileRegion region) {
        if (!isTaken() || region.count() == 0) {
            return !awaitsDrain;
        }
        queue.add(region);
        awaitsDrain = true;
        lifecycle.settleSoon();
        return false;
    }

    // ---- sending

    /** The kernel took so many bytes of what is in flight. True where the output is drained by that, once. */
    boolean sent(long count) {
        deadlines.progressed();
        queue.sent(count);
        queue.flush(domain.engine(), handle);
        if (awaitsDrain && queue.bytes() <= options.lowWaterBytes() && !queue.holdsRegion()) {
            awaitsDrain = false;
            return true;
        }
        return false;
    }

    /** Hands what was written to the engine; behind the last of it, ends the output where that was asked for. */
    void settle() {
        queue.flush(domain.engine(), handle);
        if (queue.isFlying()) {
            deadlines.sending();
        } else if (endAsked && !ended) {
            ended = true;
            domain.engine().shutdownOutput(handle);
        }
    }

    /** Releases everything; only when the engine holds nothing of it any more. */
    void clear() {
        queue.clear();
    }

    // ---- the end

    /** Nothing more is written; what was is sent first. */
    void askEnd() {
        endAsked = true;
    }

    boolean isEndAsked() {
        return endAsked;
    }

    /** Whether everything was sent, and the end too. */
    boolean isEnded() {
        return ended;
    }
}
