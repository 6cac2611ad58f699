package dev.sluice.threading;

import org.jspecify.annotations.Nullable;

/**
 * Timers of one domain: start and cancel take constant time and allocate nothing, the next deadline is found in constant time,
 * so that a loop sleeps until then and never ticks. Timers run in the order of their deadlines, to the nanosecond, and those of
 * equal deadlines in the order in which they were started. For one thread at a time.
 *
 * <p>A hierarchical wheel (Varghese and Lauck, 1987). Level 0 has slots of a nanosecond, each next level's are eight times as
 * wide; a level is a ring of 64 slots, each a list, with a bit for each slot that isn't empty.
 *
 * <pre>
 *             horizon: what is due before is no longer in the wheel
 *   sorted ─────────┤
 *   level 0         ├┬┬┬┬┬┬┬┬ 1 ns
 *   level 1                  ┌──┬──┬──┬──┐ 8 ns        a slot goes to the level below when the horizon
 *   level 2                              ┌────────┬──  comes within eight slots of it, bit by bit
 * </pre>
 *
 * A slot may hold a hundred thousand timers. They come down from its front, {@link #BATCH} in each turn, and all that are left at
 * once only where the horizon comes within two slots of it. Meanwhile a timer that is due in its time goes behind those in it, and to
 * the level below once it is empty. So those of equal deadlines are in the order of their starts, those of the level below before those
 * of the slot, and no number for that is kept: a timer's place follows from its deadline, the horizon and which slots are empty.
 * Timers are of two neighbouring levels at most where their times overlap, since a slot is empty before the level below is so near that it
 * gives its own away.
 *
 * <p>A timer changes its level 20 times at most, mostly never: it is cancelled before. A slot is an eighth of the time that is left
 * at most, so that timers of a common delay come down in groups, not at once.
 *
 * <p>While there are {@link #FEW}, they are one sorted list and nothing else, since most domains have one timer or two.
 */
public final class TimerWheel {
    /** So many timers are kept sorted; with more of them the wheel comes into use, for good. */
    private static final int FEW = 16;
    /** So many timers of the first slot are looked at for the very next deadline. */
    private static final int LOOKED_AT = 16;

    private static final int LEVEL_BITS = 3;
    /** A slot is near when it is fewer slots from the horizon's: its timers may come down. */
    private static final int NEAR = 1 << LEVEL_BITS;
    /** And so near that they must: at two, the slots of the level below that it covers are not near yet. */
    private static final int NEXT = 2;
    /** So many timers come down in a turn: some 20 µs, where each is in no cache. */
    static final int BATCH = 128;
    /** For a slot of so many the loop wakes when it may come down, not when its first timer is due. */
    private static final int CROWD = BATCH;

    private static final int SLOT_BITS = 6;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int LEVELS = 21;
    /** The horizon moves along, though nothing is due, when it is so far behind. */
    private static final long LAG_NANOS = 1 << 20;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long LONG_AGO = -(1L << 61);

    // Places beside the slots' numbers, which are level << SLOT_BITS | slot.
    private static final int INACTIVE = -1;
    private static final int SORTED = LEVELS << SLOT_BITS;
    private static final int RUNNING = SORTED + 1;

    /** A started timer; the wheel's own once it is started, free again after it ran or was cancelled. */
    public abstract static class Entry {
        long deadlineNanos;
        private Entry ahead = this;
        private Entry behind = this;
        int place = INACTIVE;

        /** Runs once the deadline has passed. */
        protected abstract void run();

        public final boolean isActive() {
            return place != INACTIVE;
        }
    }

    private final int batch;

    // Times in here count from about the first one that it was told, so that they never wrap around.
    private long base;
    private boolean based;
    /** All that is due before is in the sorted list, all else in the wheel. */
    private long horizon = NEVER;
    /** What was due before has been run; a time long ago until it is known. */
    private long passed = LONG_AGO;

    private int count;
    private int sortedCount;
    private @Nullable Entry sorted;
    private @Nullable Entry running;

    private Slots @Nullable [] wheel;
    /** A bit for each level that isn't empty. */
    private int levels;
    /** When the next crowd may come down, or a time before it; long ago while some that may are left. */
    private long crowdNear = NEVER;

