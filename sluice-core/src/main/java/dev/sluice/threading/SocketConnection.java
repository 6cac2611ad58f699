package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Completion;
import dev.sluice.engine.Handle;
import dev.sluice.os.Errno;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection's state machine, the same on every model: kept input, queued output, marks, ends, deadlines, and the
 * containment of what a session throws. It asks its {@link Domain} for an engine, a clock and an order, and knows nothing
 * of which engine that is.
 *
 * <pre>
 *   OPENING ──connected──▶ OPEN ──close()──▶ CLOSING ──output sent, peer ended or time over──▶ ENDING ──▶ CLOSED
 *      └─────────────── an error, a limit, abort() or both ends: finish(cause) ───────────────────▲
 * </pre>
 *
 * ENDING waits for the engine's {@code closed}, after which nothing of the connection is in flight.
 *
 * <p>All of it runs inside the domain, {@link #execute} apart.
 */
public final class SocketConnection implements Connection, Completion, Dialer {
    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        ENDING,
        CLOSED
    }

    private static final VarHandle TASKS;

    static {
        try {
            TASKS = MethodHandles.lookup().findVarHandle(SocketConnection.class, "tasks", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Domain domain;
    private final Options options;
    private final Handle handle;
    private final Input input;
    private final OutputQueue output;
    private final Deadlines deadlines;
    private State state = State.OPENING;
    private @Nullable Session session;
    private @Nullable Cause cause;
    /** Read by {@link #execute} from any thread. */
    private volatile boolean over;

    @SuppressWarnings("unused") // through TASKS
    private volatile int tasks;

    private boolean dispatching;
    private boolean awaitsDrain;
    private boolean accepted;
    private boolean closeAsked;
    private boolean endAsked;
    private boolean outputEnded;
    private boolean stoppingTold;
    private boolean turnAsked;
    private @Nullable UserTimer timers;
    private @Nullable SocketAddress local;
    private @Nullable SocketAddress remote;

    // Links of the domain's list of connections.
    @Nullable SocketConnection previous;
    @Nullable SocketConnection next;

    public SocketConnection(Domain domain, Handle handle) {
        this.domain = domain;
        this.options = domain.options();
        this.handle = handle;
        this.input = new Input(domain.pool());
        this.output = new OutputQueue(domain.pool());
        this.deadlines = new Deadlines(this, domain);
        domain.attach(handle, this);
    }

    // ---- opening

    /** Opens the session of an accepted connection. */
    public void openAccepted(Service service) {
        accepted = true;
        open(service);
        if (state == State.OPENING) {
            established();
            if (closeAsked && state == State.OPEN) {
                state = State.CLOSING;
            }
        }
        settle();
    }

    /** Opens the session of a connection that is being dialled. */
    public void openDialled(Service service) {
        open(service);
        settle();
    }

    /** Opens a session only to tell it that there will be no connection. */
    void openRefused(Service service, Cause why) {
        state = State.ENDING;
        over = true;
        cause = why;
        open(service);
        closed();
    }

    private void open(Service service) {
        domain.joined(this);
        dispatching = true;
        try {
            session = service.open(this);
        } catch (Throwable e) {
            fail(e);
        } finally {
            dispatching = false;
        }
    }

    private void established() {
        state = State.OPEN;
        deadlines.opened();
        call(Session::opened);
    }

    @Override
    public void connected(int result) {
        if (state != State.OPENING) {
            return;
        }
        if (result < 0) {
            finish(Cause.of(Cause.Kind.CONNECT, "connect: " + Errno.describe(-result)), false);
        } else {
            established();
        }
        settle();
    }

    // ---- input

    @Override
    public void received(ByteBuffer bytes) {
        deadlines.active();
        if (state == State.OPEN) {
            boolean offered = input.isEmpty() && mayOffer();
            if (offered) {
                input.fresh = false;
                offer(bytes);
            }
            if (bytes.hasRemaining() && state == State.OPEN) {
                input.keep(bytes, offered);
                if (!offered) {
                    offerFresh();
                }
            }
        }
        settle();
    }

    @Override
    public void receiveEnded(int result) {
        input.ended();
        if (result < 0 && state != State.ENDING && state != State.CLOSED) {
            finish(causeOf("recv", result), false);
        }
        settle();
    }

    private boolean mayOffer() {
        return state == State.OPEN && !input.paused && !awaitsDrain;
    }

    private void offer(ByteBuffer bytes) {
        Session s = session;
        if (s == null) {
            return;
        }
        dispatching = true;
        try {
            s.received(bytes);
        } catch (Throwable e) {
            fail(e);
        } finally {
            dispatching = false;
        }
    }

    /** Offers kept input that was not offered as it is now, or that the session asked for again. */
    private void offerFresh() {
        if (input.fresh && mayOffer()) {
            input.fresh = false;
            ByteBuffer kept = input.kept();
            if (kept != null) {
                offer(kept);
                input.afterOffer();
            }
        }
    }

    private void tellEnd() {
        if (input.isEnded() && !input.endTold && mayOffer()) {
            offerFresh();
            if (mayOffer()) {
                input.endTold = true;
                call(Session::ended);
            }
        }
    }

    @Override
    public void pauseReading() {
        input.paused = true;
        settleSoon();
    }

    @Override
    public void resumeReading() {
        if (state == State.CLOSED) {
            return;
        }
        input.paused = false;
        input.fresh = true; // also where the input at hand is only about to be kept
        askTurn();
    }

    // ---- output

    @Override
    public boolean write(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (!mayWrite(length)) {
            bytes.position(bytes.limit());
            return !awaitsDrain;
        }
        output.write(bytes);
        return written();
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        if (!mayWrite(length)) {
            return !awaitsDrain;
        }
        output.write(bytes, offset, length);
        return written();
    }

    private boolean mayWrite(int length) {
        if (state != State.OPEN && state != State.OPENING || endAsked || length == 0) {
            return false;
        }
        if (output.bytes() + length > options.outputLimitBytes()) {
            finish(
                    Cause.of(
                            Cause.Kind.OUTPUT_LIMIT,
                            "queued output would pass " + options.outputLimitBytes() + " bytes"),
                    true);
            return false;
        }
        return true;
    }

    private boolean written() {
        settleSoon();
        if (output.bytes() > options.highWaterBytes()) {
            awaitsDrain = true;
        }
        return !awaitsDrain;
    }

    @Override
    public boolean transfer(FileRegion region) {
        if (state != State.OPEN && state != State.OPENING || endAsked || region.count() == 0) {
            return !awaitsDrain;
        }
        output.add(region);
        awaitsDrain = true;
        settleSoon();
        return false;
    }

    @Override
    public void sent(long result) {
        if (state == State.ENDING || state == State.CLOSED) {
            return;
        }
        if (result < 0) {
            finish(causeOf("send", (int) result), false);
            settle();
            return;
        }
        deadlines.progressed();
        output.sent(result);
        output.flush(domain.engine(), handle);
        if (awaitsDrain && output.bytes() <= options.lowWaterBytes() && !output.holdsRegion()) {
            awaitsDrain = false;
            if (state == State.OPEN && !endAsked) {
                call(Session::drained);
            }
            input.fresh |= !input.isEmpty();
            offerFresh();
        }
        settle();
    }

    @Override
    public long queuedBytes() {
        return output.bytes();
    }

    // ---- ends

    @Override
    public void end() {
        endAsked = true;
        settleSoon();
    }

    @Override
    public void close() {
        if (state == State.OPENING && accepted) {
            endAsked = true;
            closeAsked = true; // its service is still opening the session: what that wrote is sent first
        } else if (state == State.OPENING) {
            finish(Cause.LOCAL, false);
        } else if (state == State.OPEN) {
            endAsked = true;
            state = State.CLOSING;
            settleSoon();
        }
    }

    @Override
    public void abort() {
        finish(Cause.LOCAL, true);
    }

    /** Whether the engine was asked to receive. */
    boolean isReceiving() {
        return input.armed;
    }

    /** The domain's task that runs {@link #turn}. */
    Runnable turnTask() {
        return this::turn;
    }

    /** Tells the session that the server is draining; from the domain's loop. */
    void askStopping() {
        domain.submit(this::stopping);
    }

    /** Cuts the connection; from the domain's loop. */
    void askCut() {
        domain.cut(this);
    }

    private void stopping() {
        if (state == State.OPEN && !stoppingTold) {
            stoppingTold = true;
            call(Session::stopping);
            settle();
        }
    }

    /** Starts the end, once: whatever comes first is the cause. False where it was on its way already. */
    boolean finish(Cause why, boolean reset) {
        if (state == State.ENDING || state == State.CLOSED) {
            return false;
        }
        state = State.ENDING;
        cause = why;
        over = true;
        deadlines.cancel();
        for (UserTimer t = timers; t != null; t = timers) {
            t.cancel();
        }
        domain.engine().close(handle, reset);
        return true;
    }

    @Override
    public void closed() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        over = true;
        output.clear();
        input.clear();
        Session s = session;
        Cause why = cause == null ? Cause.LOCAL : cause;
        if (s != null) {
            try {
                s.closed(why);
            } catch (Throwable e) {
                domain.failed(this, e);
            }
        }
        domain.left(this);
    }

    private void fail(Throwable error) {
        domain.failed(this, error);
        finish(Cause.failure(error), true);
    }

    private static Cause causeOf(String call, int result) {
        boolean reset = result == -Errno.ECONNRESET || result == -Errno.EPIPE;
        return Cause.of(
                reset ? Cause.Kind.RESET : Cause.Kind.ERROR, call + ": " + Errno.describe(-result));
    }

    // ---- the machine

    /** What a session's callback is, apart from {@code received}. */
    private interface Callback {
        void on(Session session) throws Exception;
    }

    private void call(Callback callback) {
        Session s = session;
        if (s == null) {
            return;
        }
        dispatching = true;
        try {
            callback.on(s);
        } catch (Throwable e) {
            fail(e);
        } finally {
            dispatching = false;
        }
    }

    /** After a callback: sends what it wrote, and brings receiving and the ends in line with what is now true. */
    private void settle() {
        if (state == State.OPENING || state == State.ENDING || state == State.CLOSED) {
            return;
        }
        tellEnd();
        if (state == State.ENDING) {
            return;
        }
        output.flush(domain.engine(), handle);
        if (output.isFlying()) {
            deadlines.sending();
        } else if (endAsked && !outputEnded) {
            outputEnded = true;
            domain.engine().shutdownOutput(handle);
        }
        if (state == State.CLOSING) {
            settleClosing();
        } else if (outputEnded && input.endTold) {
            finish(Cause.END, false);
        } else {
            receiveIf(!input.paused && !awaitsDrain && input.bytes() < options.inputLimitBytes());
        }
    }

    private void settleClosing() {
        if (!outputEnded) {
            return;
        }
        input.clear();
        if (input.isEnded()) {
            finish(Cause.LOCAL, false);
        } else {
            deadlines.lingering();
            receiveIf(true);
        }
    }

    private void receiveIf(boolean wanted) {
        if (wanted && !input.isEnded() && !input.armed) {
            input.armed = true;
            domain.engine().receive(handle);
        } else if (!wanted && input.armed) {
            input.armed = false;
            domain.engine().stopReceiving(handle);
        }
    }

    /** Outside a callback of this connection (from another one's, in the same domain), what was asked settles next turn. */
    private void settleSoon() {
        if (!dispatching) {
            askTurn();
        }
    }

    private void askTurn() {
        if (!turnAsked && state != State.CLOSED) {
            turnAsked = true;
            domain.nextTurn(this);
        }
    }

    /** The turn that was asked for. */
    public void turn() {
        turnAsked = false;
        if (state == State.ENDING || state == State.CLOSED) {
            return;
        }
        offerFresh();
        settle();
    }

    // ---- tasks and timers

    @Override
    public boolean execute(Runnable task) {
        if (over) {
            return false;
        }
        if ((int) TASKS.getAndAdd(this, 1) >= options.taskLimitCount()) {
            TASKS.getAndAdd(this, -1);
            return false;
        }
        if (!domain.submit(() -> runTask(task))) {
            TASKS.getAndAdd(this, -1);
            return false;
        }
        return true;
    }

    private void runTask(Runnable task) {
        TASKS.getAndAdd(this, -1);
        run(task);
    }

    private void run(Runnable task) {
        if (state == State.ENDING || state == State.CLOSED) {
            return;
        }
        call(s -> task.run());
        settle();
    }

    @Override
    public Timer after(long delayNanos, Runnable task) {
        UserTimer timer = new UserTimer(task);
        if (state != State.ENDING && state != State.CLOSED) {
            timer.link();
            domain.start(timer, delayNanos);
        }
        return timer;
    }

    /** A session's timer, in the list by which they are all cancelled at the close. */
    private final class UserTimer extends TimerHeap.Entry implements Timer {
        private final Runnable task;
        private @Nullable UserTimer before;
        private @Nullable UserTimer behind;
        private boolean linked;

        UserTimer(Runnable task) {
            this.task = task;
        }

        void link() {
            behind = timers;
            if (behind != null) {
                behind.before = this;
            }
            timers = this;
            linked = true;
        }

        private void unlink() {
            linked = false;
            if (before == null) {
                timers = behind;
            } else {
                before.behind = behind;
            }
            if (behind != null) {
                behind.before = before;
            }
        }

        @Override
        public void cancel() {
            if (linked) {
                unlink();
                domain.cancel(this);
            }
        }

        @Override
        protected void run() {
            if (linked) {
                unlink();
                SocketConnection.this.run(task);
            }
        }
    }

    // ---- the world

    @Override
    public void dial(SocketAddress address, Service service) {
        domain.dial(address, service);
    }

    @Override
    public SocketAddress remoteAddress() {
        if (remote == null) {
            remote = handle.remoteAddress();
        }
        return remote;
    }

    @Override
    public SocketAddress localAddress() {
        if (local == null) {
            local = handle.localAddress();
        }
        return local;
    }

    @Override
    public long nanoTime() {
        return domain.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public RandomGenerator random() {
        return ThreadLocalRandom.current();
    }

    @Override
    public Files files() {
        return KernelFiles.INSTANCE;
    }
}
