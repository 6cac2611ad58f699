package dev.sluice.sim;

/**
 * The way from one host to another, in one direction.
 *
 * <p>For the world's thread; settings hold for packets that leave from then on.
 */
public final class Link {
    private static final long SECOND = 1_000_000_000L;

    private final World world;
    private Latency latency;
    private long bytesPerSecond;
    /** The last packet has left by then. */
    private long busyUntil;
    /** Nothing arrives before. */
    private long cutUntil;

    Link(World world) {
        this.world = world;
        this.latency = Latency.drawn(world.dice());
        this.bytesPerSecond = world.dice().spread(100_000, 10_000_000_000L);
        this.cutUntil = world.now();
    }

    public Link latency(Latency value) {
        this.latency = value;
        return this;
    }

    public Link bandwidth(long bytesPerSecondValue) {
        if (bytesPerSecondValue < 1) {
            throw new IllegalArgumentException(
                    "a link of " + bytesPerSecondValue + " bytes a second; cut() it instead");
        }
        this.bytesPerSecond = bytesPerSecondValue;
        return this;
    }

    /** Loses all that would arrive in the next so many nanoseconds. */
    public void cut(long nanos) {
        cutUntil = Math.max(cutUntil, world.now() + nanos);
    }

    boolean isCut() {
        return world.now() < cutUntil;
    }

    /** How long a packet that is sent now takes. */
    long transit(int bytes) {
        long start = Math.max(world.now(), busyUntil);
        busyUntil = start + (long) ((double) bytes * SECOND / bytesPerSecond);
        return busyUntil - world.now() + latency.draw(world.dice());
    }
}
