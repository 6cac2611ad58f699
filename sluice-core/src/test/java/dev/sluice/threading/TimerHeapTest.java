package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerHeapTest {
    private final TimerHeap heap = new TimerHeap();
    private final List<Integer> ran = new ArrayList<>();

    private final class Timer extends TimerHeap.Entry {
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
            heap.start(timer, deadline);
            expected.add(new long[] {deadline, i});
        }
        for (int i = 0; i < 5_000; i += 3) {
            heap.cancel(timers.get(i));
        }
        expected.removeIf(e -> e[1] % 3 == 0);
        expected.sort(Comparator.<long[]>comparingLong(e -> e[0]).thenComparingLong(e -> e[1]));

        for (long now = 0; now < 500; now++) {
            heap.runDue(now);
            assertThat(heap.delayNanos(now)).isNotZero();
        }

        assertThat(ran)
                .containsExactlyElementsOf(
                        expected.stream().map(e -> (int) e[1]).toList());
        assertThat(heap.size()).isZero();
        assertThat(heap.delayNanos(0)).isEqualTo(-1);
    }

    @Test
    void aTimerStartedByATimerWaitsForTheNextTurn() {
        TimerHeap.Entry endless = new TimerHeap.Entry() {
            @Override
            protected void run() {
                ran.add(0);
                heap.start(this, 0);
            }
        };
        heap.start(endless, 0);
        heap.runDue(0);
        assertThat(ran).hasSize(1);
        heap.runDue(0);
        assertThat(ran).hasSize(2);
    }

    @Test
    void deadlinesCompareAcrossTheOverflowOfNanoTime() {
        heap.start(new Timer(1), Long.MAX_VALUE - 5);
        heap.start(new Timer(2), Long.MIN_VALUE + 5);
        heap.runDue(Long.MAX_VALUE);
        assertThat(ran).containsExactly(1);
        heap.runDue(Long.MIN_VALUE + 5);
        assertThat(ran).containsExactly(1, 2);
    }

    @Test
    void cancellingTwiceOrAfterTheRunDoesNothing() {
        Timer timer = new Timer(1);
        heap.start(timer, 1);
        heap.cancel(timer);
        heap.cancel(timer);
        assertThat(timer.isActive()).isFalse();
        heap.start(timer, 1);
        heap.runDue(1);
        heap.cancel(timer);
        assertThat(ran).containsExactly(1);
    }
}
