package dev.sluice.engine;

import dev.sluice.UringOptions;
import dev.sluice.os.BufferRing;
import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SysException;
import dev.sluice.os.UringCalls;
import dev.sluice.os.UringQueues;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The provided buffers of a ring, each with one view that is lent again and again. What was received is read during the
 * call that it is lent to; then a full buffer goes straight back, and the kernel sees it at {@link #publish}, once a turn.
 *
 * <p>Where the kernel can (Linux 6.12), buffers are filled bit by bit, each receive behind the one before it: a thousand
 * small requests then share a few pages, and buffers run out by bytes, not by messages. Where a bit begins follows from
 * the order of the completions.
 */
final class UringBuffers implements AutoCloseable {
    private static final int GROUP = 0;
    /** A ring begins with buffers of so many bytes: they are memory once they were used. */
    private static final int FIRST_BYTES = 512 * 1024;

    private final boolean incremental;
    private final BufferRing ring;
    private final Arena arena;
    private final ByteBuffer[] views;
    /** Where the next bit of each buffer begins. */
    private final int[] offsets;

    private int providedCount;
    private int unpublishedCount;

    /** @param arena ends the views, so that one kept against the contract throws instead of reading freed memory */
    UringBuffers(UringQueues queues, UringOptions options, Arena arena, UringCalls calls) {
        BufferRing made = options.incremental() ? incremental(queues, options, calls) : null;
        this.incremental = made != null;
        this.ring = made != null
                ? made
                : new BufferRing(queues.fd(), GROUP, options.bufferCount(), options.bufferBytes(), calls);
        this.arena = arena;
        this.views = new ByteBuffer[options.bufferCount()];
        this.offsets = new int[options.bufferCount()];
        provide(Math.clamp(FIRST_BYTES / options.bufferBytes(), 1, views.length));
        publish();
    }

    private void provide(int count) {
        for (; providedCount < count; providedCount++) {
            views[providedCount] = NativeMemory.segment(ring.address(providedCount), ring.bufferBytes(), arena)
                    .asByteBuffer();
            giveBack(providedCount);
        }
    }

    /** They ran out: takes as many again, up to the most there may be. The kernel sees them at {@link #publish}. */
    void grow() {
        provide(Math.min(2 * providedCount, views.length));
    }

    /** A ring whose buffers are filled bit by bit, or null where this kernel can't. */
    private static @Nullable BufferRing incremental(UringQueues queues, UringOptions options, UringCalls calls) {
        try {
            return new BufferRing(
                    queues.fd(),
                    GROUP,
                    options.bufferCount(),
                    options.bufferBytes(),
                    BufferRing.IOU_PBUF_RING_INC,
                    calls);
        } catch (SysException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return null;
        }
    }

    boolean isIncremental() {
        return incremental;
    }

    int group() {
        return GROUP;
    }

    /** What a completion brought. */
    ByteBuffer lend(int id, int bytes) {
        int offset = offsets[id];
        return views[id].clear().limit(offset + bytes).position(offset);
    }

    /** After the loan, or without one: for each completion that names a buffer. */
    void spend(int id, int result, int flags) {
        if (!incremental) {
            giveBack(id);
        } else if (result > 0) { // of nothing, nothing was taken, whatever BUF_MORE says (it is missing at an end)
            offsets[id] += result;
            if ((flags & Cqe.IORING_CQE_F_BUF_MORE) == 0) {
                offsets[id] = 0;
                giveBack(id);
            }
        }
    }

    private void giveBack(int id) {
        ring.add(id);
        unpublishedCount++;
    }

    /** Hands the kernel the buffers that came back; whether there were any. */
    boolean publish() {
        if (unpublishedCount == 0) {
            return false;
        }
        unpublishedCount = 0;
        ring.publish();
        return true;
    }

    @Override
    public void close() {
        ring.close();
    }
}
