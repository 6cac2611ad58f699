package dev.sluice.http;

import dev.sluice.EventLog;
import dev.sluice.observe.Incidents;
import dev.sluice.observe.LatencyHistogram;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where handlers run with {@code --workers auto}: on the loop, until they keep blocking it. A service has one handler, so what is
 * told apart is requests, by the first segment of their path ({@code /reports} of {@code /reports/2024?x}); of those that held the
 * loop some are remembered by name, and all further ones share one entry, so that no peer can make the table grow.
 *
 * <p>A class that held a loop three times within ten seconds, for 10 ms or more, goes to virtual threads that begin on the loop and
 * leave it when they first wait ({@link dev.sluice.style.HandOff}): of a class some block, and the others pay for no hand-over. One that
 * holds the loop even so, since it computes or waits in native code, goes to workers from the start. Either comes back to the loop when
 * none of its handlers took as long for a minute and a thousand requests, as silence proves nothing; when it has to go again, for two
 * minutes, and so on up to an hour. Each move is logged.
 *
 * <p>While no class has moved, a request costs one look at a count. Safe for use from any thread.
 */
final class Placement {
    /** A handler that takes longer blocks: on a loop that answers in microseconds, for hundreds of others. */
    static final long BLOCKING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int STRIKES = 3;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long QUIET_MOST_NANOS = TimeUnit.HOURS.toNanos(1);
    /** Of which one in a hundred blocks shows one among so many but once in 20,000 times. */
    private static final int QUIET_REQUESTS = 1_000;

    private static final int SLOTS = 128;
    private static final int PROBES = 8;
    private static final int SEGMENT_BYTES = 64;

    private final AtomicReferenceArray<@Nullable Kind> kinds = new AtomicReferenceArray<>(SLOTS);
    private final Kind others = new Kind(new byte[0], "paths beyond the first " + SLOTS + " that blocked");
    private final long quietNanos;
    /** Classes that are not on the loop. */
    private volatile int moved;

    Placement() {
        this(QUIET_NANOS);
    }

    /**
     * For tests.
     *
     * @param quietNanos after so long, and enough requests, without a slow handler a class comes back for the first time
     */
    Placement(long quietNanos) {
        this.quietNanos = quietNanos;
    }

    /** Where a handler runs. */
    enum Place {
        /** The loop calls it. */
        LOOP,
        /** A virtual thread calls it, which begins on the loop and leaves it when it first waits. */
        BEGINS_ON_LOOP,
        /** A worker calls it. */
        WORKERS
    }

    /** A class of requests. Guarded by itself, the volatile fields apart. */
    private final class Kind {
        private final byte[] segment;
        private final String name;
        private int strikes;
        private long firstStrikeNanos;
        private long quiet = quietNanos;
        private volatile Place place = Place.LOOP;
        private volatile long slowNanos;
        /** Requests since then, while it is not on the loop; several loops may lose a few. */
        private int sinceSlow;

        Kind(byte[] segment, String name) {
            this.segment = segment;
            this.name = name;
        }

        /** A handler took long, wherever it was. */
        synchronized void took(long nanos, long now) {
            slowNanos = now;
            sinceSlow = 0;
            if (place == Place.LOOP && strike(now)) {
                count(1);
                move(
                        Place.BEGINS_ON_LOOP,
                        "keep blocking their loop",
                        "virtual threads, and leave it when they wait",
                        nanos);
            }
        }

        /** A virtual thread held its loop for long before it left it. */
        synchronized void held(long nanos, long now) {
            if (place == Place.BEGINS_ON_LOOP && strike(now)) {
                move(
                        Place.WORKERS,
                        "hold their loop without waiting for anything that would let it go on",
                        "workers",
                        nanos);
            }
        }

        private boolean strike(long now) {
            if (strikes == 0 || now - firstStrikeNanos > WINDOW_NANOS) {
                strikes = 0;
                firstStrikeNanos = now;
            }
            boolean out = ++strikes == STRIKES;
            if (out) {
                strikes = 0;
            }
            return out;
        }

