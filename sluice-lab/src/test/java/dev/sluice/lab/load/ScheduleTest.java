package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The arithmetic of an open loop. */
class ScheduleTest {
    /** The clock may be anything, and wraps. */
    private static final long START = Long.parseLong("9223372036853775807");

    private static long[] offsets(Schedule schedule, int count) {
        long[] offsets = new long[count];
        schedule.start(START);
        for (int i = 0; i < count; i++) {
            offsets[i] = schedule.next() - START;
            schedule.advance();
        }
        return offsets;
    }

    @Test
    void evenArrivalsHaveEqualGapsAndNoDrift() {
        long[] offsets = offsets(new Schedule(3000, Arrivals.EVEN, 1, 0, 1, 1), 30_001);

        assertThat(offsets[0]).isZero();
        assertThat(offsets[1]).isEqualTo(333_333);
        assertThat(offsets[2]).isEqualTo(666_666);
        assertThat(offsets[30_000]).isEqualTo(10_000_000_000L);
    }

    @Test
    void lanesOfAnEvenScheduleInterleave() {
        long[] whole = new long[20];
        for (int lane = 0; lane < 4; lane++) {
            System.arraycopy(offsets(new Schedule(1000, Arrivals.EVEN, 1, lane, 4, 1), 5), 0, whole, lane * 5, 5);
        }
        Arrays.sort(whole);

        for (int i = 0; i < whole.length; i++) {
            assertThat(whole[i]).isEqualTo(i * 1_000_000L);
        }
    }

    @Test
    void burstsArriveAtOnceAndKeepTheRate() {
        long[] offsets = offsets(new Schedule(1000, Arrivals.EVEN, 50, 0, 1, 1), 101);

        assertThat(Arrays.copyOfRange(offsets, 0, 50)).containsOnly(0);
        assertThat(Arrays.copyOfRange(offsets, 50, 100)).containsOnly(50_000_000);
        assertThat(offsets[100]).isEqualTo(100_000_000);
    }

    @Test
    void poissonGapsAreExponential() {
        int count = 200_000;
        long[] offsets = offsets(new Schedule(1000, Arrivals.POISSON, 1, 0, 1, 7), count);
        double mean = offsets[count - 1] / (double) count;
        long longer = 0;
        double squares = 0;
        for (int i = 1; i < count; i++) {
            long gap = offsets[i] - offsets[i - 1];
            assertThat(gap).isNotNegative();
            longer += gap > 1_000_000 ? 1 : 0;
            squares += (gap - mean) * (gap - mean);
        }

        assertThat(mean).isCloseTo(1e6, within(1e4));
        assertThat(longer / (double) count)
                .as("1/e of the gaps exceed the mean")
                .isCloseTo(1 / Math.E, within(0.005));
        assertThat(Math.sqrt(squares / count) / mean).as("deviation over mean").isCloseTo(1, within(0.02));
    }

    @Test
    void seedsOfLanesDiffer() {
        assertThat(offsets(new Schedule(1000, Arrivals.POISSON, 1, 0, 2, 1), 10))
                .isNotEqualTo(offsets(new Schedule(1000, Arrivals.POISSON, 1, 1, 2, 2), 10));
    }

    @Test
    void overdueCountsWhatIsDueAndNotSent() {
        Schedule schedule = new Schedule(1000, Arrivals.EVEN, 1, 0, 1, 1);
        schedule.start(START);

        assertThat(schedule.overdueCount(START - 1)).isZero();
        assertThat(schedule.overdueCount(START)).isEqualTo(1);
        assertThat(schedule.overdueCount(START + 9_500_000)).isEqualTo(10);
        schedule.advance();
        assertThat(schedule.overdueCount(START + 9_500_000)).isEqualTo(9);
    }

    @Test
    void overdueCountsBurstsWhole() {
        Schedule schedule = new Schedule(1000, Arrivals.EVEN, 10, 0, 1, 1);
        schedule.start(START);
        schedule.advance();

        assertThat(schedule.overdueCount(START)).isEqualTo(9);
        assertThat(schedule.overdueCount(START + 10_000_000)).isEqualTo(19);
    }
}
