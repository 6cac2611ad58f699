package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.UringOptions;
import dev.sluice.os.Cqe;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import dev.sluice.os.Uring;
import java.net.SocketAddress;
import java.util.IdentityHashMap;
import java.util.Objects;

/**
 * One ring of a loop: its queues, its buffers, its table of registered descriptors, and the sockets whose operations it
 * carries. A socket of the table belongs to its ring until it is closed, or released to another engine.
 *
 * <p>A close cancels what is in flight and closes the descriptor after the last completion: so no operation can meet
 * another bearer of its number.
 */
final class UringRing implements AutoCloseable {
    final UringSubmitter submitter;
    final UringFiles files;
    final UringInput input;
    final UringDescriptors descriptors;
    final UringDatagrams datagrams;
    /** For operations on files. */
    final RingPort port;

    private final UringSetup setup;
    private final UringOptions options;
    private final UringShared shared;
    private final UringAccepts accepts;
    private final UringOutput output;
    private final UringSlots slots = new UringSlots();
    /** Where those go that are connecting: not in their handles, most of which are idle ever after. */
    private final IdentityHashMap<UringHandle, Remote> remotes = new IdentityHashMap<>();

    /** An address in native memory. */
    private record Remote(long address, int bytes) {}

    /**
     * A ring that is not enabled yet.
     *
     * @throws SysException if the kernel refuses
     */
    UringRing(UringShared shared, UringOptions options, UringAccepts accepts) {
        this.options = options;
        this.shared = shared;
        this.accepts = accepts;
        this.setup = UringSetup.open(options, shared.ringCalls);
        this.submitter = new UringSubmitter(setup.queues(), shared.counters);
        this.port = new RingPort(setup.queues(), submitter, shared.ringCalls);
        try {
            this.input = new UringInput(
                    setup.queues(),
                    submitter,
                    options,
                    shared.turnBytes,
                    shared.counters,
                    shared.arena,
                    shared.ringCalls);
        } catch (SysException e) {
            setup.queues().close();
            throw e;
        }
        this.output = new UringOutput(submitter, options.zeroCopyBytes(), shared.fdCalls, shared.counters);
        this.descriptors = new UringDescriptors(submitter, shared);
        this.datagrams = new UringDatagrams(this, setup.queues(), shared, options.multishot());
        this.files = new UringFiles(setup.queues(), options.tableCount(), shared);
    }

    String features() {
        return setup.features()
                + (options.multishot() ? ", multishot accept and receive" : ", accept and receive one by one")
                + ", provided buffers "
                + (input.isIncremental() ? "filled bit by bit" : "filled by one receive each")
                + (options.zeroCopyBytes() > 0 ? ", SEND_ZC from " + options.zeroCopyBytes() + " bytes" : "")
                + datagrams.features();
    }

    int descriptor() {
        return setup.queues().fd();
    }

    int cqEntries() {
        return setup.queues().cqEntries();
    }

    /** Has the kernel write to an eventfd when there is something to do in this ring. */
    void announceOn(int eventFd) {
        shared.counters.systemCalls++;
        SysException.check(
                Uring.registerEventFd(setup.queues().fd(), eventFd, shared.ringCalls),
                "io_uring_register",
                "EVENTFD, fd=" + setup.queues().fd());
    }

    int lentBlocks() {
        return output.lentCount();
    }

    /** Gives the handle a slot of this ring, if it has none yet. */
    void enter(UringHandle h) {
        slots.enter(h);
    }

    /** Takes the slot back of a handle that goes elsewhere; nothing may be in flight. */
    void leave(UringHandle h) {
        slots.leave(h);
    }

    // ---- operations

