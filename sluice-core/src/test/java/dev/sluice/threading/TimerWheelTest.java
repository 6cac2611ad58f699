package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {
    private TimerWheel wheel = new TimerWheel();
    private final List<Integer> ran = new ArrayList<>();

    private final class Timer extends TimerWheel.Entry {
        final int number;

        Timer(int number) {
            this.number = number;
        }

        @Override
        protected void run() {
            ran.add(number);
        }
    }

    @Test
    void runsInTheOrderOfDeadlinesAndStartsAmongEquals() {
        Random random = new Random(7);
        List<Timer> timers = new ArrayList<>();
        List<long[]> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            Timer timer = new Timer(i);
            timers.add(timer);
            long deadline = random.nextInt(500);
            wheel.start(timer, deadline);
            expected.add(new long[] {deadline, i});
        }
        for (int i = 0; i < 5_000; i += 3) {
            wheel.cancel(timers.get(i));
        }
        expected.removeIf(e -> e[1] % 3 == 0);
        expected.sort(Comparator.<long[]>comparingLong(e -> e[0]).thenComparingLong(e -> e[1]));

        for (long now = 0; now < 500; now++) {
            wheel.runDue(now);
            int run = ran.size();
            settle(now);
            assertThat(ran).hasSize(run);
        }

        assertThat(ran)
                .containsExactlyElementsOf(
                        expected.stream().map(e -> (int) e[1]).toList());
        assertThat(wheel.size()).isZero();
        assertThat(wheel.delayNanos(0)).isEqualTo(-1);
    }

    /** Turns until no more timers are to come down at that time. */
    private void settle(long now) {
        for (int turn = 0; wheel.delayNanos(now) == 0; turn++) {
            assertThat(turn).isLessThan(100_000);
            wheel.runDue(now);
        }
    }

    @Test
    void aTimerStartedByATimerWaitsForTheNextTurn() {
        TimerWheel.Entry endless = new TimerWheel.Entry() {
            @Override
            protected void run() {
                ran.add(0);
                wheel.start(this, 0);
            }
        };
        wheel.start(endless, 0);
        wheel.runDue(0);
        assertThat(ran).hasSize(1);
        wheel.runDue(0);
        assertThat(ran).hasSize(2);
    }

    @Test
    void deadlinesCompareAcrossTheOverflowOfNanoTime() {
        wheel.start(new Timer(1), Long.MAX_VALUE - 5);
        wheel.start(new Timer(2), Long.MIN_VALUE + 5);
        wheel.runDue(Long.MAX_VALUE);
        assertThat(ran).containsExactly(1);
        wheel.runDue(Long.MIN_VALUE + 5);
        assertThat(ran).containsExactly(1, 2);
    }

    @Test
    void cancellingTwiceOrAfterTheRunDoesNothing() {
        Timer timer = new Timer(1);
        wheel.start(timer, 1);
        wheel.cancel(timer);
        wheel.cancel(timer);
        assertThat(timer.isActive()).isFalse();
        wheel.start(timer, 1);
        wheel.runDue(1);
        wheel.cancel(timer);
        assertThat(ran).containsExactly(1);
    }

    @Test
    void aTimerStartedByATimerComesBehindThoseOfTheSameTime() {
        wheel.start(new Timer(1), 10);
        wheel.start(
                new TimerWheel.Entry() {
                    @Override
                    protected void run() {
                        wheel.start(new Timer(3), 10);
                    }
                },
                10);
        wheel.start(new Timer(2), 10);
        wheel.runDue(10);
        assertThat(ran).containsExactly(1, 2);
        wheel.runDue(10);
        assertThat(ran).containsExactly(1, 2, 3);
    }

    /** What a wheel does, said by a sorted list. */
    private final class Model {
        private record Started(long deadline, long order, int number) {}

        private final TreeSet<Started> list =
                new TreeSet<>(Comparator.comparingLong(Started::deadline).thenComparingLong(Started::order));
        private final Map<Integer, Started> byNumber = new HashMap<>();
        private long order;

        void start(int number, long deadline) {
            Started started = new Started(deadline, order++, number);
            list.add(started);
            byNumber.put(number, started);
        }

        void cancel(int number) {
            Started started = byNumber.remove(number);
            if (started != null) {
                list.remove(started);
            }
        }

        List<Integer> runDue(long now) {
            List<Integer> due = new ArrayList<>();
            while (!list.isEmpty() && list.getFirst().deadline <= now) {
                due.add(list.getFirst().number);
                cancel(list.getFirst().number);
            }
            return due;
        }
    }

    /**
     * Delays from nothing to hours, many of them equal, with times that pass in leaps and in single nanoseconds. So few timers come
     * down in a turn that at nearly any time some slots have given away a part of what they hold.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void doesWhatASortedListDoes(long seed) {
        Random random = new Random(seed);
        wheel = new TimerWheel(seed < 5 ? TimerWheel.BATCH : 1 + random.nextInt(4));
        Model model = new Model();
        int timers = seed % 2 == 0 ? 2_000 : 12;
        List<Timer> all = IntStream.range(0, timers).mapToObj(Timer::new).toList();
        long now = seed == 3 ? Long.MAX_VALUE - 1_000_000 : random.nextLong() >> 1; // across the overflow
        for (int step = 0; step < 100_000; step++) {
            Timer timer = all.get(random.nextInt(timers));
            int choice = random.nextInt(100);
            if (choice < 55) {
                wheel.cancel(timer);
                model.cancel(timer.number);
                long delay = delay(random);
                wheel.start(timer, now, delay);
                model.start(timer.number, now + Math.max(0, delay));
            } else if (choice < 80) {
                wheel.cancel(timer);
                model.cancel(timer.number);
            } else if (choice < 90) {
                now += delay(random) / 16;
                runBoth(model, now);
            } else {
                long delay = wheel.delayNanos(now);
                if (model.list.isEmpty()) {
                    assertThat(delay).isEqualTo(-1);
                } else {
                    long exact = Math.max(0, model.list.getFirst().deadline - now);
                    assertThat(delay).isBetween(0L, exact);
                    now += delay;
                    runBoth(model, now);
                }
            }
            assertThat(wheel.size()).isEqualTo(model.list.size());
            assertThat(timer.isActive()).isEqualTo(model.byNumber.containsKey(timer.number));
        }
    }

    private static long delay(Random random) {
        int width = random.nextInt(44);
        long delay = random.nextLong() >>> (63 - width);
        return random.nextBoolean() ? delay : (delay >> 20 << 20) - 1; // many are due at the same time
    }

    private void runBoth(Model model, long now) {
        ran.clear();
        boolean any = wheel.runDue(now);
        assertThat(ran).containsExactlyElementsOf(model.runDue(now));
        assertThat(any || ran.isEmpty()).isTrue();
    }

    @Test
    void aFewTimersAreWaitedForExactly() {
        for (int i = 0; i < 10; i++) {
            wheel.start(new Timer(i), 0, TimeUnit.SECONDS.toNanos(60) + i);
        }
        assertThat(wheel.delayNanos(0)).isEqualTo(TimeUnit.SECONDS.toNanos(60));
    }

    /** A crowd isn't looked through for its first: the loop wakes a little before, each time nearer. */
    @Test
    void beforeACrowdTheLoopWakesSeldom() {
        Random random = new Random(1);
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            wheel.start(new Timer(i), now, TimeUnit.SECONDS.toNanos(60) + random.nextInt(1_000_000_000));
        }
        int wakes = 0;
        while (ran.isEmpty()) {
            now += wheel.delayNanos(now);
            wheel.runDue(now);
            if (ran.isEmpty()) {
                settle(now);
            }
            wakes++;
        }
        assertThat(now).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(60));
        assertThat(wakes).isLessThan(40); // one for each crowded slot
    }

    /** As long as the loop keeps up, no turn is held by a slot of tens of thousands. */
    @Test
    void aCrowdComesDownBitByBit() {
        Random random = new Random(1);
        long now = 0;
        List<Timer> timers = IntStream.range(0, 20_000).mapToObj(Timer::new).toList();
        wheel.runDue(now); // so that it knows the time, as in a loop
        timers.forEach(t -> wheel.start(t, 0, TimeUnit.SECONDS.toNanos(60) + random.nextInt(1_000_000_000)));
        int[] places = timers.stream().mapToInt(t -> t.place).toArray();
        int most = 0;
        while (wheel.size() > 0) {
            now += wheel.delayNanos(now) + 20_000; // what a turn takes
            wheel.runDue(now);
            int moved = 0;
            for (int i = 0; i < places.length; i++) {
                int place = timers.get(i).place;
                moved += place != places[i] && timers.get(i).isActive() ? 1 : 0;
                places[i] = place;
            }
            most = Math.max(most, moved);
        }
        assertThat(ran).hasSize(20_000);
        assertThat(most).isBetween(TimerWheel.BATCH, 2 * TimerWheel.BATCH);
    }

    @Test
    void aMillionTimersRunInOrderAndNoneEarly() {
        int count = 1_000_000;
        Random random = new Random(7);
        long[] now = {random.nextLong() >> 1};
        long[] last = {now[0]};
        int[] runs = {0};
        final class Checked extends TimerWheel.Entry {
            @Override
            protected void run() {
                if (deadlineNanos > now[0] || deadlineNanos < last[0]) {
                    throw new AssertionError("due at " + deadlineNanos + ", run at " + now[0] + " after " + last[0]);
                }
                last[0] = deadlineNanos;
                runs[0]++;
            }
        }
        TimerWheel.Entry[] timers = new TimerWheel.Entry[count];
        for (int i = 0; i < count; i++) {
            timers[i] = new Checked();
            wheel.start(timers[i], now[0], random.nextLong(TimeUnit.MINUTES.toNanos(2)));
        }
        int cancelled = 0;
        for (int i = 0; i < count; i += 4) {
            wheel.cancel(timers[i]);
            cancelled++;
        }
        assertThat(wheel.size()).isEqualTo(count - cancelled);
        while (wheel.size() > 0) {
            now[0] += Math.max(wheel.delayNanos(now[0]), TimeUnit.MILLISECONDS.toNanos(1));
            wheel.runDue(now[0]);
        }
        assertThat(runs[0]).isEqualTo(count - cancelled);
    }

    @Test
    void aTimerThatThrowsLeavesTheOthersStarted() {
        wheel.start(
                new TimerWheel.Entry() {
                    @Override
                    protected void run() {
                        throw new IllegalStateException("broken");
                    }
                },
                1);
        wheel.start(new Timer(1), 1);
        assertThatThrownBy(() -> wheel.runDue(1)).hasMessage("broken");
        assertThat(wheel.delayNanos(1)).isZero();
        wheel.runDue(1);
        assertThat(ran).containsExactly(1);
        assertThat(wheel.size()).isZero();
    }

    /** A connection that came from another loop may bring the first timer, which is due after all others. */
    @Test
    @Timeout(10)
    void aFirstOneThatIsDueLateDoesNotSlowTheOthersDown() {
        wheel.start(new Timer(-1), TimeUnit.HOURS.toNanos(1));
        for (int i = 200_000; i > 0; i--) {
            wheel.start(new Timer(i), i * 1_000L);
        }
        wheel.runDue(0);
        wheel.runDue(TimeUnit.HOURS.toNanos(2));
        assertThat(ran).hasSize(200_001).startsWith(1, 2, 3).endsWith(200_000, -1);
    }
}
