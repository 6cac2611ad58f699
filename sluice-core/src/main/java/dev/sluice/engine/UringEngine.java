package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Cqe;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import dev.sluice.os.UringQueues;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/**
 * io_uring(7): operations are entries of a ring shared with the kernel; starting one is a few stores, and one
 * io_uring_enter(2) a turn submits them and waits. Accept and receive are multishot: armed once, they complete until
 * stopped, the receives into buffers that the kernel takes from a ring of provided ones.
 *
 * <p>May be made on any thread; the first poll binds it to the calling one. {@link #wake} is for any thread.
 *
 * <p>An armed input, where only F_MORE says that the multishot lives on:
 *
 * <pre>
 *   off ──receive()──▶ armed ──stopReceiving(), at the next poll──▶ being disarmed ──last completion──▶ off
 *    ▲                  │ ▲ └─last completion: ENOBUFS, overflow: armed again──┐        │
 *    └──end, error──────┘ └──────────────────────────────────────────────────┴─receive() meanwhile
 * </pre>
 *
 * A close cancels what is in flight and closes the descriptor after the last completion: so no operation can meet
 * another bearer of its number.
 */
public final class UringEngine implements LoopEngine {
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState(arena);
    private final EngineCounters counters = new EngineCounters();
    private final UringSettings settings;
    private final UringSetup setup;
    private final UringQueues queues;
    private final UringRing ring;
    private final UringBuffers buffers;
    private final UringOutput output;
    private final NativeBlocks addresses = new NativeBlocks(SocketAddresses.MAX_BYTES, 256);
    private final UringSlots slots = new UringSlots();
    /** To be disarmed, unless they are wanted again by the next poll. */
    private final ArrayDeque<UringHandle> stopped = new ArrayDeque<>();
    /** Receives that found no buffer; armed again when those of this turn are back. */
    private final ArrayDeque<UringHandle> starved = new ArrayDeque<>();

    /** What one armed receive may bring before it ends and is armed again; 0 where the kernel knows no such limit. */
    private int receiveLimitBytes;

    private boolean closed;

    /**
     * An engine of the standard sizes.
     *
     * @param turnBytes what one connection may receive in one turn; before Linux 6.17 only the buffers bound that
     * @throws SysException if this machine has no io_uring for us; {@link #availability} says why
     */
    public UringEngine(int turnBytes) {
        this(UringSettings.standard(), turnBytes);
    }

    UringEngine(UringSettings settings, int turnBytes) {
        this.settings = settings;
        this.receiveLimitBytes = turnBytes;
        this.setup = UringSetup.open(settings, state);
        this.queues = setup.queues();
        try {
            this.buffers = new UringBuffers(queues, settings, arena, state);
        } catch (SysException e) {
            queues.close();
            throw e;
        }
        this.ring = new UringRing(queues, counters);
        this.output = new UringOutput(ring, counters);
    }

    /** Whether this machine can run this engine, what of the ring is active, or why not and the cure. */
    public static Availability availability() {
        return UringProbe.availability();
    }

    /** The names of what is active, for people. */
    String features() {
        return setup.features()
                + ", multishot accept and receive, provided buffers "
                + (buffers.isIncremental() ? "filled bit by bit" : "filled by one receive each");
    }

    /** Blocks of native memory that operations use now. */
    int lentBlocks() {
        return output.lentCount() + addresses.lentCount();
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        // Non-blocking for those who accept by themselves (--shed); the ring waits by polling, whatever the descriptor
        // says.
        return new UringHandle(Listening.open(address, options, Sockets.SOCK_NONBLOCK, state), true);
    }

    @Override
    public Handle listenOn(int descriptor) {
        return new UringHandle(descriptor, true);
    }

    @Override
    public void accept(Handle listener) {
        want((UringHandle) listener);
    }

    @Override
    public void stopAccepting(Handle listener) {
        unwant((UringHandle) listener);
    }

    @Override
    public Handle adopt(Handle foreign) {
        return new UringHandle(((UringHandle) foreign).surrender(), false);
    }