    /** Connects; the socket of a direct handle is opened first. */
    void connect(UringHandle h, SocketAddress remote, int family) {
        slots.enter(h);
        long address = shared.addresses.acquire();
        Remote to = new Remote(address, SocketAddresses.encode(remote, family, address));
        remotes.put(h, to);
        if (h.direct) {
            files.taken();
            long sqe = submitter.sqe();
            h.takeOff(UringTag.SOCKET);
            Sqe.socket(sqe, family, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0, h.tag | UringTag.SOCKET);
            Sqe.intoTable(sqe);
        } else {
            submitConnect(h, to);
        }
    }

    private void submitConnect(UringHandle h, Remote to) {
        long sqe = submitter.sqe(h);
        h.takeOff(UringTag.CONNECT);
        Sqe.connect(sqe, h.fd, to.address(), to.bytes(), h.tag | UringTag.CONNECT);
    }

    private void opened(UringHandle h, int result) {
        if (result < 0) {
            files.freed();
            connected(h, result);
            return;
        }
        h.fd = result;
        Remote to = Objects.requireNonNull(remotes.get(h));
        if (h.closing) {
            releaseAddress(h);
            return;
        }
        if (NativeMemory.getShort(to.address()) != Sockets.AF_UNIX) {
            descriptors.setNoDelay(h);
        }
        submitConnect(h, to);
    }

    /** Watches a descriptor of somebody else's: the handle has none, so that the ring never closes it. */
    Watch watch(int fd, Watch.Ready ready) {
        UringHandle h = UringHandle.of(this, -1);
        slots.enter(h);
        UringWatch watch = new UringWatch(this, h, fd, ready);
        h.completion(watch);
        return watch;
    }

    void shutdownOutput(UringHandle h) {
        slots.enter(h);
        descriptors.shutdownOutput(h);
    }

    void send(UringHandle h, Chunk first) {
        slots.enter(h);
        output.send(h, first);
    }

    void sendFile(UringHandle h, OpenFile file, long position, long count) {
        slots.enter(h);
        output.sendFile(h, file, position, count);
    }

    void close(UringHandle h, boolean reset) {
        h.closing = true;
        h.wanted = false;
        h.reset = reset;
        slots.enter(h);
        descriptors.cancel(h);
        settleClose(h);
    }

    /** Once nothing is in flight that holds the descriptor, closes it; once nothing is in flight, tells so. */
    private void settleClose(UringHandle h) {
        if (h.closeStarted) {
            if (h.isIdle()) {
                slots.leave(h);
                h.completion().closed();
            }
        } else if (h.isReleased()) {
            h.closeStarted = true;
            descriptors.close(h);
        }
    }

    // ---- the turn

    /** Right before each enter. */
    void settle() {
        input.settle(isDrained());
    }

    private boolean isDrained() {
        return submitter.ready() == 0 && !submitter.overflowed();
    }

    /** Enters, if the ring has something to do; whether there is something to tell, or still to do: the kernel may refuse. */
    boolean advance() {
        settle();
        if (submitter.isDue()) {
            submitter.enter(0, -1);
        }
        return submitter.ready() > 0 || submitter.isDue() || isHopeful();
    }

    /** Whether it has something to send without being told of room. */
    boolean isHopeful() {
        return output.hopefulCount() > 0;
    }

    /** Tells what completed, at most so much; how much it was. */
    int tell(int most) {
        int count = Math.min(submitter.ready(), most);
        try {
            for (int i = 0; i < count; i++) {
                submitter.take(); // before the callback: whatever that does, this completion is told once
                tell(submitter.userData, submitter.result, submitter.flags);
            }
            tellHopeful();
        } finally {
            input.endTurn(isDrained());
            datagrams.endTurn();
        }
        return count;
    }

    /** What is sent then, and hopeful once more, waits for the next turn. */
    private void tellHopeful() {
        for (int left = output.hopefulCount(); left > 0; left--) {
            UringHandle h = output.nextHopeful();
            goOn(h, false);
            if (h.closing) {
                settleClose(h);
            }
        }
    }

