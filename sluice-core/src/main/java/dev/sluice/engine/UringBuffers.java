package dev.sluice.engine;

import dev.sluice.os.BufferRing;
import dev.sluice.os.CallState;
import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SysException;
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

    private final boolean incremental;
    private final BufferRing ring;
    private final ByteBuffer[] views;
    /** Where the next bit of each buffer begins. */
    private final int[] offsets;

    private int unpublishedCount;

    /** @param arena ends the views, so that one kept against the contract throws instead of reading freed memory */
    UringBuffers(UringQueues queues, UringSettings settings, Arena arena, CallState state) {
        BufferRing made = settings.incremental() ? incremental(queues, settings, state) : null;
        this.incremental = made != null;
        this.ring = made != null
                ? made
                : new BufferRing(queues.fd(), GROUP, settings.bufferCount(), settings.bufferBytes(), state);
        this.views = new ByteBuffer[settings.bufferCount()];
        this.offsets = new int[settings.bufferCount()];
        for (int id = 0; id < views.length; id++) {
            views[id] = NativeMemory.segment(ring.address(id), settings.bufferBytes(), arena)
                    .asByteBuffer();
        }
    }

    /** A ring whose buffers are filled bit by bit, or null where this kernel can't. */
    private static @Nullable BufferRing incremental(UringQueues queues, UringSettings settings, CallState state) {
        try {
            return new BufferRing(
                    queues.fd(),
                    GROUP,
                    settings.bufferCount(),
                    settings.bufferBytes(),
                    BufferRing.IOU_PBUF_RING_INC,
                    state);
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

    /** Hands the kernel the buffers that came back. */
    void publish() {
        if (unpublishedCount > 0) {
            unpublishedCount = 0;
            ring.publish();
        }
    }

    @Override
    public void close() {
        ring.close();
    }
}
