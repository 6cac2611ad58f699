package dev.sluice.lab.load;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of the load's connections, over all its reconnections: the requests in flight, in order, each with the time from which
 * its latency counts. At most one connection of it lives at a time. Inside its lane only.
 */
final class Slot implements Dials.Line, Session {
    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LAST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Lane lane;
    private final SocketAddress address;
    private final Answers answers;
    private final boolean measured;
    private final int slowBytesPerSecond;
    private final Runnable thought = this::thought;
    private final Runnable next = this::sendOwed;

    private final InFlight flight;
    /** Requests that were answered and whose successors are not sent yet. */
    private int owed;

    private @Nullable Connection connection;
    private @Nullable Pace pace;
    private boolean established;
    private boolean settled;
    private boolean leaving;
    private boolean failed;
    private boolean queued;
    /** This connection has answered. */
    private boolean served;

    private long dialledNanos;
    private long waitNanos = FIRST_WAIT_NANOS;

    /**
     * A connection.
     *
     * @param measured whether its answers count
     * @param slowBytesPerSecond 0 for full speed
     */
    Slot(Lane lane, SocketAddress address, Answers answers, boolean measured, int slowBytesPerSecond) {
        this.lane = lane;
        this.address = address;
        this.answers = answers;
        this.measured = measured;
        this.slowBytesPerSecond = slowBytesPerSecond;
        this.flight = new InFlight(lane.depth);
        this.settled = lane.churn; // dialled only when there is a request for it
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    // ---- sending

    /** The load begins. */
    void start() {
        if (established || lane.churn) {
            offer();
        }
    }

    /** A request of an open loop can be taken. */
    boolean isFree() {
        queued = false;
        return lane.churn
                ? connection == null && flight.isEmpty()
                : established && !leaving && flight.count() < lane.depth;
    }

    /** Takes a request of an open loop. */
    void send(long due, long now) {
        add(due, now);
        offerMore();
    }

    /** Fills the window, or tells the lane that there is room. */
    private void offer() {
        if (!lane.isRunning()) {
            return;
        }
        if (paced()) {
            offerMore();
            return;
        }
        long now = System.nanoTime();
        while (flight.count() < lane.depth) {
            add(now, now);
        }
    }

    /** Whether the lane's schedule says when to send: slow connections beside the load have their own time. */
    private boolean paced() {
        return lane.open && measured;
    }

    private void offerMore() {
        boolean room = lane.churn ? connection == null && flight.isEmpty() : flight.count() < lane.depth;
        if (room && !queued) {
            queued = true;
            lane.free(this);
        }
    }

    private void add(long due, long now) {
        int at = flight.add(due, lane.pickKind());
        if (established) {
            write(at, now);
        } else if (lane.churn && connection == null) {
            lane.dial(this);
        }
    }

    private void write(int at, long now) {
        Connection c = connection;
        if (c == null) {
            return;
        }
        flight.sent(at, now);
        byte[] bytes = lane.requests.get(flight.kind(at));
        if (pace != null) {
            pace.write(bytes);
        } else {
            c.write(bytes, 0, bytes.length);
        }
    }

    // ---- the session

    @Override
    public Session open(Connection connection) {
        this.connection = connection;
        dialledNanos = System.nanoTime();
        answers.reset();
        owed = 0;
        served = false;
        return this;
    }

    @Override
    public void opened() {
        established = true;
        if (slowBytesPerSecond > 0 && connection != null) {
            pace = new Pace(connection, slowBytesPerSecond);
        }
        dialEnded();
        long now = System.nanoTime();
        for (int i = 0; i < flight.count(); i++) { // what an earlier connection left, or what this one was dialled for
            write(flight.index(i), now);
        }
        if (!lane.churn) {
            offer();
        }
    }

    private void dialEnded() {
        lane.dialEnded(!settled);
        settled = true;
    }

    @Override
    public void received(ByteBuffer input) {
        Pace p = pace;
        if (p == null) {
            readAll(input);
            return;
        }
        int from = input.position();
        int limit = p.before(input);
        readAll(input);
        p.after(input, from, limit);
    }

    /** Reads what came, and only then sends: an answer must not be taken for that of a request that has not left yet. */
    private void readAll(ByteBuffer input) {
        long now = System.nanoTime();
        while (input.hasRemaining()) {
            if (leaving || failed) {
                input.position(input.limit());
            } else if (flight.isEmpty()) {
                fail(Errors.Kind.BODY, "bytes came that nobody had asked for");
            } else {
                take(answers.read(input, flight.firstKind()), now);
            }
        }
        goOn();
    }

    private void take(Answers.Outcome outcome, long now) {
        switch (outcome) {
            case MORE -> {}
            case COMPLETE -> answered(now, true);
            case REFUSED -> {
                lane.errors.add(Errors.Kind.STATUS, 1, answers.problem());
                answered(now, false);
            }
            case BROKEN -> fail(Errors.Kind.BODY, answers.problem());
        }
    }

    /** The first request in flight has its answer. */
    private void answered(long now, boolean good) {
        if (good && measured) {
            lane.record(now - flight.firstDue());
        }
        flight.removeFirst();
        served = true;
        waitNanos = FIRST_WAIT_NANOS;
        if (lane.churn || answers.last()) {
            leave();
        } else {
            owed++;
        }
    }

    /**
     * Lets the next requests follow those that were answered. A closed loop sends them only when the answers that are
     * there on other connections have been read too: those would be charged with the time that sending takes. That costs
     * a task for each answer, some 40 bytes, and no time that shows.
     */
    private void goOn() {
        Connection c = connection;
        if (owed == 0 || c == null || leaving || failed || !lane.isRunning()) {
            owed = 0;
        } else if (paced()) {
            owed = 0;
            offerMore();
        } else if (lane.thinkNanos > 0) {
            for (; owed > 0; owed--) {
                c.after(lane.thinkNanos, thought);
            }
        } else if (!c.execute(next)) {
            sendOwed();
        }
    }

    private void sendOwed() {
        if (established && !leaving && !failed && lane.isRunning()) {
            long now = System.nanoTime();
            for (; owed > 0; owed--) {
                add(now, now);
            }
        }
        owed = 0;
    }

    private void thought() {
        if (lane.isRunning() && established && !leaving && flight.count() < lane.depth) {
            long now = System.nanoTime();
            add(now, now);
        }
    }

    // ---- ends

    /** Gives up this connection in good order; what is in flight is sent again on the next one. */
    private void leave() {
        leaving = true;
        if (connection != null) {
            connection.close();
        }
    }

    private void fail(Errors.Kind kind, String what) {
        failed = true;
        lost(kind, what);
        if (connection != null) {
            connection.abort();
        }
    }

    /** The requests in flight get no answer: the first for this reason, the others because they were behind it. */
    private void lost(Errors.Kind kind, String what) {
        lane.errors.add(kind, 1, what);
        if (flight.count() > 1) {
            lane.errors.add(Errors.Kind.RESET, flight.count() - 1L, "the connection was given up before the answer");
        }
        flight.clear();
    }

    @Override
    public void ended() {
        if (flight.isEmpty() || leaving || failed) {
            leave();
        } else if (!answers.begun()) {
            fail(Errors.Kind.RESET, "the connection was closed before the answer");
        } else {
            take(answers.ended(), System.nanoTime());
        }
    }

    @Override
    public void closed(Cause cause) {
        boolean was = established;
        established = false;
        connection = null;
        pace = null;
        if (lane.isOver()) {
            return;
        }
        if (cause.kind() == Cause.Kind.FAILURE) {
            lane.broken(cause.error());
        }
        if (!was) {
            dialEnded();
        }
        boolean orderly = leaving || was && flight.isEmpty() && !failed;
        if (!orderly && !failed) {
            lost(kindOf(cause, was), cause.detail().isEmpty() ? cause.toString() : cause.detail());
        }
        leaving = false;
        failed = false;
        again(orderly);
    }

    private static Errors.Kind kindOf(Cause cause, boolean established) {
        if (!established) {
            return Errors.Kind.CONNECT;
        }
        return cause.kind() == Cause.Kind.TIMEOUT ? Errors.Kind.TIMEOUT : Errors.Kind.RESET;
    }

    /** Connects again: at once after a good answer and an end in order, else after a pause that grows meanwhile. */
    private void again(boolean orderly) {
        Runnable next = lane.churn && flight.isEmpty() ? this::churnNext : () -> lane.dial(this);
        if (orderly && served) {
            next.run();
        } else {
            lane.after(waitNanos, next);
            waitNanos = Math.min(waitNanos * 2, LAST_WAIT_NANOS);
        }
    }

    private void churnNext() {
        if (paced()) {
            offerMore();
        } else if (lane.thinkNanos > 0) {
            lane.after(lane.thinkNanos, this::offer);
        } else {
            offer();
        }
    }

    // ---- for the lane's sweep and end

    /** Gives the connection up when its first request in flight, or its dial, has waited too long. */
    void dropIfOverdue(long now, long timeoutNanos) {
        if (connection == null || leaving || failed) {
            return;
        }
        if (!established && now - dialledNanos > timeoutNanos) {
            failed = true;
            lost(Errors.Kind.CONNECT, "the connection was not established in time");
            connection.abort();
        } else if (established && !flight.isEmpty() && now - waitingSince() > timeoutNanos) {
            fail(Errors.Kind.TIMEOUT, "no answer within " + timeoutNanos / 1_000_000 + " ms");
        }
    }

    private long waitingSince() {
        Pace p = pace;
        return p == null ? flight.firstSent() : p.movedNanos();
    }

    int unansweredCount() {
        return measured ? flight.count() : 0;
    }

    /** How long ago the first request in flight was due. */
    long oldestNanos(long now) {
        return measured && !flight.isEmpty() ? now - flight.firstDue() : 0;
    }
}
