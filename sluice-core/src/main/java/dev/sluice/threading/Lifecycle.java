package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Handle;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.os.Errno;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection's states, and what holds its input, output and deadlines together: whatever happens to one of them,
 * {@link #settle} brings all in line with what is now true.
 *
 * <pre>
 *   OPENING ──connected──▶ OPEN ──close()──▶ CLOSING ──output sent, peer ended or time over──▶ ENDING ──▶ CLOSED
 *      └─────────────── an error, a limit, abort() or both ends: finish(cause) ───────────────────▲
 * </pre>
 *
 * ENDING waits for the engine's {@code closed}, after which nothing of the connection is in flight.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class Lifecycle extends Input {
    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        ENDING,
        CLOSED
    }

    private State state = State.OPENING;
    private @Nullable Cause cause;
    private boolean accepted;
    private boolean closeAsked;
    private boolean stoppingTold;
    private boolean turnAsked;
    /** Of {@link #minutes}, when it was opened; a short lies in what alignment leaves over. */
    private short openedMinute;

    Lifecycle(Domain domain, Handle handle) {
        super(domain, handle);
    }

    @Override
    final boolean isOpening() {
        return state == State.OPENING;
    }

    @Override
    final boolean isOpen() {
        return state == State.OPEN;
    }

    @Override
    final boolean takesOutput() {
        return state == State.OPEN || state == State.OPENING;
    }

    /** Whether the end has started. */
    @Override
    final boolean isOver() {
        return state == State.ENDING || state == State.CLOSED;
    }

    /** Whether the engine has closed it. */
    final boolean isClosed() {
        return state == State.CLOSED;
    }

    // ---- opening

    /** Opens the session of an accepted connection. */
    public final void openAccepted(Service service) {
        accepted = true;
        join(service);
        if (state == State.OPENING) {
            established();
            if (closeAsked && state == State.OPEN) {
                state = State.CLOSING;
            }
        }
        settle();
    }

    /** Opens the session of a connection that is being dialled. */
    public final void openDialled(Service service) {
        join(service);
        if (state == State.OPENING) {
            dialling();
        }
        settle();
    }

    /** Opens a session only to tell it that there will be no connection. */
    final void openRefused(Service service, Cause why) {
        state = State.ENDING;
        refuseTasks();
        cause = why;
        join(service);
        over();
    }

    private void join(Service service) {
        openedMinute = (short) minutes();
        domain.joined(self());
        open(service);
    }

    private void established() {
        state = State.OPEN;
        startDeadlines();
        call(Session::opened);
        if (domain.isDraining()) {
            self().askStopping();
        }
    }

    /** A dial ended: 0 or a negative errno. */
    final void dialled(int result) {
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

    private long minutes() {
        return TimeUnit.NANOSECONDS.toMinutes(domain.nanoTime());
    }

    /** The connection as it is now. */
    final ConnectionReport report(String owner, String remote) {
        String doing = activity();
        return new ConnectionReport(
                owner,
                remote,
                told(state.name().toLowerCase(Locale.ROOT), phase()),
                (minutes() - openedMinute) & 0xFFFF,
                TimeUnit.NANOSECONDS.toMillis(idleForNanos()),
                queuedBytes(),
                keptBytes(),
                doing == null ? "" : doing);
    }

    private String told(String name, @Nullable String phase) {
        return name + (phase == null ? "" : ", " + phase) + (isCalling() ? ", in a callback" : "");
    }

    // ---- settling

    /** After a callback: sends what it wrote, and brings receiving and the ends in line with what is now true. */
    final void settle() {
        if (state == State.OPENING || isOver()) {
            return;
        }
        tellEnd();
        if (state == State.ENDING) {
            return;
        }
        settleOutput();
        if (state == State.CLOSING) {
            settleClosing();
        } else if (isOutputEnded() && isEndTold()) {
            finish(Cause.END, false);
        } else {
            settleInput();
        }
    }

    private void settleClosing() {
        if (!isOutputEnded()) {
            return;
        }
        clearInput();
        if (isInputEnded()) {
            finish(Cause.LOCAL, false);
        } else {
            lingering();
            receiveAll();
        }
    }

    /**
     * Outside a callback of this connection (from another one's, in the same domain), what was asked settles next turn.
     */
    @Override
    final void settleSoon() {
        if (!isCalling()) {
            askTurn();
        }
    }

    @Override
    final void askTurn() {
        if (!turnAsked && state != State.CLOSED) {
            turnAsked = true;
            domain.nextTurn(self());
        }
    }

    /** The turn that was asked for. */
    public final void turn() {
        turnAsked = false;
        if (!isOver()) {
            offerFresh();
            settle();
        }
        turned();
    }

    /** The end of a turn; outside any callback. */
    abstract void turned();

    final boolean isTurnAsked() {
        return turnAsked;
    }

    /** Whether its peer opened it. */
    final boolean isAccepted() {
        return accepted;
    }

    @Override
    final void runTask(Runnable task) {
        if (isOver()) {
            if (task instanceof Certain) {
                task.run();
            }
            return;
        }
        call(s -> task.run());
        settle();
    }

    /** Tells the session, once, that the server is draining. */
    final void stopping() {
        if (state == State.OPEN && !stoppingTold) {
            stoppingTold = true;
            call(Session::stopping);
            settle();
        }
    }

    // ---- ending

    public final void end() {
        askEnd();
        settleSoon();
    }

    /** Ends the output, waits for the peer's end, and closes. */
    public final void close() {
        if (state == State.OPENING && accepted) {
            askEnd();
            closeAsked = true; // its service is still opening the session: what that wrote is sent first
        } else if (state == State.OPENING) {
            finish(Cause.LOCAL, false);
        } else if (state == State.OPEN) {
            askEnd();
            state = State.CLOSING;
            settleSoon();
        }
    }

    public final void abort() {
        finish(Cause.LOCAL, true);
    }

    /** Starts the end, once: whatever comes first is the cause. False where it was on its way already. */
    @Override
    final boolean finish(Cause why, boolean reset) {
        if (isOver()) {
            return false;
        }
        state = State.ENDING;
        cause = why;
        refuseTasks();
        cancelDeadlines();
        cancelTimers();
        domain.closeEvents(self());
        domain.engine().close(handle, reset);
        return true;
    }

    /** A call of the engine's failed. */
    final void failed(String call, int result) {
        boolean reset = result == -Errno.ECONNRESET || result == -Errno.EPIPE;
        finish(Cause.of(reset ? Cause.Kind.RESET : Cause.Kind.ERROR, call + ": " + Errno.describe(-result)), false);
    }

    /** The engine closed the handle. */
    final void over() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        refuseTasks();
        clearOutput();
        clearInput();
        domain.closeEvents(self()); // a refused connection has not finished
        tellClosed(cause == null ? Cause.LOCAL : cause);
        domain.left(self());
    }
}
