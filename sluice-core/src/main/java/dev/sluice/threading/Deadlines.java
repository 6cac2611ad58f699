package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Options;

/**
 * A connection's deadlines: idle, write stall, linger. One timer serves all; it is started when the first of them
 * matters and when it fires looks at what has happened since, so that a request costs two stores and no timer.
 */
final class Deadlines extends TimerHeap.Entry {
    private static final long NEVER = Long.MAX_VALUE;

    private final Lifecycle lifecycle;
    private final Domain domain;
    private final long idleNanos;
    private final long writeNanos;
    private final long lingerNanos;
    private long activeAt;
    private long progressAt;
    private long lingerUntil = NEVER;
    private boolean sending;

    Deadlines(Lifecycle lifecycle, Domain domain) {
        this.lifecycle = lifecycle;
        this.domain = domain;
        Options options = domain.options();
        this.idleNanos = options.idleTimeout().toNanos();
        this.writeNanos = options.writeTimeout().toNanos();
        this.lingerNanos = options.lingerTimeout().toNanos();
    }

    void opened() {
        activeAt = domain.nanoTime();
        if (idleNanos > 0) {
            domain.start(this, idleNanos);
        }
    }

    /** Bytes came or went. */
    void active() {
        activeAt = domain.nanoTime();
    }

    /** Output is in flight. */
    void sending() {
        if (!sending) {
            sending = true;
            progressAt = domain.nanoTime();
            if (writeNanos > 0 && !isActive()) {
                domain.start(this, writeNanos);
            }
        }
    }

    /** The kernel took output. */
    void progressed() {
        sending = false;
        active();
    }

    /** Output is sent and ended; the peer has not ended yet. */
    void lingering() {
        if (lingerUntil == NEVER) {
            lingerUntil = domain.nanoTime() + lingerNanos;
            domain.cancel(this);
            domain.start(this, lingerNanos);
        }
    }

    void cancel() {
        domain.cancel(this);
    }

    @Override
    protected void run() {
        long now = domain.nanoTime();
        if (lingerUntil != NEVER) {
            lifecycle.finish(Cause.LOCAL, false);
            return;
        }
        long wait = NEVER;
        if (sending && writeNanos > 0) {
            long left = progressAt + writeNanos - now;
            if (left <= 0) {
                lifecycle.finish(Cause.of(Cause.Kind.TIMEOUT, "output made no progress"), true);
                return;
            }
            wait = left;
        }
        if (idleNanos > 0) {
            long left = activeAt + idleNanos - now;
            if (left <= 0) {
                lifecycle.finish(Cause.of(Cause.Kind.TIMEOUT, "idle"), false);
                return;
            }
            wait = Math.min(wait, left);
        }
        if (wait != NEVER) {
            domain.start(this, wait);
        }
    }
}
