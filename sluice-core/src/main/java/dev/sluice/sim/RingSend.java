package dev.sluice.sim;

import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sockets;
import dev.sluice.os.Uring;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** SEND, SENDMSG and SEND_ZC: io_send(), io_sendmsg() and io_send_zc() of io_uring/net.c. */
final class RingSend extends RingRequest {
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int IOV_BYTES = 16;

    /** How often a worker thread takes over, which doesn't wait for a socket's room: ____sys_sendmsg() of net/socket.c. */
    private static final double REFUSED = 0.1;

    private static final long FREE_LEAST_NANOS = 1_000;
    private static final long FREE_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final SimSocket socket;
    private final boolean whole;
    private final boolean zeroCopy;
    private final boolean message;
    private final long[] addresses;
    private final long[] lengths;
    private final long total;
    private int done;

    RingSend(SimRing ring, RingEntry entry, SimSocket socket) {
        super(ring, entry, socket);
        this.socket = socket;
        this.whole = (entry.operationFlags() & Sockets.MSG_WAITALL) != 0;
        this.zeroCopy = entry.opcode() == Uring.IORING_OP_SEND_ZC;
        this.message = entry.opcode() == Uring.IORING_OP_SENDMSG;
        if (message) { // the vectors are copied when it is submitted
            int count = NativeMemory.getInt(entry.address() + MSG_IOVLEN);
            long vectors = NativeMemory.getLong(entry.address() + MSG_IOV);
            addresses = new long[count];
            lengths = new long[count];
            for (int i = 0; i < count; i++) {
                addresses[i] = NativeMemory.getLong(vectors + (long) i * IOV_BYTES);
                lengths[i] = NativeMemory.getLong(vectors + (long) i * IOV_BYTES + Long.BYTES);
            }
        } else {
            addresses = new long[] {entry.address()};
            lengths = new long[] {Integer.toUnsignedLong(entry.length())};
        }
        this.total = Arrays.stream(lengths).sum();
    }

    @Override
    boolean isReady() {
        return (socket.readiness() & (Pollable.OUT | Pollable.ERR | Pollable.HUP)) != 0;
    }

    @Override
    int keys() {
        return Pollable.OUT | Pollable.ERR;
    }

    @Override
    void issue() {
        int n = sendSome();
        if (n == -Errno.EAGAIN && message && world.dice().chance(REFUSED)) {
            finish(n, 0);
        } else if (n == -Errno.EAGAIN || (n > 0 && whole && done < total)) {
            arm();
        } else if (zeroCopy) {
            finish(done > 0 ? done : n, Cqe.IORING_CQE_F_MORE);
            freeMemoryLater();
        } else {
            finish(done > 0 ? done : n, 0);
        }
    }

    /** As much as fits: bytes, or a negative errno. */
    private int sendSome() {
        int sent = 0;
        long before = 0;
        for (int i = 0; i < addresses.length; i++) {
            long from = Math.max(0, done - before);
            before += lengths[i];
            if (from >= lengths[i]) {
                continue;
            }
            int n = ring.kernel.sendSome(socket, addresses[i] + from, lengths[i] - from, sent == 0);
            if (n < 0) {
                return sent > 0 ? sent : n;
            }
            sent += n;
            done += n;
            if (n < lengths[i] - from) {
                break;
            }
        }
        return sent;
    }

    /** io_sendrecv_fail(): what was sent already is told. */
    @Override
    int cancelledResult() {
        if (zeroCopy) {
            freeMemoryLater();
        }
        return done > 0 ? done : super.cancelledResult();
    }

    @Override
    int cancelledFlags() {
        return zeroCopy ? Cqe.IORING_CQE_F_MORE : 0;
    }

    /** The network reads the memory until the peer has acknowledged it: until then it must stay as it is. */
    private void freeMemoryLater() {
        byte[] sent = new byte[done];
        NativeMemory.copy(addresses[0], sent, 0, done);
        world.in(
                world.dice().spread(FREE_LEAST_NANOS, FREE_MOST_NANOS),
                () -> ring.addWork(() -> {
                    byte[] now = new byte[sent.length];
                    NativeMemory.copy(addresses[0], now, 0, now.length);
                    if (!Arrays.equals(sent, now)) {
                        world.checks()
                                .violated(ring.host, socket.number(), "memory of a zero-copy send is changed", null);
                    }
                    ring.complete(entry, 0, Cqe.IORING_CQE_F_NOTIF);
                }));
    }
}
