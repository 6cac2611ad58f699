package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The latency curve: HdrHistogram's axis, the median over the rounds. */
class CurveTest {
    @Test
    void axisIsTheLogarithmOfWhatIsLeft() {
        Round round =
                SampleResults.server("a", 5000).points().getFirst().rounds().getFirst();
        List<double[]> curve = Curve.of(SampleResults.point(0, List.of(round)));

        assertThat(curve.get(20)[0]).isEqualTo(1, within(1e-9));
        assertThat(curve.get(20)[1])
                .isEqualTo(
                        round.load().latency().p90Micros(),
                        within(round.load().latency().p90Micros() * 0.03));
        assertThat(curve.get(40)[1])
                .isEqualTo(
                        round.load().latency().p99Micros(),
                        within(round.load().latency().p99Micros() * 0.03));
        assertThat(curve).isSortedAccordingTo((a, b) -> Double.compare(a[1], b[1]));
        // 40,000 answers: nothing is known beyond one in 40,000.
        assertThat(curve.getLast()[0]).isBetween(4.5, Math.log10(40_000));
    }

    @Test
    void eachPlaceHasTheMedianOfTheRounds() {
        Point three = SampleResults.server("a", 900, 1000, 1100).points().getFirst();
        double[] alone = three.rounds().stream()
                .mapToDouble(round ->
                        Curve.of(SampleResults.point(0, List.of(round))).get(20)[1])
                .sorted()
                .toArray();

        assertThat(Curve.of(three).get(20)[1]).isEqualTo(alone[1]);
    }

    @Test
    void noRoundsMakeNoCurve() {
        Point point = SampleResults.server("a", 900).points().getFirst();

        assertThat(Curve.of(new Point(0, List.of(), point.median()))).isEmpty();
    }
}
