package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.OpenFile;
import dev.sluice.UringOptions;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import dev.sluice.os.UringCalls;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * io_uring(7): operations are entries of a ring shared with the kernel; starting one is a few stores, and one
 * io_uring_enter(2) a turn submits them and waits. Accept and receive are multishot: armed once, they complete until
 * stopped, the receives into buffers that the kernel takes from a ring of provided ones.
 *
 * <p>One ring does, unless sockets live in its table of registered descriptors and that is full: see {@link UringRings}.
 * A further ring is entered only when it has something to submit or to finish.
 *
 * <p>May be made on any thread; the first poll binds it to the calling one. {@link #wake} is for any thread.
 */
public final class UringEngine implements LoopEngine {
    private final UringShared shared;
    private final UringOptions options;
    private final UringRings rings;
    private final UringAccepts accepts;
    /** To be disarmed, unless they are wanted again by the next poll. */
    private final ArrayDeque<UringHandle> stopped = new ArrayDeque<>();

    /** The ring that a dialled socket goes to, while it has room. */
    private UringRing dialling;

    /** The ring that is told first in the next turn. */
    private int foremost;

    private final long spinNanos;
    private boolean closed;

    /**
     * An engine.
     *
     * @param turnBytes what one connection may receive in one turn; before Linux 6.17 only the buffers bound that
     * @throws SysException if this machine has no io_uring for us; {@link #availability} says why
     */
    public UringEngine(UringOptions options, int turnBytes) {
        this(options, UringShared.onMachine(turnBytes));
    }

    /** The same over a kernel of one's own. Its calls on descriptors are released with the engine. */
    public UringEngine(UringOptions options, int turnBytes, UringCalls ringCalls, FdCalls fdCalls) {
        this(options, UringShared.on(ringCalls, fdCalls, turnBytes));
    }

    private UringEngine(UringOptions options, UringShared shared) {
        this.options = options;
        this.shared = shared;
        try {
            this.rings = new UringRings(shared, options);
        } catch (SysException e) {
            shared.close();
            throw e;
        }
        this.accepts = rings.accepts();
        this.spinNanos = TimeUnit.MICROSECONDS.toNanos(options.spinMicros());
        this.dialling = rings.first();
    }

    /** Whether this machine can run this engine, what of the ring is active, or why not and the cure. */
    public static Availability availability() {
        return UringProbe.availability();
    }

    @Override
    public String features() {
        return rings.features();
    }

    /**
     * Where a direct descriptor is.
     *
     * @param ring the ring's own descriptor
     * @param index the place in its table
     */
    public record Place(int ring, int index) {}

    /** Where a handle's direct descriptor is; null where it has none, or not yet, or is being closed. For a kernel of one's own. */
    public static @Nullable Place place(Handle handle) {
        return handle instanceof UringHandle h && h.direct && h.fd >= 0 && !h.closing
                ? new Place(h.ring.descriptor(), h.fd)
                : null;
    }

    /** Blocks of native memory that operations use now. */
    int lentBlocks() {
        return rings.lentBlocks();
    }

    /** Rings that are open. */
    int ringCount() {
        return rings.count();
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions listening) {
        // Non-blocking for those who accept by themselves (--shed); the ring waits by polling, whatever the descriptor
        // says.
        UringHandle listener = UringHandle.listener(rings.first(), shared.fdCalls.listen(address, listening));
        listener.handsOver = listening.handsOver();
        return listener;
    }

    @Override
    public Handle listenOn(int descriptor) {
        return UringHandle.listener(rings.first(), descriptor);
    }

    @Override
    public void accept(Handle listener) {
        accepts.want((UringHandle) listener);
    }

    @Override
    public void stopAccepting(Handle listener) {
        accepts.unwant((UringHandle) listener);
    }

    @Override
    public boolean acceptNow(Handle listener) {
        return accepts.acceptNow((UringHandle) listener, shared.fdCalls);
    }

    @Override
    public Handle adopt(Handle foreign) {
        return adopt(((UringHandle) foreign).surrender());
    }

    /** A connection with an ordinary descriptor from elsewhere. */
    Handle adopt(int descriptor) {
        return UringHandle.of(rings.first(), descriptor);
    }

    @Override
    public boolean release(Handle handle) {
        UringHandle h = (UringHandle) handle;
        if (h.closing || h.wanted || !h.isIdle() || h.direct && !takeOut(h)) {
            return false;
        }
        if (h.hasSlot()) {
            h.ring.leave(h);
        }
        return true;
    }

    /** Moves a socket from its ring's table to an ordinary descriptor; false where those are about to run out. */
    private boolean takeOut(UringHandle h) {
        int fd = h.ring.descriptors.install(h.fd);
        if (fd < 0 || rings.isHigh(fd)) {
            if (fd >= 0) {
                h.ring.descriptors.closeAtOnce(fd, false);
            }
            return false;
        }
        h.ring.descriptors.closeAtOnce(h.fd, true);
        h.fd = fd;
        h.direct = false;
        return true;
    }

    @Override
    public boolean sleeps() {
        return spinNanos == 0;
    }

    @Override
    public Handle connect(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        UringRing table = rings.wantsDirect() ? rings.withRoom(dialling) : null;
        if (table != null) {
            return connectIn(table, remote, family);
        }
        int fd = shared.fdCalls.socket(remote);
        shared.counters.systemCalls += family == Sockets.AF_UNIX ? 1 : 2;
        if (fd == -Errno.EMFILE && rings.ranOut(dialling)) {
            return connect(remote);
        }
        SysException.check(fd, "socket", remote);
        rings.note(fd);
        UringHandle h = UringHandle.of(rings.first(), fd);
        h.ring.connect(h, remote, family);
        return h;
    }

    private Handle connectIn(UringRing table, SocketAddress remote, int family) {
        dialling = table;
        UringHandle h = UringHandle.direct(table, -1);
        table.connect(h, remote, family);
        return h;
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing && !h.wanted) {
            h.wanted = true;
            h.ring.enter(h);
            h.ring.reconcile(h);
        }
    }

    @Override
    public void stopReceiving(Handle handle) {
        UringHandle h = (UringHandle) handle;
        if (h.wanted) {
            h.wanted = false;
            stopped.add(h); // not yet: much of what is stopped is wanted again within the same turn
        }
    }

    @Override
    public void send(Handle handle, Chunk first) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            h.ring.send(h, first);
        }
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            h.ring.sendFile(h, file, position, count);
        }
    }

    @Override
    public void shutdownOutput(Handle handle) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            h.ring.shutdownOutput(h);
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        UringHandle h = (UringHandle) handle;
        if (!h.closing) {
            if (h.listener) {
                accepts.forget(h);
            }
            h.ring.close(h, reset);
        }
    }

    // ---- descriptors of others

    @Override
    public boolean canWatch() {
        return true;
    }

    @Override
    public Watch watch(int fd, Watch.Ready ready) {
        return rings.first().watch(fd, ready);
    }

    @Override
    public @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        return rings.first().datagrams.open(fd, addressBytes, maxBytes, count, ready);
    }

    /** Datagram sockets whose buffers the kernel has. */
    int datagramSockets() {
        return rings.first().datagrams.openCount();
    }

    @Override
    public RingPort port() {
        return rings.first().port;
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        for (UringHandle h = stopped.poll(); h != null; h = stopped.poll()) {
            h.ring.reconcile(h);
        }
        accepts.settle();
        rings.first().settle();
        boolean elsewhere = false;
        for (int i = 1; i < rings.count(); i++) {
            elsewhere |= rings.get(i).advance();
        }
        waitInFirst(elsewhere || rings.first().isHopeful() ? 0 : timeoutNanos, elsewhere);
        tell();
    }

    /** Submits to the first ring, and waits in it unless there is something to tell already. */
    private void waitInFirst(long timeoutNanos, boolean elsewhere) {
        UringSubmitter first = rings.first().submitter;
        if (first.enable()) {
            shared.wake.arm(first);
        }
        boolean overflowed = first.overflowed();
        if (overflowed) {
            shared.counters.completionOverflows++;
        }
        int ready = first.ready();
        if (ready > 0 && !overflowed && first.unsubmitted() == 0) {
            return; // left over from the last turn
        }
        if (elsewhere && !first.isDue()) {
            return;
        }
        boolean waits = timeoutNanos != 0 && ready == 0 && !overflowed && shared.wake.beginWait();
        if (waits && spinNanos > 0) {
            waits = !spin(first, timeoutNanos);
        }
        first.enter(waits ? 1 : 0, waits ? timeoutNanos : -1);
        shared.wake.endTurn();
        shared.counters.waits++;
    }

    /** Looks at the rings' memory for a while; whether something came that needs no waiting. */
    private boolean spin(UringSubmitter first, long timeoutNanos) {
        if (first.unsubmitted() > 0) {
            first.enter(0, -1);
        }
        long end = shared.ringCalls.nanoTime() + (timeoutNanos < 0 ? spinNanos : Math.min(spinNanos, timeoutNanos));
        do {
            for (int i = 0; i < rings.count(); i++) {
                UringSubmitter each = rings.get(i).submitter;
                if (each.ready() > 0 || each.isDue()) {
                    return true;
                }
            }
            Thread.onSpinWait();
        } while (shared.ringCalls.nanoTime() - end < 0);
        return false;
    }

    /** Tells what completed, each turn beginning with another ring, so that one with much to tell holds up no other. */
    private void tell() {
        int left = options.completionsPerPoll();
        int count = rings.count();
        foremost = foremost + 1 < count ? foremost + 1 : 0;
        for (int i = 0; i < count; i++) {
            int told = rings.get((foremost + i) % count).tell(left);
            shared.counters.readyEvents += told;
            left -= told;
        }
    }

    @Override
    public void wake() {
        shared.wake.wake();
    }

    @Override
    public EngineCounters counters() {
        return shared.counters;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        rings.close();
        shared.close();
    }
}
