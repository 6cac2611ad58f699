package dev.sluice.lab.load;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The part of a load that lives in one serialization domain: a loop's, where the model has loops. Its connections, its part
 * of the schedule, and its latencies.
 *
 * <p>The lane is the session of a connection to a socket of the generator's own, which nobody reads. That gives it a domain, a
 * timer and a task queue that last, whatever becomes of the connections to the server; those are dialled from it.
 */
final class Lane implements Service, Session {
    /** Latencies in nanoseconds: up to an hour, three digits. */
    static final long MAX_NANOS = TimeUnit.HOURS.toNanos(1);

    static final int DIGITS = 3;

    final SingleWriterRecorder latencies = new SingleWriterRecorder(1, MAX_NANOS, DIGITS);
    final List<byte[]> requests;
    final Errors errors;
    final boolean open;
    final boolean churn;
    final int depth;
    final long thinkNanos;
    private final Pick pick;
    private final Schedule schedule;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Holder> holders = new ArrayList<>();
    private final ArrayDeque<Slot> free = new ArrayDeque<>();
    private final Dials dials = new Dials();
    private final Runnable opened;
    private final long timeoutNanos;
    /** Connections that were neither established nor refused yet for the first time. */
    final AtomicInteger unsettled;

    private @Nullable RollCall rollCall;
    private volatile @Nullable Connection anchor;
    private boolean running;
    private boolean over;
    private boolean timerSet;
    private boolean sending;
    private final Runnable timer = this::timeHasCome;
    /** Since when a free connection has been waiting for work rather than work for a connection. */
    private long freeSince;

    private boolean starved;
    private volatile long slippedNanos;
    private volatile long slippedCount;
    private volatile long overdueCount;
    private volatile @Nullable Throwable failure;

    /**
     * A lane.
     *
     * @param opened told when its domain is there
     */
    Lane(Load load, Protocol protocol, Errors errors, int lane, int lanes, AtomicInteger unsettled, Runnable opened) {
        this.requests = protocol.requests();
        this.errors = errors;
        this.open = load.isOpen();
        this.churn = load.churn();
        this.depth = load.pipelineCount();
        this.thinkNanos = load.think().toNanos();
        this.timeoutNanos = load.timeout().toNanos();
        this.pick = new Pick(load.mix(), lane);
        this.schedule = new Schedule(
                open ? load.ratePerSecond() : 1, load.arrivals(), load.burstCount(), lane, lanes, 0x51D1CE + lane);
        this.unsettled = unsettled;
        this.opened = opened;
    }

    // ---- the session of the connection to nobody

    @Override
    public Session open(Connection connection) {
        anchor = connection;
        return this;
    }

    @Override
    public void opened() {
        opened.run();
    }

    @Override
    public void received(ByteBuffer input) {
        throw new IllegalStateException("nobody writes to a lane");
    }

    @Override
    public void ended() {}

    private Connection anchor() {
        Connection a = anchor;
        if (a == null) {
            throw new IllegalStateException("the lane has no domain yet");
        }
        return a;
    }

    // ---- from any thread

    /** Runs a task inside the lane. */
    void execute(Runnable task) {
        if (!anchor().execute(task)) {
            throw new IllegalStateException("the lane is gone");
        }
    }

    /** The most that a request was late though a connection was free, since the last {@link #forgetSlips}. */
    long slippedNanos() {
        return slippedNanos;
    }

    /** Requests that were more than {@link #LATE_NANOS} late though a connection was free. */
    long slippedCount() {
        return slippedCount;
    }

