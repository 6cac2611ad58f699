package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is planned to move. */
class BalanceTest {
    private static double[] equal(int count) {
        double[] parts = new double[count];
        Arrays.fill(parts, 1.0 / count);
        return parts;
    }

    private static long moved(int[] to) {
        return IntStream.of(to).filter(loop -> loop != 0).count();
    }

    @Test
    void halfOfEqualConnectionsMove() {
        assertThat(moved(Balance.plan(new double[] {1, 0}, 0, equal(2)))).isEqualTo(1);
        assertThat(moved(Balance.plan(new double[] {1, 0}, 0, equal(3)))).isEqualTo(1);
        assertThat(moved(Balance.plan(new double[] {1, 0}, 0, equal(1_000)))).isBetween(440L, 500L);
    }

    @Test
    void aSingleBusyConnectionStaysAndTheOthersGo() {
        assertThat(Balance.plan(new double[] {1, 0}, 0, new double[] {1})).containsExactly(0);
        assertThat(Balance.plan(new double[] {1, 0}, 0, new double[] {0.9, 0.05, 0.05}))
                .containsExactly(0, 1, 1);
    }

    @Test
    void allIdlerLoopsGetTheirPart() {
        int[] to = Balance.plan(new double[] {1, 0, 0, 0}, 0, equal(40));
        for (int loop = 0; loop < 4; loop++) {
            int here = loop;
            assertThat(IntStream.of(to).filter(i -> i == here).count()).isBetween(8L, 13L);
        }
    }

    /** As the same plan would be made again from what it led to. */
    @Test
    void whatMovedIsNotMovedBack() {
        for (int count = 1; count < 50; count++) {
            long there = moved(Balance.plan(new double[] {1, 0.1}, 0, equal(count)));
            double here = 1 - there / (double) count;
            double other = 0.1 + there / (double) count;
            if (other > here) {
                double part = 1.0 / count / other;
                double[] parts = new double[(int) there];
                Arrays.fill(parts, part);
                assertThat(Balance.plan(new double[] {other, here}, 0, parts)).containsOnly(0);
            }
        }
    }
}