    private void tell(long userData, int result, int flags) {
        int operation = UringTag.operation(userData);
        boolean over = (flags & Cqe.IORING_CQE_F_MORE) == 0;
        if (operation >= UringTag.WAKE) {
            tellOwn(operation, userData, result, over);
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
            case UringTag.RECEIVE -> input.received(h, result, flags, over);
            case UringTag.SEND -> sent(h, result, flags, over);
            case UringTag.READ -> read(h, result);
            case UringTag.ROOM -> goOn(h, true);
            case UringTag.ACCEPT, UringTag.ACCEPT_DIRECT ->
                accepts.accepted(h, result, operation == UringTag.ACCEPT_DIRECT);
            case UringTag.SOCKET -> opened(h, result);
            case UringTag.CONNECT -> connected(h, result);
            case UringTag.DISARM -> reconcile(h);
            case UringTag.DATAGRAMS -> ((UringDatagramInput) h.completion()).completed(result, flags, over);
            case UringTag.POLL -> ((UringWatch) h.completion()).polled(result);
            case UringTag.CLOSE -> closed(h);
            default -> {
                assert operation == UringTag.SHUTDOWN : "unknown operation " + operation;
            }
        }
        if (h.closing) {
            settleClose(h);
        }
    }

    private void tellOwn(int operation, long userData, int result, boolean over) {
        if (operation >= UringTag.GUEST) {
            port.completed(userData, result);
        } else if (operation == UringTag.WAKE && over) {
            shared.wake.arm(submitter);
        } else if (operation == UringTag.DISCARD) {
            files.freed();
        }
    }

    void reconcile(UringHandle h) {
        if (h.listener) {
            accepts.reconcile(h);
        } else {
            input.reconcile(h);
        }
    }

    /** What a completion brings that has no bearer any more must not be lost. */
    private void discard(int operation, int result, int flags) {
        if (operation != UringTag.DATAGRAMS) { // its group is gone with its bearer
            input.discard(result, flags);
        }
        if (result >= 0 && operation == UringTag.ACCEPT) {
            descriptors.closeAtOnce(result, false);
        } else if (result >= 0 && operation == UringTag.ACCEPT_DIRECT) {
            files.taken();
            descriptors.closeAtOnce(result, true);
        }
    }

    private void connected(UringHandle h, int result) {
        releaseAddress(h);
        if (!h.closing) {
            h.completion().connected(result);
        }
    }

    private void releaseAddress(UringHandle h) {
        Remote to = remotes.remove(h);
        if (to != null) {
            shared.addresses.release(to.address());
        }
    }

    /** A zero-copy send completes twice: with its result, and when its memory is free. */
    private void sent(UringHandle h, int result, int flags, boolean over) {
        UringSend send = Objects.requireNonNull(h.sending);
        send.memoryInUse = !over;
        if (!over) {
            send.sentBytes = result;
            if (result < 0 && !UringOutput.isPassing(result) && !h.closing) {
                h.completion().sent(result); // at once: with it the kernel forgot the error, and receives tell an end
            }
            return;
        }
        int all = (flags & Cqe.IORING_CQE_F_NOTIF) != 0 ? send.sentBytes : result;
        if (output.sent(h, all) && !h.closing) {
            h.completion().sent(all);
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

    private void goOn(UringHandle h, boolean told) {
        if (h.closing) {
            output.free(h);
            return;
        }
        long taken = output.goOn(h, told);
        if (taken != 0) {
            h.completion().sent(taken);
        }
    }

    private void closed(UringHandle h) {
        if (h.direct && h.fd >= 0) {
            files.freed();
        }
        h.fd = -1;
    }

    @Override
    public void close() {
        for (UringHandle h = slots.any(); h != null; h = slots.any()) {
            if (!h.direct && h.fd >= 0) {
                descriptors.closeAtOnce(h.fd, false);
            } // a direct descriptor ends with the ring
            h.fd = -1;
            h.closing = true;
            slots.leave(h);
        }
        input.close(); // first: from now on no receive finds a buffer
        datagrams.close();
        submitter.close();
        port.closed();
        output.close();
    }
}
