package dev.sluice;

import java.util.Objects;

/**
 * The switches of {@code io_uring}, each on its own; immutable. {@link #standard} has the values that measured best
 * (docs/models/io_uring.md). What the kernel lacks is left out, and {@code sluice models} says what is active.
 *
 * @param direct where sockets live
 * @param sqEntries submission entries, a power of two: few, so that they stay in the caches; when they are used up the
 *     ring is entered once more
 * @param cqEntries completion entries, a power of two; more completions at once than that overflow, which costs time
 *     and loses nothing
 * @param bufferCount provided buffers at most, a power of two; a ring begins with few, and takes more as they run out
 * @param bufferBytes bytes of one provided buffer, so of one receive at most. Before Linux 6.17 only this bounds what one connection
 *     can bring in one turn: 32 in a row
 * @param incremental fill buffers bit by bit where the kernel can
 * @param completionsPerPoll completions told by one poll; the rest waits for the next, so that a flood of them does not
 *     hold up the loop's timers and tasks
 * @param level how new a kernel's set-up flags to begin with: 0 takes all, each step does without the newest
 * @param multishot accept and receive go on until stopped, rather than once
 * @param sqPollMillis a thread of the kernel submits, and sleeps when it found nothing for so long; 0: no such thread
 * @param napiMicros how long a wait polls the network card's queues before it sleeps; 0: not at all
 * @param spinMicros how long a loop looks at the ring's memory before it waits in the kernel; 0: not at all
 * @param zeroCopyBytes a chunk or part of a file of at least so many bytes is sent without copying; 0: none is
 * @param tableCount places in one ring's table of registered descriptors at most; RLIMIT_NOFILE bounds it too
 * @param rings rings of one loop at most: a further one is opened when the tables of all others are full
 */
public record UringOptions(
        Direct direct,
        int sqEntries,
        int cqEntries,
        int bufferCount,
        int bufferBytes,
        boolean incremental,
        int completionsPerPoll,
        int level,
        boolean multishot,
        int sqPollMillis,
        int napiMicros,
        int spinMicros,
        int zeroCopyBytes,
        int tableCount,
        int rings) {

    private static final UringOptions STANDARD = new Builder().build();

    /** Where a ring's sockets live. */
    public enum Direct {
        /** Ordinary descriptors, and the ring's table when those are about to run out. */
        AUTO,
        /** The ring's own table of registered descriptors: they have no number in the process, and its limit does not count them. */
        ON,
        /** Ordinary descriptors only. */
        OFF
    }

    public UringOptions {
        powerOfTwo("submission entries", sqEntries, 1 << 15);
        powerOfTwo("completion entries", cqEntries, 1 << 16);
        powerOfTwo("buffers", bufferCount, 1 << 15);
        within("bytes of a buffer", bufferBytes, 16, 1 << 20);
        within("completions of a poll", completionsPerPoll, 1, 1 << 16);
        within("set-up level", level, 0, 3);
        within("idle milliseconds of SQPOLL", sqPollMillis, 0, 60_000);
        within("microseconds of NAPI", napiMicros, 0, 1_000_000);
        within("microseconds of spinning", spinMicros, 0, 1_000_000);
        within("bytes of a zero-copy send", zeroCopyBytes, 0, 1 << 30);
        within("places of a table", tableCount, 1, 1 << 20);
        within("rings of a loop", rings, 1, 1024);
    }

    private static void powerOfTwo(String what, int value, int most) {
        within(what, value, 1, most);
        if (Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(what + ": " + value + " is no power of two");
        }
    }

    private static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " is not within " + least + " to " + most);
        }
    }

    public static UringOptions standard() {
        return STANDARD;
    }

    /** Whether no switch differs from {@link #standard}. */
    public boolean isStandard() {
        // The same object first: a record's equals is code that the JDK generates at its first call, in several
        // milliseconds.
        return Objects.equals(this, STANDARD);
    }

    public static Builder builder() {
        return new Builder();
    }

    public Builder toBuilder() {
        Builder b = new Builder();
        b.direct = direct;
        b.sqEntries = sqEntries;
        b.cqEntries = cqEntries;
        b.bufferCount = bufferCount;
        b.bufferBytes = bufferBytes;
        b.incremental = incremental;
        b.completionsPerPoll = completionsPerPoll;
        b.level = level;
        b.multishot = multishot;
        b.sqPollMillis = sqPollMillis;
        b.napiMicros = napiMicros;
        b.spinMicros = spinMicros;
        b.zeroCopyBytes = zeroCopyBytes;
        b.tableCount = tableCount;
        b.rings = rings;
        return b;
    }

    /** Collects switches. Not safe for use from several threads. */
    public static final class Builder {
        private Direct direct = Direct.AUTO;
        private int sqEntries = 1024;
        private int cqEntries = 8192;
        private int bufferCount = 64;
        private int bufferBytes = 64 * 1024;
        private boolean incremental = true;
        private int completionsPerPoll = 512;
        private int level;
        private boolean multishot = true;
        private int sqPollMillis;
        private int napiMicros;
        private int spinMicros;
        private int zeroCopyBytes;
        private int tableCount = 1 << 15;
        private int rings = 64;

        private Builder() {}

        public Builder direct(Direct where) {
            this.direct = where;
            return this;
        }

        public Builder entries(int submission, int completion) {
            this.sqEntries = submission;
            this.cqEntries = completion;
            return this;
        }

        public Builder buffers(int count, int bytes) {
            this.bufferCount = count;
            this.bufferBytes = bytes;
            return this;
        }

        public Builder incremental(boolean on) {
            this.incremental = on;
            return this;
        }

        public Builder completionsPerPoll(int count) {
            this.completionsPerPoll = count;
            return this;
        }

        public Builder level(int level) {
            this.level = level;
            return this;
        }

        public Builder multishot(boolean on) {
            this.multishot = on;
            return this;
        }

        public Builder sqPoll(int idleMillis) {
            this.sqPollMillis = idleMillis;
            return this;
        }

        public Builder napi(int micros) {
            this.napiMicros = micros;
            return this;
        }

        public Builder spin(int micros) {
            this.spinMicros = micros;
            return this;
        }

        public Builder zeroCopy(int leastBytes) {
            this.zeroCopyBytes = leastBytes;
            return this;
        }

        public Builder tablePlaces(int most) {
            this.tableCount = most;
            return this;
        }

        public Builder rings(int most) {
            this.rings = most;
            return this;
        }

        public UringOptions build() {
            return new UringOptions(
                    direct,
                    sqEntries,
                    cqEntries,
                    bufferCount,
                    bufferBytes,
                    incremental,
                    completionsPerPoll,
                    level,
                    multishot,
                    sqPollMillis,
                    napiMicros,
                    spinMicros,
                    zeroCopyBytes,
                    tableCount,
                    rings);
        }
    }
}
