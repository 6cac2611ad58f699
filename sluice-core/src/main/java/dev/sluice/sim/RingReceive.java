package dev.sluice.sim;

import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.Uring;

/** RECV into provided buffers, once or until it ends: io_recv() of io_uring/net.c. */
final class RingReceive extends RingRequest {
    /** MULTISHOT_MAX_RETRY: then others get their turn. */
    private static final int IN_A_ROW = 32;

    private final SimSocket socket;
    private final boolean multishot;
    /** Bytes after which it ends; 0: never. */
    private final int limit;

    private int received;

    RingReceive(SimRing ring, RingEntry entry, SimSocket socket) {
        super(ring, entry, socket);
        this.socket = socket;
        this.multishot = (entry.ioprio() & Uring.IORING_RECV_MULTISHOT) != 0;
        this.limit = entry.fileIndex();
    }

    @Override
    boolean isReady() {
        return socket.isReadable();
    }

    @Override
    int keys() {
        return Pollable.IN | Pollable.ERR;
    }

    @Override
    void issue() {
        for (int i = 0; i < IN_A_ROW; i++) {
            RingBuffers buffers = ring.buffers(entry.bufferGroup());
            if (buffers == null || buffers.isEmpty() || world.strikes(Faults.Kind.NO_BUFFERS)) {
                tell("finds no buffer to receive into", 0); // before it looks whether there is anything
                finish(-Errno.ENOBUFS, 0);
                return;
            }
            int n = ring.kernel.receiveSome(socket, buffers.address(), buffers.length());
            if (n == -Errno.EAGAIN) {
                arm();
                return;
            }
            if (n <= 0) {
                boolean told = n == 0 && world.dice().nextBoolean(); // kernels differ in whether an end has a buffer
                finish(n, told ? buffers.commit(0) : 0);
                return;
            }
            received += n;
            int flags = buffers.commit(n) | (socket.isReadable() ? Cqe.IORING_CQE_F_SOCK_NONEMPTY : 0);
            boolean more = multishot && (limit == 0 || received < limit) && goesOn();
            if (!more || !ring.post(entry, n, flags)) {
                finish(n, flags);
                return;
            }
        }
        queue();
    }
}
