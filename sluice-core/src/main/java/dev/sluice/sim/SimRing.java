package dev.sluice.sim;

import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.Uring;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One io_uring of a simulated kernel, by the rules of io_uring/io_uring.c: entries are tried in their order when an enter
 * submits them; what waits for a file is tried again in the task's work, which runs in an enter with GETEVENTS only
 * (DEFER_TASKRUN); completions for which the queue has no room wait in the kernel (NODROP), and keep their order.
 */
final class SimRing extends Pollable {
    /** IO_LOCAL_TW_DEFAULT_MAX: what one enter does of its work, unless it waits for more. */
    private static final int WORK_MOST = 20;
    /** An enter is refused so often in a row at most: memory comes free again. */
    private static final int REFUSED_MOST = 4;

    /** A completion that is not in the queue yet. */
    private record Done(long userData, int result, int flags) {}

    final SimKernel kernel;
    final World world;
    final Host host;
    private final SimUring calls;
    private final RingMemory memory;
    private final RingCommands commands = new RingCommands(this);
    private final List<RingRequest> inFlight = new ArrayList<>();
    private final List<Runnable> work = new ArrayList<>();
    /** Of the batch that is being carried out. */
    private final ArrayDeque<Done> finished = new ArrayDeque<>();

    private final ArrayDeque<Done> overflow = new ArrayDeque<>();
    private final Map<Integer, RingBuffers> groups = new HashMap<>();
    private @Nullable RingTable table;
    private @Nullable Pollable announced;
    private boolean enabled;
    private boolean waiting;
    private boolean closed;
    private int refused;

    SimRing(SimUring calls, SimKernel kernel, RingMemory memory, boolean enabled) {
        this.calls = calls;
        this.kernel = kernel;
        this.world = kernel.world();
        this.host = kernel.host();
        this.memory = memory;
        this.enabled = enabled;
    }

    @Override
    int readiness() {
        return memory.ready() > 0 ? IN : 0;
    }

    boolean knowsLimit() {
        return calls.knowsLimit();
    }

    RingMemory memory() {
        return memory;
    }

    // ---- what is registered

    void enable() {
        enabled = true;
    }

    RingTable table() {
        if (table == null) {
            throw new IllegalStateException("the ring was given an operation on its table, and has none");
        }
        return table;
    }

    int makeTable(int places) {
        if (table != null) {
            return -Errno.EBUSY;
        }
        table = new RingTable(places);
        return 0;
    }

    @Nullable
    RingBuffers buffers(int group) {
        return groups.get(group);
    }

    int addBuffers(int group, RingBuffers buffers) {
        return groups.putIfAbsent(group, buffers) == null ? 0 : -Errno.EEXIST;
    }

    int removeBuffers(int group) {
        return groups.remove(group) == null ? -Errno.EINVAL : 0;
    }

    void announceOn(Pollable eventFd) {
        announced = eventFd;
    }

    /** The file that an entry names. */
    @Nullable
    Pollable file(RingEntry entry) {
        return entry.isFixed() ? table().file(entry.fd()) : kernel.file(entry.fd());
    }

    // ---- io_uring_enter(2)

    /** What the call answers; where it waits, it parks the loop instead, and doesn't return. */
    int enter(int submitCount, int minComplete, int flags, long timeoutNanos) {
        waiting = false;
        if (!enabled) {
            return -Errno.EBADFD;
        }
        if (refused < REFUSED_MOST && world.strikes(Faults.Kind.RING_REFUSAL)) {
            refused++;
            return world.dice().nextBoolean() ? -Errno.EAGAIN : -Errno.EBUSY;
        }
        refused = 0;
        int submitted = submit(submitCount);
        if (submitted < submitCount || (flags & Uring.IORING_ENTER_GETEVENTS) == 0) {
            return submitted;
        }
        do {
            runWork();
            flushOverflow();
        } while (memory.ready() < minComplete && !work.isEmpty());
        if (memory.ready() >= minComplete || submitted > 0 && timeoutNanos == 0) {
            return submitted;
        }
        if (world.strikes(Faults.Kind.INTERRUPT)) {
            return submitted > 0 ? submitted : -Errno.EINTR;
        }
        waiting = true;
        return calls.park(timeoutNanos);
    }

    private int submit(int count) {
        int most = Math.min(count, memory.submitted());
        for (int i = 0; i < most; i++) {
            commands.start(memory.take());
        }
        flush();
        return most;
    }

    // ---- the task's work

    /** Something is to be done in an enter. */
    void addWork(Runnable item) {
        if (!closed) {
            work.add(item);
            memory.flag(RingMemory.SQ_TASKRUN, true);
            announce();
        }
    }

    private void announce() {
        if (announced instanceof SimEventFd eventFd) {
            eventFd.wake();
        }
        if (waiting) {
            waiting = false;
            calls.unpark();
        }
    }

    private void runWork() {
        boolean anyOrder = world.strikes(Faults.Kind.RING_ORDER);
        int most = Math.min(work.size(), anyOrder ? 1 + world.dice().below(WORK_MOST) : WORK_MOST);
        for (int i = 0; i < most; i++) {
            work.remove(anyOrder ? world.dice().below(work.size()) : 0).run();
        }
        flush();
        memory.flag(RingMemory.SQ_TASKRUN, !work.isEmpty());
    }

    // ---- requests

    void add(RingRequest request) {
        inFlight.add(request);
        request.start();
    }

    void forget(RingRequest request) {
        inFlight.remove(request);
    }

    @Nullable
    RingRequest find(long userData) {
        for (RingRequest request : inFlight) {
            if (request.entry.userData() == userData) {
                return request;
            }
        }
        return null;
    }

    // ---- completions

    /** The last completion of an entry; it is seen when the batch is over. */
    void complete(RingEntry entry, int result, int flags) {
        if (!entry.isSilent(result)) {
            finished.add(new Done(entry.userData(), result, flags));
        }
    }

    /** A further completion of a multishot, seen at once; or false: the queue has no room for it. */
    boolean post(RingEntry entry, int result, int flags) {
        flush(); // completions keep their order
        if (!overflow.isEmpty() || !memory.hasRoom()) {
            return false;
        }
        memory.put(entry.userData(), result, flags | Cqe.IORING_CQE_F_MORE);
        announce();
        return true;
    }

    private void flush() {
        for (Done done = finished.poll(); done != null; done = finished.poll()) {
            if (!overflow.isEmpty() || !memory.hasRoom() || world.strikes(Faults.Kind.RING_OVERFLOW)) {
                overflow.add(done);
                memory.flag(RingMemory.SQ_CQ_OVERFLOW, true);
            } else {
                memory.put(done.userData, done.result, done.flags);
            }
            announce();
        }
    }

    private void flushOverflow() {
        while (!overflow.isEmpty() && memory.hasRoom()) {
            Done done = overflow.remove();
            memory.put(done.userData, done.result, done.flags);
        }
        memory.flag(RingMemory.SQ_CQ_OVERFLOW, !overflow.isEmpty());
    }

    // ---- the end

    /** Its process is gone: it carries out nothing more, and its memory is there until it is closed. */
    void die(boolean withMachine) {
        if (withMachine && table != null) {
            table.vanish();
        }
        end();
    }

    private void end() {
        closed = true;
        enabled = false;
        waiting = false;
        announced = null;
        work.clear();
        for (RingRequest request : new ArrayList<>(inFlight)) {
            request.drop();
        }
        if (table != null) {
            table.clear();
        }
    }

    /** Cancels what is in flight, and frees what it holds. */
    @Override
    void close() {
        end();
        memory.free();
    }
}
