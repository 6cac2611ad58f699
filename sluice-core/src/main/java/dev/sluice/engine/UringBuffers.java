package dev.sluice.engine;

import dev.sluice.os.BufferRing;
import dev.sluice.os.CallState;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.UringQueues;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * The provided buffers of a ring, each with one view that is lent again and again. A buffer goes straight back after
 * the call that it is lent to; the kernel sees it at {@link #publish}, once a turn.
 */
final class UringBuffers implements AutoCloseable {
    private static final int GROUP = 0;

    private final BufferRing ring;
    private final ByteBuffer[] views;
    private int unpublishedCount;

    /** @param arena ends the views, so that one kept against the contract throws instead of reading freed memory */
    UringBuffers(UringQueues queues, UringSettings settings, Arena arena, CallState state) {
        this.ring = new BufferRing(queues.fd(), GROUP, settings.bufferCount(), settings.bufferBytes(), state);
        this.views = new ByteBuffer[settings.bufferCount()];
        for (int id = 0; id < views.length; id++) {
            views[id] = NativeMemory.segment(ring.address(id), settings.bufferBytes(), arena)
                    .asByteBuffer();
        }
    }

    int group() {
        return GROUP;
    }

    /** What the kernel has put into a buffer. */
    ByteBuffer lend(int id, int bytes) {
        return views[id].clear().limit(bytes);
    }

    void giveBack(int id) {
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