    @Override
    public Handle connect(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        int fd = SysException.check(
                Sockets.socket(family, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state), "socket", remote);
        counters.systemCalls++;
        if (family != Sockets.AF_UNIX) {
            counters.systemCalls++;
            Sockopt.setsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, 1, state);
        }
        UringHandle h = new UringHandle(fd, false);
        slots.enter(h);
        h.address = addresses.acquire();
        int length = SocketAddresses.encode(remote, family, h.address);
        h.takeOff(UringTag.CONNECT);
        Sqe.connect(ring.sqe(), fd, h.address, length, h.tag | UringTag.CONNECT);
        return h;
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        want((UringHandle) handle);
    }

    @Override
    public void stopReceiving(Handle handle) {
        unwant((UringHandle) handle);
    }

    private void want(UringHandle h) {
        if (!h.closing && !h.wanted) {
            h.wanted = true;
            slots.enter(h);
            reconcile(h);
        }
    }

    private void unwant(UringHandle h) {
        if (h.wanted) {
            h.wanted = false;
            stopped.add(h); // not yet: much of what is stopped is wanted again within the same turn
        }
    }

    /** Brings what is armed in line with what is wanted. */
    private void reconcile(UringHandle h) {
        if (h.closing) {
            return;
        }
        int operation = h.inputOperation();
        boolean armed = h.isFlying(operation);
        if (h.wanted && !armed) {
            long sqe = ring.sqe();
            h.takeOff(operation);
            if (h.listener) {
                Sqe.acceptMultishot(sqe, h.fd, Sockets.SOCK_CLOEXEC, h.tag | operation);
            } else {
                h.limited = receiveLimitBytes > 0;
                Sqe.recvMultishot(sqe, h.fd, buffers.group(), receiveLimitBytes, h.tag | operation);
            }
        } else if (!h.wanted && armed && !h.isFlying(UringTag.DISARM)) {
            long sqe = ring.sqe();
            h.takeOff(UringTag.DISARM);
            Sqe.cancel(sqe, h.tag | operation, h.tag | UringTag.DISARM);
        }
    }

    @Override
    public void send(Handle handle, Chunk first) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            slots.enter(h);
            output.send(h, first);
        }
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            slots.enter(h);
            output.sendFile(h, file, position, count);
        }
    }

    @Override
    public void shutdownOutput(Handle handle) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            // The ring would give this operation to a worker thread (io_uring/net.c forces it), the call takes a
            // microsecond.
            counters.systemCalls++;
            Sockets.shutdown(h.fd, Sockets.SHUT_WR, state); // ENOTCONN after a reset: the receive tells of it
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        UringHandle h = (UringHandle) handle;
        if (h.closing) {
            return;
        }
        h.closing = true;
        h.wanted = false;
        h.reset = reset;
        slots.enter(h);
        if (h.isIdle()) {
            closeDescriptor(h);
            return;
        }
        // One that is counted as in flight itself: or it might be submitted when the descriptor's number has a new
        // bearer.
        long sqe = ring.sqe();
        h.takeOff(UringTag.CANCEL);
        Sqe.cancelAll(sqe, h.fd, h.tag | UringTag.CANCEL);
    }

    private void closeDescriptor(UringHandle h) {
        if (h.reset) {
            counters.systemCalls++;
            Sockopt.setLinger(h.fd, 0, state);
        }
        long sqe = ring.sqe();
        h.takeOff(UringTag.CLOSE);
        Sqe.close(sqe, h.fd, h.tag | UringTag.CLOSE);
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        for (UringHandle h = stopped.poll(); h != null; h = stopped.poll()) {
            reconcile(h);
        }
        int count = Math.min(ring.turn(timeoutNanos), settings.completionsPerPoll());
        counters.readyEvents += count;
        try {
            for (int i = 0; i < count; i++) {
                long cqe = queues.cqe(0);
                long userData = Cqe.userData(cqe);
                int result = Cqe.res(cqe);
                int flags = Cqe.flags(cqe);
                queues.advance(1); // before the callback: whatever that does, this completion is told once
                tell(userData, result, flags);
            }
        } finally {
            buffers.publish();
            for (UringHandle h = starved.poll(); h != null; h = starved.poll()) {
                reconcile(h);
            }
        }
    }

    private void tell(long userData, int result, int flags) {
        int operation = UringTag.operation(userData);
        boolean over = (flags & Cqe.IORING_CQE_F_MORE) == 0;
        if (operation == UringTag.WAKE) {
            if (over) {
                ring.armWake();
            }
            return;
        }
        UringHandle h = slots.find(userData);
        if (h == null) {
            discard(operation, result, flags);
            return;
        }
        if (over) {
            h.landed(operation);
        }
        switch (operation) {
            case UringTag.RECEIVE -> received(h, result, flags, over);
            case UringTag.SEND -> sent(h, result);
            case UringTag.READ -> read(h, result);
            case UringTag.ACCEPT -> accepted(h, result, over);
            case UringTag.CONNECT -> connected(h, result);
            case UringTag.DISARM -> reconcile(h);
            case UringTag.CLOSE -> closed(h);
            default -> {
                assert operation == UringTag.CANCEL : "unknown operation " + operation;
            }
        }
        if (h.closing && h.isIdle() && h.fd >= 0) {
            closeDescriptor(h);
        }
    }

    /** What a completion brings that has no bearer any more must not be lost. */
    private void discard(int operation, int result, int flags) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            buffers.spend(Cqe.bufferId(flags), result, flags);
        }
        if (operation == UringTag.ACCEPT && result >= 0) {
            closeAtOnce(result);
        }
    }

    private void received(UringHandle h, int result, int flags, boolean over) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            int id = Cqe.bufferId(flags);
            try {
                if (result > 0 && !h.closing) {
                    counters.receives++;
                    counters.receivedBytes += result;
                    h.completion().received(buffers.lend(id, result));
                }
            } finally {
                buffers.spend(id, result, flags);
            }
        }
        if (!over || h.closing) {
            return;
        }
        if (result == -Errno.ENOBUFS) {
            counters.bufferExhaustions++;
            starved.add(h);
        } else if (result == -Errno.EINVAL && h.limited) {
            receiveLimitBytes = 0; // an older kernel: its receives go on until they are cancelled
            reconcile(h);
        } else if (result > 0 || isPassing(result) || (result == 0 && !h.wanted)) {
            reconcile(h); // an end that nobody waits for is met again by the next receive
        } else {
            h.wanted = false;
            h.completion().receiveEnded(result);
        }
    }

    private void accepted(UringHandle listener, int result, boolean over) {
        if (result >= 0) {
            counters.accepts++;
            if (listener.closing) {
                closeAtOnce(result);
            } else {
                listener.completion().accepted(new UringHandle(result, false));
            }
        } else if (!listener.closing && !isPassing(result)) {
            counters.acceptFailures++;
            listener.completion().acceptFailed(result);
        }
        if (over) {
            reconcile(listener);
        }
    }

    /** A result that only says that the operation stopped: by a cancel of ours, or by a signal. */
    private static boolean isPassing(int result) {
        return result == -Errno.ECANCELED || result == -Errno.EINTR;
    }

    private void connected(UringHandle h, int result) {
        addresses.release(h.address);
        h.address = 0;
        if (!h.closing) {
            h.completion().connected(result);
        }
    }

    private void sent(UringHandle h, int result) {
        if (output.sent(h, result) && !h.closing) {
            h.completion().sent(result);
        }
    }

    private void read(UringHandle h, int result) {
        if (h.closing) {
            output.free(h);
            return;
        }
        int failure = output.read(h, result);
        if (failure < 0) {
            h.completion().sent(failure);
        }
    }

    private void closed(UringHandle h) {
        h.fd = -1;
        slots.leave(h);
        h.completion().closed();
    }

    private void closeAtOnce(int fd) {
        counters.systemCalls++;
        Descriptors.close(fd, state);
    }

    @Override
    public void wake() {
        ring.wake();
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (UringHandle h = slots.any(); h != null; h = slots.any()) {
            closeAtOnce(h.fd);
            h.fd = -1;
            h.closing = true;
            slots.leave(h);
        }
        buffers.close(); // first: from now on no receive finds a buffer
        ring.close();
        output.close();
        addresses.close();
        arena.close();
    }
}