    /** The next deadline, or a time before it; stale where it isn't known. */
    private long next = NEVER;

    private boolean nextKnown = true;

    /** One level: the first of each slot's list, which is linked in a ring, and how many there are. */
    private static final class Slots {
        final @Nullable Entry[] first = new Entry[SLOTS];
        final int[] count = new int[SLOTS];
        long occupied;
        long crowded;

        boolean isOccupied(long slot) {
            return (occupied >> slot & 1) != 0;
        }

        /** Whether these are a crowd now. */
        boolean joined(int slot) {
            if (++count[slot] != CROWD) {
                return false;
            }
            crowded |= 1L << slot;
            return true;
        }

        void left(int slot) {
            if (count[slot]-- == CROWD) {
                crowded &= ~(1L << slot);
            }
        }
    }

    public TimerWheel() {
        this(BATCH);
    }

    TimerWheel(int batch) {
        this.batch = batch;
    }

    public int size() {
        return count;
    }

    /** Starts a timer that is not active, which is due so long from now: at once if that is negative. */
    public void start(Entry entry, long now, long delayNanos) {
        baseOn(now);
        start(entry, now + Math.max(0, Math.min(delayNanos, Long.MAX_VALUE >> 1)));
    }

    /** Starts a timer that is not active. Deadlines compare as {@link System#nanoTime} does. */
    public void start(Entry entry, long deadlineNanos) {
        assert entry.place == INACTIVE : "the timer runs already";
        baseOn(deadlineNanos);
        entry.deadlineNanos = deadlineNanos;
        count++;
        long time = deadlineNanos - base;
        if (time < next) {
            next = time;
        }
        place(entry, time, LEVELS);
        if (sortedCount > FEW && wheel == null) {
            beginWheel();
        }
    }

    /** Cancels an active timer; does nothing for another. */
    public void cancel(Entry entry) {
        if (entry.place != INACTIVE) {
            if (entry.deadlineNanos - base <= next) {
                nextKnown = false;
            }
            unlink(entry);
            count--;
        }
    }

    /**
     * Nanoseconds from now to the next deadline, 0 if one has passed, -1 if there is no timer. Where there are many timers, it may be
     * less, so that they are made ready bit by bit: {@link #runDue} then runs none.
     */
    public long delayNanos(long now) {
        if (count == 0) {
            return -1;
        }
        if (crowdNear <= now - base) {
            return 0;
        }
        if (!nextKnown) {
            next = findNext();
            nextKnown = true;
        }
        return Math.max(0, Math.min(next, crowdNear) - (now - base));
    }

    /**
     * Runs the timers that are due now; those that they start wait for the next turn even with a delay of nothing.
     *
     * @return whether it did anything, so that time has passed: it may also have brought timers down
     */
    public boolean runDue(long now) {
        baseOn(now);
        long limit = now - base + 1;
        passed = Math.max(passed, limit);
        if (count == 0) {
            return false;
        }
        if (next >= limit) { // also where it is stale: a time before the next deadline
            boolean behind = crowdNear < limit || limit - horizon > LAG_NANOS;
            if (behind) {
                advance(limit);
                bringSomeDown();
            }
            return behind;
        }
        if (horizon < limit) {
            collect(limit);
        }
        bringSomeDown();
        nextKnown = false;
        for (Entry e = sorted; e != null && e.deadlineNanos - base < limit; e = sorted) {
            unlink(e);
            append(e, RUNNING, running);
        }
        for (Entry e = running; e != null; e = running) {
            unlink(e);
            count--;
            e.run();
        }
        return true;
    }

    private void baseOn(long now) {
        if (!based) {
            based = true;
            base = now;
        }
    }

    // ---- the next deadline

    private long findNext() {
        Entry first = running != null ? running : sorted;
        if (first != null) {
            return first.deadlineNanos - base;
        }
        if (levels == 0) {
            return NEVER;
        }
        int level = Integer.numberOfTrailingZeros(levels);
        long slot = firstSlot(level);
        long least = NEVER;
        first = slots(level).first[(int) slot & SLOT_MASK];
        Entry e = first;
        for (int n = 0; n < LOOKED_AT && e != null; n++) {
            least = Math.min(least, e.deadlineNanos - base);
            e = e.behind == first ? null : e.behind;
        }
        return e == null ? least : slot << level * LEVEL_BITS; // a crowd: when its time begins
    }

