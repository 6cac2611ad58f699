package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.engine.Completion;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import dev.sluice.observe.Incidents;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What is done about newcomers, and about not being able to take them: when descriptors run out, accepting pauses and is tried
 * again after a while, or newcomers are shed through a descriptor kept in reserve; every other failure is the one newcomer's
 * (ECONNABORTED …) and only counted. Inside its domain only.
 */
final class Acceptor implements Completion {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** More than a listener's queue holds: net.core.somaxconn is 4,096 unless somebody raised it. */
    static final int QUEUE_MOST = 1 << 16;

    /** Descriptors that a process keeps for its files when newcomers are left to others: a part of its limit, in bounds. */
    private static final int KEPT_PART = 64;

    private static final int KEPT_LEAST = 16;
    private static final int KEPT_MOST = 256;

    private final Domain domain;
    private final Handle listener;
    private final Ledger ledger;
    private final Consumer<Handle> newcomers;
    private final Runnable onClosed;
    private final EventLog.Seldom seldom = new EventLog.Seldom();
    private final EventLog.Seldom seldomRefused = new EventLog.Seldom();
    private final CallState state = new CallState();
    private final boolean sheds;
    private int reserve = -1;
    /** A descriptor of this number says that the process is full: the kernel gives out the lowest that is free. */
    private long fullAt = Long.MAX_VALUE;

    private boolean stopped;
    private final Resume resume = new Resume();

    /**
     * An acceptor, not accepting yet.
     *
     * @param newcomers takes a newcomer, which has no operation on it
     * @param onClosed runs when the listener is closed
     */
    Acceptor(Domain domain, Handle listener, Ledger ledger, Consumer<Handle> newcomers, Runnable onClosed) {
        this.domain = domain;
        this.listener = listener;
        this.ledger = ledger;
        this.newcomers = newcomers;
        this.onClosed = onClosed;
        this.sheds = domain.options().shed();
        listener.completion(this);
    }

    /** Other processes accept at the same address: when this one is nearly out of descriptors, newcomers are left to them. */
    void leaveToOthers() {
        long limit = Descriptors.softDescriptorLimit(state);
        if (limit > 0) { // else it is not known, and the kernel's refusal will tell
            fullAt = limit - Math.clamp(limit / KEPT_PART, KEPT_LEAST, KEPT_MOST);
        }
    }

    void start() {
        if (sheds) {
            reserve = openReserve();
        }
        engine().accept(listener);
    }

    /**
     * Stops accepting and closes the listener; who waits in its queue is taken first. A newcomer that is under way may still be told.
     *
     * @param livesOn others have the socket too: closing it here resets nobody, and its queue is theirs
     */
    void stop(boolean livesOn) {
        stopped = true;
        domain.cancel(resume);
        boolean more = !livesOn;
        for (int i = 0; i < QUEUE_MOST && more; i++) {
            more = engine().acceptNow(listener);
        }
        engine().stopAccepting(listener);
        engine().close(listener, false);
    }

    Handle listener() {
        return listener;
    }

    private Engine engine() {
        return domain.engine();
    }

    @Override
    public void accepted(Handle peer) {
        ledger.accepted++;
        if (Incidents.recording()) {
            Incidents.accepted(Thread.currentThread().getName(), peerOf(peer));
        }
        int descriptor = peer.descriptor();
        newcomers.accept(peer); // after a stop too: the kernel gave it to us, so nobody else will answer it
        if (!stopped && descriptor >= fullAt) {
            ledger.acceptPauses++;
            pause(PAUSE_NANOS);
        }
    }

    private Object peerOf(Handle peer) {
        try {
            return engine().remoteAddress(peer);
        } catch (SysException e) {
            return "gone already: " + e.getMessage();
        }
    }

    /** Somebody may wait in a queue that other processes accept from too, whose arrival woke one that was full. */
    void lookAgain() {
        if (!stopped && !resume.isActive()) {
            pause(LOOK_AGAIN_NANOS);
        }
    }

    @Override
    public void acceptRefused(int descriptor) {
        seldomRefused.log(
                Level.WARNING,
                "a newcomer was closed: this model can't watch descriptor " + descriptor + "; take --model epoll",
                domain.nanoTime());
    }

    @Override
    public void acceptFailed(int result) {
        int errno = -result;
        if (stopped) {
            return;
        }
        if (errno != Errno.EMFILE && errno != Errno.ENFILE && errno != Errno.ENOBUFS && errno != Errno.ENOMEM) {
            seldom.log(Level.WARNING, "accept: " + Errno.describe(errno), domain.nanoTime());
            return;
        }
        if (sheds && errno == Errno.EMFILE && shedSome()) {
            return;
        }
        outOf(errno);
    }

    private void outOf(int errno) {
        ledger.acceptPauses++;
        seldom.log(
                Level.WARNING,
                "accepting pauses, " + Errno.describe(errno)
                        + ": raise the limit on descriptors (ulimit -n), or use --shed",
                domain.nanoTime());
        pause(PAUSE_NANOS);
    }

    private void pause(long nanos) {
        engine().stopAccepting(listener);
        if (!resume.isActive()) {
            domain.start(resume, nanos);
        }
    }

    /** Whether a newcomer can be taken. One that is full must not be woken for a newcomer in another's place. */
    private boolean hasRoom() {
        int probe = openReserve();
        if (probe >= 0) {
            Descriptors.close(probe, state);
        }
        return probe >= 0 && probe < fullAt;
    }

    /** Gives the reserve up for a moment, so that newcomers can be taken and closed. False where that is not possible. */
    private boolean shedSome() {
        int listening = listener.descriptor();
        // accept(2) takes a descriptor before it looks for a newcomer: EMFILE is no sign that there is one to shed,
        // and a blocking listener would be waited on.
        if (reserve < 0 || listening < 0 || Poll.pollOne(listening, Poll.POLLIN, 0, state) <= 0) {
            return false;
        }
        Descriptors.close(reserve, state);
        int peer = Sockets.accept4(listening, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, state);
        if (peer >= 0) {
            Descriptors.close(peer, state);
            ledger.shed++;
            Incidents.shed("newcomer", "no descriptor is left");
        }
        reserve = openReserve();
        seldom.log(Level.WARNING, "newcomers are shed: no descriptor is left", domain.nanoTime());
        return true;
    }

    private int openReserve() {
        return Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state);
    }

    private final class Resume extends TimerWheel.Entry {
        @Override
        protected void run() {
            if (stopped) {
                return;
            }
            if (fullAt < Long.MAX_VALUE && !hasRoom()) {
                domain.start(this, PAUSE_NANOS);
            } else {
                engine().accept(listener);
            }
        }
    }

    @Override
    public void closed() {
        if (reserve >= 0) {
            Descriptors.close(reserve, state);
        }
        onClosed.run();
    }

    @Override
    public void connected(int result) {
        throw new IllegalStateException("a listener does not connect");
    }

    @Override
    public void received(ByteBuffer bytes) {
        throw new IllegalStateException("a listener does not receive");
    }

    @Override
    public void receiveEnded(int result) {
        // The poller refused the listener: accepting is over for good, and that must be seen.
        EventLog.log(Level.ERROR, "the listener can't be watched: " + Errno.describe(-result), null);
    }

    @Override
    public void sent(long result) {
        throw new IllegalStateException("a listener does not send");
    }
}
