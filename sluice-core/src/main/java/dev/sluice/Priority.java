package dev.sluice;

/**
 * A class of work: of connections in a loop's turns, of requests where they wait for a worker or for room. Where there is
 * more than can be done at once, classes share by {@link #weight}: a higher one goes first and gets more, and none gets
 * nothing.
 */
public enum Priority {
    /** Goes first: health checks, administration. */
    HIGH(16),
    /** What nobody has said anything about. */
    NORMAL(4),
    /** What can wait: batches, crawlers. */
    LOW(1);

    private final int weight;

    Priority(int weight) {
        this.weight = weight;
    }

    /** Out of a round in which every class has work that waits, so many pieces are this class's. */
    public int weight() {
        return weight;
    }
}
