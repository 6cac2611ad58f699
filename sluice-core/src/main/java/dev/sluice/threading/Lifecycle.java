package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Handle;
import dev.sluice.os.Errno;
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
 */
final class Lifecycle {
    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        ENDING,
        CLOSED
    }

    final Callbacks callbacks;
    final Deadlines deadlines;
    final Output output;
    final Input input;
    final SessionTasks tasks;
    final SessionTimers timers;

    private final SocketConnection connection;
    private final Domain domain;
    private final Handle handle;
    private State state = State.OPENING;
    private @Nullable Cause cause;
    private boolean accepted;
    private boolean closeAsked;
    private boolean stoppingTold;
    private boolean turnAsked;

    Lifecycle(SocketConnection connection, Domain domain, Handle handle) {
        this.connection = connection;
        this.domain = domain;
        this.handle = handle;
        this.callbacks = new Callbacks(connection, this, domain);
        this.deadlines = new Deadlines(this, domain);
        this.output = new Output(this, deadlines, domain, handle);
        this.input = new Input(this, callbacks, output, domain, handle);
        this.tasks = new SessionTasks(this, domain);
        this.timers = new SessionTimers(this, domain);
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether the session may write: not once it closed the connection. */
    boolean takesOutput() {
        return state == State.OPEN || state == State.OPENING;
    }

    /** Whether the end has started. */
    boolean isOver() {
        return state == State.ENDING || state == State.CLOSED;
    }

    // ---- opening

    void openAccepted(Service service) {
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

    void openDialled(Service service) {
        open(service);
        settle();
    }

    /** Opens a session only to tell it that there will be no connection. */
    void openRefused(Service service, Cause why) {
        state = State.ENDING;
        tasks.close();
        cause = why;
        open(service);
        closed();
    }

    private void open(Service service) {
        domain.joined(connection);
        callbacks.open(service);
    }

    private void established() {
        state = State.OPEN;
        deadlines.opened();
        callbacks.call(Session::opened);
    }

    /** A dial ended: 0 or a negative errno. */
    void connected(int result) {
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

    // ---- settling

    /** After a callback: sends what it wrote, and brings receiving and the ends in line with what is now true. */
    void settle() {
        if (state == State.OPENING || isOver()) {
            return;
        }
        input.tellEnd();
        if (state == State.ENDING) {
            return;
        }
        output.settle();
        if (state == State.CLOSING) {
            settleClosing();
        } else if (output.isEnded() && input.isEndTold()) {
            finish(Cause.END, false);
        } else {
            input.settle();
        }
    }

    private void settleClosing() {
        if (!output.isEnded()) {
            return;
        }
        input.clear();
        if (input.isEnded()) {
            finish(Cause.LOCAL, false);
        } else {
            deadlines.lingering();
            input.receiveAll();
        }
    }

    /**
     * Outside a callback of this connection (from another one's, in the same domain), what was asked settles next turn.
     */
    void settleSoon() {
        if (!callbacks.isRunning()) {
            askTurn();
        }
    }

    void askTurn() {
        if (!turnAsked && state != State.CLOSED) {
            turnAsked = true;
            domain.nextTurn(connection);
        }
    }

    /** The turn that was asked for. */
    void turn() {
        turnAsked = false;
        if (isOver()) {
            return;
        }
        input.offerFresh();
        settle();
    }

    /** Runs a task or timer of the session as a callback. */
    void run(Runnable task) {
        if (isOver()) {
            return;
        }
        callbacks.call(s -> task.run());
        settle();
    }

    /** Tells the session, once, that the server is draining. */
    void stopping() {
        if (state == State.OPEN && !stoppingTold) {
            stoppingTold = true;
            callbacks.call(Session::stopping);
            settle();
        }
    }

    // ---- ending

    /** Ends the output, waits for the peer's end, and closes. */
    void close() {
        if (state == State.OPENING && accepted) {
            output.askEnd();
            closeAsked = true; // its service is still opening the session: what that wrote is sent first
        } else if (state == State.OPENING) {
            finish(Cause.LOCAL, false);
        } else if (state == State.OPEN) {
            output.askEnd();
            state = State.CLOSING;
            settleSoon();
        }
    }

    /** Starts the end, once: whatever comes first is the cause. False where it was on its way already. */
    boolean finish(Cause why, boolean reset) {
        if (isOver()) {
            return false;
        }
        state = State.ENDING;
        cause = why;
        tasks.close();
        deadlines.cancel();
        timers.cancelAll();
        domain.engine().close(handle, reset);
        return true;
    }

    /** A call of the engine's failed. */
    void failed(String call, int result) {
        boolean reset = result == -Errno.ECONNRESET || result == -Errno.EPIPE;
        finish(Cause.of(reset ? Cause.Kind.RESET : Cause.Kind.ERROR, call + ": " + Errno.describe(-result)), false);
    }

    /** The engine closed the handle. */
    void closed() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        tasks.close();
        output.clear();
        input.clear();
        callbacks.closed(cause == null ? Cause.LOCAL : cause);
        domain.left(connection);
    }
}