    /** The number, as of time 0, of the first slot with timers on a level that isn't empty. */
    private long firstSlot(int level) {
        long position = horizon >> level * LEVEL_BITS;
        return position + Long.numberOfTrailingZeros(Long.rotateRight(slots(level).occupied, (int) position));
    }

    // ---- from the wheel to the sorted list

    /** Sorts out what is due before the limit, and moves the horizon there. */
    private void collect(long limit) {
        while (levels != 0) {
            int level = Integer.numberOfTrailingZeros(levels);
            long slot = firstSlot(level);
            long begin = slot << level * LEVEL_BITS;
            long above = beginAbove(level);
            if (Math.min(begin, above) >= limit) {
                break;
            }
            Entry first = slots(level).first[(int) slot & SLOT_MASK];
            if (above <= begin) { // it covers this one, or comes before
                advance(above);
            } else if (level == 0 || (first != null && isShortAndDue(first, limit))) {
                sortAll(level, (int) slot & SLOT_MASK);
            } else {
                advance(begin); // and so the slot comes down
            }
        }
        advance(limit);
    }

    /** When the first slot of the level above begins; those of still higher levels are due after all of this one. */
    private long beginAbove(int level) {
        int above = level + 1;
        return (levels >> above & 1) == 0 ? NEVER : firstSlot(above) << above * LEVEL_BITS;
    }

    private boolean isShortAndDue(Entry first, long limit) {
        Entry e = first;
        for (int n = 0; n < LOOKED_AT; n++) {
            if (e.deadlineNanos - base >= limit) {
                return false;
            }
            e = e.behind;
            if (e == first) {
                return true;
            }
        }
        return false;
    }

    private void sortAll(int level, int slot) {
        Slots slots = slots(level);
        for (Entry e = slots.first[slot]; e != null; e = slots.first[slot]) {
            unlink(e);
            sort(e);
        }
    }

    /** Moves the horizon, before which nothing in the wheel is due, and brings down all that it came next to. */
    private void advance(long to) {
        horizon = Math.max(horizon, to);
        bringDown(NEXT, Integer.MAX_VALUE);
    }

    private void bringSomeDown() {
        crowdNear = bringDown(NEAR, batch) > 0 ? nextCrowd() : LONG_AGO;
    }

    private long nextCrowd() {
        long first = NEVER;
        for (int which = levels & -2; which != 0; which &= which - 1) {
            int level = Integer.numberOfTrailingZeros(which);
            long position = horizon >> level * LEVEL_BITS;
            long crowded = Long.rotateRight(slots(level).crowded, (int) position);
            if (crowded != 0) {
                first = Math.min(first, near(level, position + Long.numberOfTrailingZeros(crowded)));
            }
        }
        return first;
    }

    /** When a slot begins to be near. */
    private static long near(int level, long slot) {
        return (slot - NEAR + 1) << level * LEVEL_BITS;
    }

    /** Upwards, so that of equal deadlines those of the lower level go first; returns how many more it might have. */
    private int bringDown(int near, int most) {
        int left = most;
        for (int which = levels & -2; which != 0 && left > 0; which &= which - 1) {
            int level = Integer.numberOfTrailingZeros(which);
            long position = horizon >> level * LEVEL_BITS;
            long slots = Long.rotateRight(slots(level).occupied, (int) position) & (1L << near) - 1;
            for (; slots != 0 && left > 0; slots &= slots - 1) {
                left = bringDown(level, (int) position + Long.numberOfTrailingZeros(slots) & SLOT_MASK, left);
            }
        }
        return left;
    }

    private int bringDown(int level, int slot, int most) {
        Slots slots = slots(level);
        int left = most;
        for (Entry e = slots.first[slot]; e != null && left > 0; e = slots.first[slot]) {
            unlink(e);
            place(e, e.deadlineNanos - base, level);
            left--;
        }
        return left;
    }