        private void move(Place to, String why, String where, long nanos) {
            place = to;
            Incidents.handlerMoved(name, true, nanos);
            EventLog.log(
                    Level.WARNING,
                    "handlers of " + name + " " + why + " (" + STRIKES + " times within "
                            + TimeUnit.NANOSECONDS.toSeconds(WINDOW_NANOS) + " s, the last for "
                            + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms): from now on they run on " + where,
                    null);
        }

        /** A further request; true where there were enough of them without a slow one. */
        boolean counted() {
            return ++sinceSlow > QUIET_REQUESTS;
        }

        synchronized void comeBack(long now) {
            if (place != Place.LOOP && now - slowNanos > quiet) {
                place = Place.LOOP;
                count(-1);
                Incidents.handlerMoved(name, false, 0);
                EventLog.log(
                        Level.INFO,
                        "handlers of " + name + " have not blocked for " + TimeUnit.NANOSECONDS.toSeconds(quiet)
                                + " s and " + QUIET_REQUESTS + " requests: they run on the loop again",
                        null);
                quiet = Math.min(2 * quiet, QUIET_MOST_NANOS);
            }
        }
    }

    private synchronized void count(int more) {
        moved += more;
    }

    /** Where a request's handler is to run. */
    Place of(RequestHead head) {
        if (moved == 0) {
            return Place.LOOP;
        }
        Kind kind = find(head);
        if (kind.place != Place.LOOP && kind.counted()) {
            long now = LatencyHistogram.now();
            if (now - kind.slowNanos > quietNanos) {
                kind.comeBack(now);
            }
        }
        return kind.place;
    }

    /** A handler was called, and took so long, wherever that was. */
    void took(RequestHead head, long nanos) {
        if (nanos >= BLOCKING_NANOS) {
            findOrAdd(head).took(nanos, LatencyHistogram.now());
        }
    }

    /** One that {@link Place#BEGINS_ON_LOOP} held the loop for so long. */
    void held(RequestHead head, long nanos) {
        if (nanos >= BLOCKING_NANOS) {
            findOrAdd(head).held(nanos, LatencyHistogram.now());
        }
    }

    // ---- the table

    /** The end of the path's first segment. */
    private static int segmentEnd(RequestHead head) {
        int end = Math.min(head.pathEnd(), head.pathStart + SEGMENT_BYTES);
        int at = Math.min(head.pathStart + 1, end);
        while (at < end && head.at(at) != '/') {
            at++;
        }
        return at;
    }

    private static int slot(RequestHead head, int end) {
        int hash = 0;
        for (int i = head.pathStart; i < end; i++) {
            hash = 31 * hash + head.at(i);
        }
        return hash ^ (hash >>> 16);
    }

    private Kind find(RequestHead head) {
        int end = segmentEnd(head);
        int slot = slot(head, end);
        for (int probe = 0; probe < PROBES; probe++) {
            Kind kind = kinds.get((slot + probe) & (SLOTS - 1));
            if (kind == null || isOf(kind, head, end)) {
                return kind == null ? others : kind;
            }
        }
        return others;
    }

    private Kind findOrAdd(RequestHead head) {
        int end = segmentEnd(head);
        int slot = slot(head, end);
        for (int probe = 0; probe < PROBES; probe++) {
            int at = (slot + probe) & (SLOTS - 1);
            if (kinds.get(at) == null) {
                String text = head.text(head.pathStart, end);
                Kind made = new Kind(text.getBytes(StandardCharsets.ISO_8859_1), Chars.quote(text));
                kinds.compareAndSet(at, null, made);
            }
            Kind kind = kinds.get(at);
            if (kind != null && isOf(kind, head, end)) {
                return kind;
            }
        }
        return others;
    }

    private static boolean isOf(Kind kind, RequestHead head, int end) {
        int length = end - head.pathStart;
        if (kind.segment.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (kind.segment[i] != (byte) head.at(head.pathStart + i)) {
                return false;
            }
        }
        return true;
    }
}
