package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.observe.Incidents;
import org.jspecify.annotations.Nullable;

/**
 * A connection's deadlines: connect, idle, write stall, linger. One timer serves all; it is started when the first of them
 * matters and when it fires looks at what has happened since, so that a request costs two stores and no timer.
 *
 * <p>The lowest layer of a {@link SocketConnection}.
 */
abstract class Deadlines extends TimerWheel.Entry {
    private static final long NEVER = Long.MAX_VALUE;

    /** Another one after a move: see {@link Moving}. */
    Domain domain;

    private long idleNanos;
    private long activeAt;
    private boolean lingering;

    Deadlines(Domain domain) {
        this.domain = domain;
        this.idleNanos = domain.options().idleTimeout().toNanos();
    }

    abstract SocketConnection self();

    /** Starts the end: see {@link Lifecycle}. */
    abstract boolean finish(Cause why, boolean reset);

    /** Whether the end has started. */
    abstract boolean isOver();

    /** Whether it is being dialled or its service is about to open it. */
    abstract boolean isOpening();

    /** A dial has begun. */
    final void dialling() {
        if (domain.connectNanos > 0 && !isOver()) {
            activeAt = domain.nanoTime();
            atLatest(domain.connectNanos);
        }
    }

    final void startDeadlines() {
        activeAt = domain.nanoTime();
        if (idleNanos > 0) {
            atLatest(idleNanos);
        }
    }

    /** Closes the connection when nothing came or went for so long; 0: never. */
    public final void idleTimeout(long nanos) {
        idleNanos = nanos;
        if (nanos > 0 && !lingering && !isOver()) {
            activeAt = domain.nanoTime();
            atLatest(nanos);
        }
    }

    /** Has the timer fire after that delay, or before. */
    private void atLatest(long delayNanos) {
        if (isActive() && deadlineNanos - domain.nanoTime() <= delayNanos) {
            return;
        }
        domain.cancel(this);
        domain.start(this, delayNanos);
    }

    /** Bytes came or went. */
    final void touched() {
        activeAt = domain.nanoTime();
    }

    /** Since bytes came or went. */
    final long idleForNanos() {
        return activeAt == 0 ? 0 : Math.max(0, domain.nanoTime() - activeAt);
    }

    /** What waits to be sent, or null. */
    abstract @Nullable OutputQueue output();

    /** Output is in flight. */
    final void sending(OutputQueue output) {
        if (!output.sending) {
            output.sending = true;
            output.progressNanos = domain.nanoTime();
            long writeNanos = domain.writeNanos;
            if (writeNanos > 0 && !lingering) {
                atLatest(writeNanos);
            }
        }
    }

    /** The kernel took output. */
    final void progressed(OutputQueue output) {
        output.sending = false;
        touched();
    }

    /** Output is sent and ended; the peer has not ended yet. */
    final void lingering() {
        if (!lingering) {
            lingering = true;
            domain.cancel(this);
            domain.start(this, domain.lingerNanos);
        }
    }

    final void cancelDeadlines() {
        domain.cancel(this);
    }

    @Override
    protected final void run() {
        if (lingering) {
            finish(Cause.LOCAL, false);
            return;
        }
        long now = domain.nanoTime();
        OutputQueue output = output();
        long writeLeft = output != null && output.sending && domain.writeNanos > 0
                ? output.progressNanos + domain.writeNanos - now
                : NEVER;
        long idleLeft = idleNanos > 0 ? activeAt + idleNanos - now : NEVER;
        long connectLeft = isOpening() && domain.connectNanos > 0 ? activeAt + domain.connectNanos - now : NEVER;
        long wait = Math.min(Math.min(writeLeft, idleLeft), connectLeft);
        if (connectLeft <= 0) {
            finish(Cause.of(Cause.Kind.CONNECT, "connect: not established in time"), false);
        } else if (writeLeft <= 0) {
            Incidents.writeStalled(self(), "its output made no progress");
            finish(Cause.of(Cause.Kind.TIMEOUT, "output made no progress"), true);
        } else if (idleLeft <= 0) {
            // What is still queued is lost, and with a mere end the peer might take what it got for all there is.
            finish(Cause.of(Cause.Kind.TIMEOUT, "idle"), output != null);
        } else if (wait != NEVER) {
            domain.start(this, wait);
        }
    }
}
