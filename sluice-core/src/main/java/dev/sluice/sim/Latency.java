package dev.sluice.sim;

/**
 * How long a packet takes on its way, in nanoseconds: a distribution.
 *
 * @param shape its form
 * @param leastNanos no packet is faster
 * @param spreadNanos by how much others are slower: the width of {@link Shape#EVEN}, the mean of {@link Shape#EXPONENTIAL}, the
 *     scale of {@link Shape#HEAVY_TAIL}
 */
public record Latency(Shape shape, long leastNanos, long spreadNanos) {
    /** The form of a distribution. */
    public enum Shape {
        /** All the same. */
        CONSTANT,
        /** Anything in a range. */
        EVEN,
        /** Most are fast, slower ones ever rarer. */
        EXPONENTIAL,
        /** Pareto's with a shape of 1.2: a few are very slow. */
        HEAVY_TAIL
    }

    private static final double PARETO = 1 / 1.2;
    /** No packet takes longer than this many spreads. */
    private static final long MOST_SPREADS = 1000;

    public Latency {
        if (leastNanos < 0 || spreadNanos < 0) {
            throw new IllegalArgumentException("a latency can't be negative: " + leastNanos + ", " + spreadNanos);
        }
    }

    public static Latency constant(long nanos) {
        return new Latency(Shape.CONSTANT, nanos, 0);
    }

    /** Any shape, from a local network's to another continent's. */
    static Latency drawn(Dice dice) {
        Shape shape = dice.any(Shape.values());
        return new Latency(shape, dice.spread(1_000, 50_000_000), dice.spread(1_000, 20_000_000));
    }

    /** One packet's; StrictMath, since Math may differ in the last bit from one processor to another. */
    long draw(Dice dice) {
        return leastNanos
                + switch (shape) {
                    case CONSTANT -> 0;
                    case EVEN -> dice.between(0, spreadNanos);
                    case EXPONENTIAL -> bounded(-StrictMath.log(1 - dice.nextDouble()));
                    case HEAVY_TAIL -> bounded(StrictMath.pow(1 - dice.nextDouble(), -PARETO) - 1);
                };
    }

    private long bounded(double spreads) {
        return (long) (Math.min(spreads, MOST_SPREADS) * spreadNanos);
    }
}