    long overdueCount() {
        return overdueCount;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** A slip that is worth a word. */
    static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    // ---- inside the lane

    /** Dials connections that the lane is to hold; those that are slots take part in the load. */
    void connect(List<? extends Dials.Line> lines) {
        for (Dials.Line line : lines) {
            if (line instanceof Slot slot) {
                slots.add(slot);
            } else if (line instanceof Holder holder) {
                holders.add(holder);
            }
            if (!churn || line instanceof Holder) {
                dial(line);
            }
        }
        after(sweepNanos(), this::sweep);
    }

    void dial(Dials.Line line) {
        dials.add(anchor(), line);
    }

    /** Runs a task inside the lane, whether or not a connection is open by then. */
    void after(long delayNanos, Runnable task) {
        anchor().after(delayNanos, task);
    }

    /**
     * A dial has ended, well or not.
     *
     * @param first whether it was its connection's first one
     */
    void dialEnded(boolean first) {
        if (first) {
            unsettled.decrementAndGet();
        }
        dials.ended(anchor());
    }

    /** Begins to send. */
    void start(long now) {
        running = true;
        freeSince = now;
        schedule.start(now);
        slots.forEach(Slot::start);
        if (open) {
            sendDue();
        }
    }

    boolean isRunning() {
        return running && !over;
    }

    boolean isOver() {
        return over;
    }

    int pickKind() {
        return pick.next();
    }

    void record(long nanos) {
        latencies.recordValue(Math.min(Math.max(nanos, 1), MAX_NANOS));
    }

    void broken(@Nullable Throwable error) {
        failure = error;
    }

    /** A slot can take a request. */
    void free(Slot slot) {
        free.add(slot);
        if (starved) {
            starved = false;
            freeSince = System.nanoTime();
        }
        if (running) {
            sendDue();
        }
    }

    /** Sends what is due as long as there is a free slot, and sees to it that what is due next is sent then. */
    private void sendDue() {
        if (sending) {
            return; // a slot that has room for more comes back here
        }
        sending = true;
        long now = System.nanoTime();
        while (!over && !starved && schedule.next() - now <= 0) {
            Slot slot = free.poll();
            if (slot == null) {
                starved = true; // the next slot that is freed goes on
            } else if (slot.isFree()) {
                long due = schedule.next();
                schedule.advance();
                slipped(now - (due - freeSince > 0 ? due : freeSince));
                slot.send(due, now);
                now = System.nanoTime();
            }
        }
        sending = false;
        if (!over && !starved && !timerSet) {
            timerSet = true;
            anchor().after(schedule.next() - now, timer);
        }
    }

    private void timeHasCome() {
        timerSet = false;
        sendDue();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written inside the lane only
    private void slipped(long nanos) {
        if (nanos > slippedNanos) {
            slippedNanos = nanos;
        }
        if (nanos > LATE_NANOS) {
            slippedCount++;
        }
    }

    /** Forgets how late requests were, when the warm-up is over. */
    void forgetSlips() {
        slippedNanos = 0;
        slippedCount = 0;
    }

    private long sweepNanos() {
        return Math.clamp(timeoutNanos / 10, TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(100));
    }

    /** Drops connections whose answer is overdue: one look at all of them now and then, no timer for each request. */
    private void sweep() {
        long now = System.nanoTime();
        slots.forEach(slot -> slot.dropIfOverdue(now, timeoutNanos));
        if (rollCall != null) {
            rollCall.dropOverdue(now, timeoutNanos);
        }
        overdueCount = open && running ? schedule.overdueCount(now) : 0;
        if (!over) {
            anchor().after(sweepNanos(), this::sweep);
        }
    }

    /** Lets each idle connection make one request; {@code done} is run in the lane when all have answered or failed. */
    RollCall callRoll(Protocol protocol, Runnable done) {
        RollCall call = new RollCall(this, protocol, holders, done);
        rollCall = call;
        call.goOn();
        return call;
    }

    /** Ends the sending. */
    void finish() {
        over = true;
        dials.stop();
    }

    /** What has no answer at a moment. */
    record Unanswered(long count, long oldestNanos) {}

    Unanswered unanswered(long now) {
        long count = open && running ? schedule.overdueCount(now) : 0;
        long oldest = count > 0 ? now - schedule.next() : 0;
        for (Slot slot : slots) {
            count += slot.unansweredCount();
            oldest = Math.max(oldest, slot.oldestNanos(now));
        }
        return new Unanswered(count, oldest);
    }
}
