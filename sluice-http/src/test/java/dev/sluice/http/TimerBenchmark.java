package dev.sluice.http;

import dev.sluice.threading.TimerWheel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a timer costs while so many are pending: the wheel of the loops, and the heap that was there before it. The pending ones
 * are due within a minute, and time passes as they go. Run by {@code bench/jmh.sh}; {@code gc.alloc.rate.norm} shows that
 * nothing is allocated.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TimerBenchmark {
    private static final int BATCH = 1000;
    private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(60);

    @Param({"wheel", "heap"})
    private String kind;

    @Param({"1000", "100000", "1000000"})
    private int pending;

    private Timers timers;
    private long now;
    private long random = 42;

    /** What both can do. */
    private interface Timers {
        /** Starts timer {@code number} of those that are not started. */
        void start(int number, long deadline);

        void cancel(int number);

        long delayNanos(long now);

        /** Runs what is due; whether anything was. */
        boolean runDue(long now);
    }

    @Setup
    public void prepare() {
        int all = pending + BATCH;
        timers = kind.equals("wheel") ? new Wheel(all) : new Heap(all);
        timers.runDue(now); // so that they know the time, as in a loop
        for (int i = 0; i < pending; i++) {
            timers.start(i, now + delay());
        }
    }

    private long delay() {
        random ^= random << 13; // xorshift (Marsaglia, 2003)
        random ^= random >>> 7;
        random ^= random << 17;
        return (random >>> 1) % SPAN_NANOS;
    }

    /** Starts a timer and cancels it. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void startAndCancel() {
        for (int i = pending; i < pending + BATCH; i++) {
            timers.start(i, now + delay());
        }
        for (int i = pending; i < pending + BATCH; i++) {
            timers.cancel(i);
        }
    }

    /** Starts anew one of those that are pending. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void restart() {
        for (int i = 0; i < BATCH; i++) {
            int number = (int) ((random >>> 20) % pending);
            timers.cancel(number);
            timers.start(number, now + delay());
        }
    }

    /** Waits until the next is due and runs it; it starts anew. So all come by in their time. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void fire() {
        for (int i = 0; i < BATCH; i++) {
            do {
                now += timers.delayNanos(now);
            } while (!timers.runDue(now));
        }
    }

    private final class Wheel implements Timers {
        private final TimerWheel wheel = new TimerWheel();
        private final TimerWheel.Entry[] entries;
        private int runs;

        Wheel(int count) {
            entries = new TimerWheel.Entry[count];
            Arrays.setAll(entries, i -> new TimerWheel.Entry() {
                @Override
                protected void run() {
                    runs++;
                    wheel.start(this, now, delay());
                }
            });
        }

        @Override
        public void start(int number, long deadline) {
            wheel.start(entries[number], deadline);
        }

        @Override
        public void cancel(int number) {
            wheel.cancel(entries[number]);
        }

        @Override
        public long delayNanos(long now) {
            return wheel.delayNanos(now);
        }

        @Override
        public boolean runDue(long now) {
            int before = runs;
            wheel.runDue(now);
            return runs > before;
        }
    }

    /** A heap of four children a node, as the loops had it until the wheel. */
    private final class Heap implements Timers {
        private static final class Entry {
            long deadline;
            long order;
            int index = -1;
        }

        private final Entry[] entries;
        private final Entry[] heap;
        private int count;
        private long started;

        Heap(int count) {
            entries = new Entry[count];
            Arrays.setAll(entries, i -> new Entry());
            heap = new Entry[count];
        }

        @Override
        public void start(int number, long deadline) {
            start(entries[number], deadline);
        }

        private void start(Entry entry, long deadline) {
            entry.deadline = deadline;
            entry.order = started++;
            up(entry, count++);
        }

        @Override
        public void cancel(int number) {
            cancel(entries[number]);
        }

        private void cancel(Entry entry) {
            int gap = entry.index;
            entry.index = -1;
            Entry last = heap[--count];
            heap[count] = null;
            if (gap < count) {
                up(last, gap);
                down(last, last.index);
            }
        }

        @Override
        public long delayNanos(long now) {
            return count == 0 ? -1 : Math.max(0, heap[0].deadline - now);
        }

        @Override
        public boolean runDue(long now) {
            long before = started;
            while (count > 0 && heap[0].deadline <= now && heap[0].order < before) {
                Entry first = heap[0];
                cancel(first);
                start(first, now + delay());
            }
            return started > before;
        }

        private void up(Entry entry, int from) {
            int at = from;
            while (at > 0 && before(entry, heap[(at - 1) >> 2])) {
                place(heap[(at - 1) >> 2], at);
                at = (at - 1) >> 2;
            }
            place(entry, at);
        }

        private void down(Entry entry, int from) {
            int at = from;
            while (true) {
                int least = -1;
                for (int c = (at << 2) + 1; c < (at << 2) + 5 && c < count; c++) {
                    if (least < 0 || before(heap[c], heap[least])) {
                        least = c;
                    }
                }
                if (least < 0 || !before(heap[least], entry)) {
                    break;
                }
                place(heap[least], at);
                at = least;
            }
            place(entry, at);
        }

        private void place(Entry entry, int at) {
            heap[at] = entry;
            entry.index = at;
        }

        private static boolean before(Entry a, Entry b) {
            return a.deadline < b.deadline || (a.deadline == b.deadline && a.order < b.order);
        }
    }
}
