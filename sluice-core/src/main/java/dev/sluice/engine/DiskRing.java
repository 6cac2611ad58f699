package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.UringOptions;
import dev.sluice.os.CallState;
import dev.sluice.os.Cqe;
import dev.sluice.os.Platform;
import dev.sluice.os.SysException;
import dev.sluice.os.Uring;
import dev.sluice.os.UringCalls;
import java.util.function.Function;

/**
 * A ring without sockets: one guest, and a wait that ends with its completions or a wake-up.
 *
 * <p>May be made on any thread; the first poll binds it to the calling one. {@link #wake} is for any thread.
 */
public final class DiskRing implements AutoCloseable {
    private static final String USE_POOL = ", or use the disk engine pool";

    private final EngineCounters counters = new EngineCounters();
    private final UringWake wake;
    private final UringSetup setup;
    private final UringSubmitter submitter;
    private final RingPort port;
    private boolean closed;

    /**
     * A ring.
     *
     * @param submissions entries that one system call submits at most, a power of two
     * @param completions entries for those that are done, a power of two; more at once cost time, and none is lost
     * @throws SysException if this machine has no io_uring for us; {@link #availability} says why
     */
    public DiskRing(int submissions, int completions) {
        this(submissions, completions, UringCalls::machine);
    }

    /** The same over a kernel of one's own. */
    public DiskRing(int submissions, int completions, Function<CallState, UringCalls> kernel) {
        UringCalls calls = kernel.apply(new CallState());
        UringOptions options =
                UringOptions.builder().entries(submissions, completions).build();
        this.wake = new UringWake(new WakeFd());
        try {
            this.setup = UringSetup.open(options, calls);
        } catch (SysException e) {
            wake.close();
            throw e;
        }
        this.submitter = new UringSubmitter(setup.queues(), counters);
        this.port = new RingPort(setup.queues(), submitter, calls);
    }

    /** Whether this machine has such rings, what of them is active, or why not and the cure. */
    public static Availability availability() {
        if (!Platform.isLinux()) {
            return Availability.no(
                    "io_uring is Linux's; this is " + System.getProperty("os.name"), "use the disk engine pool");
        }
        try (DiskRing ring = new DiskRing(8, 16)) {
            // The newest of the operations that it can't do without: mkdirat, since Linux 5.15.
            boolean complete = Uring.probe(ring.port.descriptor(), Uring.IORING_OP_MKDIRAT, ring.port.calls()) == 1;
            return complete
                    ? Availability.yes(ring.setup.features())
                    : Availability.no("this kernel's io_uring is too old", "use Linux 5.19 or newer" + USE_POOL);
        } catch (SysException e) {
            return UringProbe.explain(e, USE_POOL);
        }
    }

    public RingPort port() {
        return port;
    }

    /** System calls so far. */
    public long systemCalls() {
        return counters.systemCalls;
    }

    /**
     * Submits what was started, waits until something completes, the time is over or {@link #wake} is called, and tells the
     * results that are there.
     *
     * @param timeoutNanos 0 returns at once, negative waits without a bound
     */
    public void poll(long timeoutNanos) {
        if (submitter.enable()) {
            wake.arm(submitter);
        }
        boolean nothing = submitter.ready() == 0;
        boolean waits = timeoutNanos != 0 && nothing && wake.beginWait();
        if (waits || submitter.isDue()) {
            submitter.enter(waits ? 1 : 0, waits ? timeoutNanos : -1);
        }
        wake.endTurn();
        tell();
    }

    private void tell() {
        for (int left = submitter.ready(); left > 0 && submitter.ready() > 0; left--) {
            submitter.take(); // before the callback: whatever that does, this completion is told once
            int operation = UringTag.operation(submitter.userData);
            if (operation >= UringTag.GUEST) {
                port.completed(submitter.userData, submitter.result);
            } else if (operation == UringTag.WAKE && (submitter.flags & Cqe.IORING_CQE_F_MORE) == 0) {
                wake.arm(submitter);
            }
        }
    }

    /** Ends the poll that is under way, or the next one. From any thread. */
    public void wake() {
        wake.wake();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            submitter.close();
            port.closed();
            wake.close();
        }
    }
}
