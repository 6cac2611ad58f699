package dev.sluice.sim;

import java.util.random.RandomGenerator;

/**
 * A world's one source of chance: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014),
 * spelled out here, and no default method of {@link RandomGenerator} behind a decision, so that a seed means the same on
 * every JDK. For one thread.
 */
public final class Dice implements RandomGenerator {
    private long state;

    public Dice(long seed) {
        this.state = seed;
    }

    @Override
    public long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    @Override
    public int nextInt(int bound) {
        return below(bound);
    }

    @Override
    public int nextInt(int origin, int bound) {
        return (int) between(origin, bound - 1L);
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    @Override
    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        long bits = 0;
        for (int i = 0; i < bytes.length; i++) {
            bits = (i & 7) == 0 ? nextLong() : bits >>> 8;
            bytes[i] = (byte) bits;
        }
    }

    /** Another generator, which this one and a name decide; draws nothing. */
    Dice apart(String name) {
        return new Dice(new Dice(state ^ ((long) name.hashCode() << 32)).nextLong());
    }

    /** Another generator, for what is to go its own way whatever else is drawn. */
    public Dice split() {
        return new Dice(nextLong());
    }

    /** From 0 to one below the bound. */
    public int below(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("nothing lies below " + bound);
        }
        return (int) ((nextLong() >>> 32) * bound >>> 32);
    }

    /** From the least to the most, both included. */
    public long between(long least, long most) {
        if (most < least) {
            throw new IllegalArgumentException("nothing lies between " + least + " and " + most);
        }
        long span = most - least + 1;
        return span <= 0 ? nextLong() : least + Long.remainderUnsigned(nextLong(), span);
    }

    /** Small numbers as often as large ones: even over the number of digits rather than over the values. */
    public long spread(long least, long most) {
        long top = between(least, most);
        return between(least, Math.max(least, top >> below(64 - Long.numberOfLeadingZeros(Math.max(1, top)))));
    }

    /** One of them. */
    public <T> T any(T[] some) {
        return some[below(some.length)];
    }

    /** True so often; a rate of 0 costs no draw. */
    public boolean chance(double rate) {
        return rate > 0 && nextDouble() < rate;
    }

    /** So many random bytes. */
    public byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        nextBytes(bytes);
        return bytes;
    }
}