    /** There are more than a few: what isn't past goes to the wheel. */
    private void beginWheel() {
        wheel = new Slots[LEVELS];
        horizon = passed;
        Entry e = sorted;
        for (int left = sortedCount; left > 0 && e != null; left--) {
            Entry following = e.behind;
            long time = e.deadlineNanos - base;
            if (time >= horizon) {
                unlink(e);
                place(e, time, LEVELS);
            }
            e = following;
        }
    }

    // ---- lists

    /** Puts it into the sorted list or the wheel, there below a level: the one that it comes from. */
    private void place(Entry entry, long time, int below) {
        if (time < horizon) {
            sort(entry);
            return;
        }
        int level = level(time);
        int above = level + 1;
        if (above < below && (levels >> above & 1) != 0 && slots(above).isOccupied(time >> above * LEVEL_BITS)) {
            level = above; // that slot has not come down yet
        }
        Slots slots = slots(level);
        int slot = (int) (time >> level * LEVEL_BITS) & SLOT_MASK;
        append(entry, level << SLOT_BITS | slot, slots.first[slot]);
        if (slots.joined(slot)) {
            crowdNear = Math.min(crowdNear, near(level, time >> level * LEVEL_BITS));
        }
    }

    /** The lowest level whose next has that time in a slot that is near. */
    private int level(long time) {
        int highest = 63 - Long.numberOfLeadingZeros((time - horizon) | 1);
        int level = Math.max(0, highest / LEVEL_BITS - 1);
        int above = (level + 1) * LEVEL_BITS;
        return (time >> above) - (horizon >> above) < NEAR ? level : level + 1;
    }

    /** Behind all that are due before or at the same time. */
    private void sort(Entry entry) {
        Entry first = sorted;
        append(entry, SORTED, first);
        sortedCount++;
        if (first == null) {
            return;
        }
        Entry later = entry;
        while (later != first && later.ahead.deadlineNanos - entry.deadlineNanos > 0) {
            later = later.ahead;
        }
        if (later != entry) {
            entry.ahead.behind = first; // out of its place at the end
            first.ahead = entry.ahead;
            insert(entry, later);
            if (later == first) {
                sorted = entry;
            }
        }
    }

    private void append(Entry entry, int place, @Nullable Entry first) {
        entry.place = place;
        if (first == null) {
            setFirst(place, entry);
        } else {
            insert(entry, first);
        }
    }

    /** Links an entry into a ring, ahead of another. */
    private static void insert(Entry entry, Entry later) {
        entry.ahead = later.ahead;
        entry.behind = later;
        later.ahead.behind = entry;
        later.ahead = entry;
    }

    private void unlink(Entry entry) {
        int place = entry.place;
        Entry behind = entry.behind;
        if (place == SORTED) {
            sortedCount--;
        } else if (place < SORTED) {
            slots(place >> SLOT_BITS).left(place & SLOT_MASK);
        }
        if (behind == entry) {
            setFirst(place, null);
        } else {
            behind.ahead = entry.ahead;
            entry.ahead.behind = behind;
            if (first(place) == entry) {
                setFirst(place, behind);
            }
            entry.ahead = entry; // lets the collector have the others
            entry.behind = entry;
        }
        entry.place = INACTIVE;
    }

    private @Nullable Entry first(int place) {
        return switch (place) {
            case SORTED -> sorted;
            case RUNNING -> running;
            default -> slots(place >> SLOT_BITS).first[place & SLOT_MASK];
        };
    }

    private void setFirst(int place, @Nullable Entry first) {
        if (place == SORTED) {
            sorted = first;
        } else if (place == RUNNING) {
            running = first;
        } else {
            int level = place >> SLOT_BITS;
            Slots slots = slots(level);
            slots.first[place & SLOT_MASK] = first;
            long bit = 1L << place;
            slots.occupied = first == null ? slots.occupied & ~bit : slots.occupied | bit;
            levels = slots.occupied == 0 ? levels & ~(1 << level) : levels | 1 << level;
        }
    }

    private Slots slots(int level) {
        Slots[] all = wheel;
        if (all == null) {
            throw new IllegalStateException("a few timers are in no wheel");
        }
        Slots slots = all[level];
        if (slots == null) {
            slots = new Slots();
            all[level] = slots;
        }
        return slots;
    }
}
