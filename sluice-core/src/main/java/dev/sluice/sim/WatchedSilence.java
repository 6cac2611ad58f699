package dev.sluice.sim;

import java.util.concurrent.TimeUnit;

/**
 * For how long a connection has been silent, as the runtime can know it: what the kernel did a moment ago may not have been told
 * to it yet. So a deadline is early only where even the oldest silence that it may count is too short.
 */
final class WatchedSilence {
    /** A completion is told within this time, a pause of the loop included. */
    private static final long UNTOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final World world;
    /** For how long the runtime may not know what the kernel took: readiness engines call it themselves. */
    private final long takenUntoldNanos;

    /** When bytes moved last, and before what may not have been told to the runtime yet. */
    private long activeAt;

    private long toldActiveAt;
    private long takenAt;
    private long toldTakenAt;

    WatchedSilence(Host host) {
        this.world = host.world;
        this.takenUntoldNanos = host.beneath() == Beneath.LEVEL || host.beneath() == Beneath.EDGE ? 0 : UNTOLD_NANOS;
        begin();
    }

    /** The runtime counts its idle time from now on. */
    void begin() {
        activeAt = world.now();
        toldActiveAt = world.now();
    }

    /** The kernel was read. */
    void arrived() {
        if (world.now() - activeAt > UNTOLD_NANOS) {
            toldActiveAt = Math.max(toldActiveAt, activeAt);
        }
        activeAt = world.now();
    }

    /** The kernel took output. */
    void taken() {
        if (world.now() - takenAt > takenUntoldNanos) {
            toldTakenAt = Math.max(toldTakenAt, takenAt);
        }
        takenAt = world.now();
        arrived();
    }

    /** Since bytes moved, whoever knows of it. */
    long sinceActiveNanos() {
        return world.now() - activeAt;
    }

    /** For how long the runtime can have seen nothing. */
    long silentNanos() {
        boolean told = world.now() - activeAt > UNTOLD_NANOS;
        return world.now() - Math.max(toldActiveAt, told ? activeAt : 0);
    }

    /** For how long the runtime can have seen none of the output go. */
    long untakenNanos() {
        boolean told = world.now() - takenAt >= takenUntoldNanos;
        return world.now() - Math.max(toldTakenAt, told ? takenAt : 0);
    }
}
