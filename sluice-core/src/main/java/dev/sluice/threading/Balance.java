package dev.sluice.threading;

import dev.sluice.engine.EngineCounters;
import dev.sluice.os.CallState;
import dev.sluice.os.ThreadTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Evens out the loops of a server: where one of them is much busier than another for a while, its busiest connections move.
 *
 * <p>Looks four times a second, by a timer of the first loop. Each loop then reads its own processor time, so nothing is measured
 * on a request's way but a count of each connection's work. An idle server is not looked at: no loop is woken for it but the first.
 *
 * <p>A move must lessen the difference by half at least, which the single busy connection of a loop never does; and who has moved
 * stays for a while. So nothing goes back and forth.
 */
final class Balance {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** A loop that uses less of a core than this has no need of help. */
    private static final double BUSY = 0.5;
    /** What another must have less. */
    private static final double GAP = 0.25;
    /** A difference that is left as it is. */
    private static final double EVEN = 0.1;
    /** Of the difference, what a connection that moves may make up: then at most half of it is left, whichever way. */
    private static final double PART = 0.75;
    /** Looks in a row that must agree. */
    private static final int LOOKS = 3;
    /** Looks until moves have shown their effect. */
    private static final int LOOKS_AFTER_MOVES = 4;
    /** Looks until it is tried again where nothing could move. */
    private static final int LOOKS_AFTER_NONE = 40;
    /** How long a connection stays where it came to. */
    private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Connections that are looked at, and that move at once: a loop does nothing else meanwhile. */
    private static final int MOST_LOOKED_AT = 100_000;

    private static final int MOST_MOVED = 1_000;

    /** Of a loop that never sleeps: less work between two looks is idleness. In sends, and so many bytes are as much as one. */
    private static final long LITTLE_WORK = 100;

    private static final int BYTES_SHIFT = 8;

    private final List<Meter> meters;
    private final Look look = new Look();
    /** The number of the next look that may judge; set by a loop that made moves or found none. */
    private volatile int judgeFrom;

    Balance(List<Loop> loops) {
        this.meters = loops.stream().map(Meter::new).toList();
    }

    private Loop first() {
        return meters.getFirst().loop;
    }

    void start() {
        first().submit(() -> first().start(look, LOOK_NANOS));
    }

    // ---- looking: on the first loop

    private final class Look extends TimerWheel.Entry {
        private int number;
        private long workBefore;
        private int busiestBefore = -1;
        private int inARow;

        @Override
        protected void run() {
            first().start(this, LOOK_NANOS);
            if (meters.stream().anyMatch(meter -> meter.readings < number)) {
                return; // a loop that is held up has not answered yet
            }
            long work = meters.stream().mapToLong(Meter::counted).sum();
            if (work == workBefore) {
                inARow = 0;
                return; // nothing has happened
            }
            workBefore = work;
            if (number >= 2 && number >= judgeFrom) { // the first reading is of no span
                judge(loads());
            }
            number++;
            meters.forEach(Meter::ask);
        }

        /** Of each loop, the part of a core that it uses; or where loops never sleep, its work as a part of the busiest one's. */
        private double[] loads() {
            long most = meters.stream().mapToLong(meter -> meter.work).max().orElse(0);
            return meters.stream()
                    .mapToDouble(
                            meter -> meter.busy >= 0 ? meter.busy : (double) meter.work / Math.max(most, LITTLE_WORK))
                    .toArray();
        }

        private void judge(double[] loads) {
            int busiest = 0;
            int idlest = 0;
            for (int i = 1; i < loads.length; i++) {
                busiest = loads[i] > loads[busiest] ? i : busiest;
                idlest = loads[i] < loads[idlest] ? i : idlest;
            }
            boolean uneven = loads[busiest] >= BUSY && loads[busiest] - loads[idlest] >= GAP;
            inARow = !uneven ? 0 : busiest == busiestBefore ? inARow + 1 : 1;
            busiestBefore = busiest;
            int from = busiest;
            Loop loop = meters.get(from).loop;
            if (inARow == 1) {
                loop.submit(() -> loop.visit(MOST_LOOKED_AT, Moving::forgetWork));
            } else if (inARow == LOOKS) {
                inARow = 0;
                judgeFrom = number + LOOKS_AFTER_MOVES;
                int noneUntil = number + LOOKS_AFTER_NONE;
                loop.submit(() -> {
                    if (spread(from, loads) == 0) {
                        judgeFrom = noneUntil;
                    }
                });
            }
        }
    }

    // ---- moving: on the busiest loop

    /** Moves what is to move; how many connections that is. */
    private int spread(int from, double[] loads) {
        Loop loop = meters.get(from).loop;
        long now = loop.nanoTime();
        long[] all = new long[1];
        List<SocketConnection> movable = new ArrayList<>();
        loop.visit(MOST_LOOKED_AT, c -> {
            all[0] += c.work();
            if (c.work() > 0 && c.canMove() && now - c.settledNanos() > STAY_NANOS) {
                movable.add(c);
            }
        });
        movable.sort(Comparator.comparingInt(Moving::work).reversed());
        List<SocketConnection> busiest = movable.subList(0, Math.min(MOST_MOVED, movable.size()));
        int[] to = plan(
                loads,
                from,
                busiest.stream().mapToDouble(c -> c.work() / (double) all[0]).toArray());
        int moved = 0;
        for (int i = 0; i < to.length; i++) {
            if (to[i] != from) {
                busiest.get(i).moveTo(meters.get(to[i]).loop);
                moved++;
            }
        }
        return moved;
    }

    /**
     * Where connections of a loop are to go.
     *
     * @param loads of each loop, the part of a core that it uses
     * @param parts of each connection, the part that it has in its loop's work; the largest first
     * @return of each connection, the loop that it is to be on
     */
    static int[] plan(double[] loads, int from, double[] parts) {
        double[] then = loads.clone();
        int[] to = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            int idlest = from;
            for (int k = 0; k < then.length; k++) {
                idlest = then[k] < then[idlest] ? k : idlest;
            }
            double gap = then[from] - then[idlest];
            double load = loads[from] * parts[i];
            to[i] = gap > EVEN && load <= gap * PART ? idlest : from;
            if (to[i] != from) {
                then[from] -= load;
                then[idlest] += load;
            }
        }
        return to;
    }

    /** What one loop did between two looks: read by itself, for the one that looks. */
    private static final class Meter {
        final Loop loop;
        private final CallState state = new CallState();
        private long timeBefore;
        private long busyBefore;
        private long workBefore;

        /** The part of a core that it used; negative where that says nothing. */
        double busy;
        /** Its work, see {@link #LITTLE_WORK}. */
        long work;
        /** How many there were; written last. */
        volatile int readings;

        Meter(Loop loop) {
            this.loop = loop;
        }

        /** The work so far, receives that found nothing apart; from any thread, a little late. */
        long counted() {
            EngineCounters counters = loop.engine().counters();
            return counters.sends + (counters.receivedBytes + counters.sentBytes >> BYTES_SHIFT);
        }

        void ask() {
            loop.submit(this::read);
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // written by the loop only
        private void read() {
            long time = loop.nanoTime();
            long processor = loop.engine().sleeps() ? ThreadTime.nanos(state) : -1;
            long counted = counted();
            busy = processor < 0 ? -1 : (processor - busyBefore) / (double) Math.max(1, time - timeBefore);
            work = counted - workBefore;
            timeBefore = time;
            busyBefore = processor;
            workBefore = counted;
            readings++;
        }
    }
}
