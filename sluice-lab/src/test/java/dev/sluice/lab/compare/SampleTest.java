package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.ProcessTree.Usage;
import dev.sluice.lab.load.LoadResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleTest {
    private static final LoadResult LOAD = new LoadResult(
            "http://127.0.0.1:1/",
            "epoll",
            "closed",
            1,
            0,
            1,
            1,
            0,
            true,
            100,
            100,
            1,
            1,
            new LoadResult.Latency(1, 1, 1, 1, 1, 1, List.of()),
            Map.of(),
            Map.of(),
            0,
            0,
            0,
            LoadResult.IdleAnswers.NONE,
            new LoadResult.Generator(1, 0, 0, false, ""));

    private static Sample of(long seconds, long switches, Set<Long> threads) {
        return new Sample(seconds * 1_000_000_000, new Usage(0, 0, switches, 0, threads.size(), threads), null);
    }

    private static Double switches(Sample start, Sample end) {
        return Sample.figures(LOAD, start, start, end, 1).contextSwitchesPerRequest();
    }

    @Test
    void switchesOfOthersAreKnownOnlyWhereTheirThreadsStayed() {
        Sample start = of(0, 1000, Set.of(1L, 2L));
        assertThat(switches(start, of(1, 1200, Set.of(1L, 2L)))).isEqualTo(2.0);
        assertThat(switches(start, of(1, 300, Set.of(1L)))).isNull();
        assertThat(switches(start, of(1, 1200, Set.of(1L, 3L)))).isNull();
    }

    @Test
    void refusalsAreThoseInBetween() {
        Sample start = counted(3);
        assertThat(Sample.refused(start, counted(8))).isEqualTo(5);
        assertThat(Sample.refused(of(0, 0, Set.of()), of(1, 0, Set.of()))).isZero();
    }

    private static Sample counted(long refused) {
        return new Sample(0, null, new Counters(0, null, 0, refused, null, null, null, List.of()));
    }
}
