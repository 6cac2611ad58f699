package dev.sluice.lab.report;

import static dev.sluice.lab.report.SampleResults.changed;
import static dev.sluice.lab.report.SampleResults.generatorBound;
import static dev.sluice.lab.report.SampleResults.of;
import static dev.sluice.lab.report.SampleResults.open;
import static dev.sluice.lab.report.SampleResults.p99;
import static dev.sluice.lab.report.SampleResults.pointOf;
import static dev.sluice.lab.report.SampleResults.results;
import static dev.sluice.lab.report.SampleResults.server;
import static dev.sluice.lab.report.SampleResults.skipped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.report.Ranking.Row;
import dev.sluice.lab.report.Ranking.Standing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of a run follows from its rounds. */
class FindingsTest {
    private static String lead(ServerResult... servers) {
        return Findings.of(Ranking.of(of(servers), 0)).getFirst();
    }

    private static List<String> doubts(Results results) {
        return Caveats.of(results, Ranking.of(results, 0));
    }

    @Test
    void leadOutsideTheRoundsOfTheNextIsSaidToBeOne() {
        assertThat(lead(server("slow", 900, 910, 920), server("fast", 1000, 1010, 1020)))
                .startsWith(
                        "fast answers the most, 1,010/s, 11 % more than slow, the next. The lead is outside the noise")
                .contains("its worst round (1,000/s) is better than the best of slow (920/s)");
    }

    @Test
    void overlappingRoundsAreNoLead() {
        assertThat(lead(server("a", 1000, 1010, 1020), server("b", 995, 1005, 1015), server("c", 500, 501, 502)))
                .startsWith("a answers the most, 1,010/s, 0.5 % more than b, the next. That is within the noise")
                .contains("the rounds of b overlap those of a")
                .doesNotContain("outside");
    }

    @Test
    void touchingRoundsAreNoLeadAndAHairBeyondIsOne() {
        assertThat(lead(server("a", 100, 110), server("b", 90, 100))).contains("within the noise");
        assertThat(lead(server("a", 100.1, 110), server("b", 90, 100))).contains("outside the noise");
    }

    @Test
    void farServerThatOverlapsIsNamedThoughTheNextIsApart() {
        // "b" is apart from "a"; "c", behind it by its median, had one lucky round.
        assertThat(lead(server("a", 100, 101, 102), server("b", 97, 98, 99), server("c", 90, 95, 101)))
                .contains("within the noise: the rounds of c overlap");
    }

    @Test
    void singleRoundTellsNoNoise() {
        assertThat(lead(server("a", 1000), server("b", 500)))
                .contains("100 % more than b")
                .contains("it takes two rounds of each to tell");
        assertThat(doubts(of(server("a", 1000), server("b", 500)))).anyMatch(words -> words.contains("single round"));
    }

    @Test
    void oneServerAndNoneAreSaidToBeSo() {
        assertThat(lead(server("a", 10, 11))).contains("nothing else was measured to compare it with");
        assertThat(lead(skipped("kqueue", "not here"))).isEqualTo("No server was measured.");
        assertThat(lead()).isEqualTo("No server was measured.");
    }

    @Test
    void generatorsLimitOfManyIsOneDoubt() {
        ServerResult a = changed(server("a", 1000, 1010), round -> generatorBound(round, "70 requests left late"));
        ServerResult b = changed(server("b", 900, 910), round -> generatorBound(round, "90 requests left late"));

        assertThat(doubts(of(a, b)))
                .filteredOn(words -> words.contains("may have been the limit"))
                .singleElement()
                .asString()
                .contains("for a and b", "It says, of the first: 70 requests left late.");
    }

    @Test
    void generatorsLimitOfAChaserUnsettlesTheOrder() {
        ServerResult bound = changed(server("b", 900, 910), round -> generatorBound(round, "its core was 99 % busy"));
        ServerResult free = server("a", 1000, 1010);

        assertThat(lead(free, bound))
                .contains("the generator may have been the limit for b", "the order isn't settled");
        assertThat(doubts(of(free, bound)))
                .anyMatch(words -> words.contains("may have been the limit for b")
                        && words.contains("It says: its core was 99 % busy."));

        // Who leads in spite of a limit can only lead by more.
        ServerResult boundLeader = changed(free, round -> generatorBound(round, ""));
        assertThat(lead(boundLeader, server("b", 900, 910))).doesNotContain("generator");
    }

    @Test
    void tailAndCpuNameTheBestAndWhoIsLevelWithIt() {
        ServerResult quick = changed(server("quick", 900, 910, 920), round -> p99(round, 100 + round.order()));
        ServerResult level = changed(server("level", 900, 910, 920), round -> p99(round, 101 + round.order()));
        ServerResult late = changed(server("late", 1000, 1010, 1020), round -> p99(round, 5000));
        List<String> said = Findings.of(Ranking.of(of(quick, level, late), 0));

        assertThat(said)
                .anyMatch(words ->
                        words.startsWith("quick has the shortest tail: p99 101 µs, with level within its noise")
                                && words.endsWith("The most: late, 5 ms."));
        assertThat(said)
                .anyMatch(words -> words.contains("costs the least CPU time a request: CPU a request")
                        && words.contains("(user ")
                        && words.contains(", system "));
    }

    @Test
    void figureInWhichAllAreLevelHasNoBest() {
        ServerResult a = changed(server("a", 900, 910), round -> p99(round, 100 + round.order()));
        ServerResult b = changed(server("b", 800, 810), round -> p99(round, 100 + round.order()));

        assertThat(Findings.of(Ranking.of(of(a, b), 0)))
                .contains("p99 tells nobody apart: all lie within the noise of 101 µs.")
                .noneMatch(words -> words.contains("shortest tail"));
    }

    @Test
    void openLoopRanksWhoKeepsUpByItsTail() {
        ServerResult tight = changed(server("tight", 1000, 999), round -> open(p99(round, 200 + round.order()), 1000));
        ServerResult loose = changed(server("loose", 1000, 1000), round -> open(p99(round, 900 + round.order()), 1000));
        ServerResult late = changed(server("late", 700, 710), round -> open(p99(round, 100), 1000));
        Ranking ranking = Ranking.of(of(late, loose, tight), 0);

        assertThat(ranking.rows()).extracting(Row::name).containsExactly("tight", "loose", "late");
        assertThat(Findings.of(ranking))
                .anyMatch(words -> words.startsWith("tight has the lowest p99, 201 µs, 78 % less than loose"))
                .anyMatch(words -> words.startsWith("late does not keep up with the rate that was asked for, 1,000/s"));
        assertThat(Caveats.of(of(tight), ranking))
                .anyMatch(words -> words.contains("from the moment at which a request was due"));
    }

    @Test
    void openLoopThatNobodyHoldsIsRankedByThroughput() {
        ServerResult a = changed(server("a", 700, 710), round -> open(p99(round, 900), 1000));
        ServerResult b = changed(server("b", 600, 610), round -> open(p99(round, 100), 1000));
        Ranking ranking = Ranking.of(of(b, a), 0);

        assertThat(ranking.rows()).extracting(Row::name).containsExactly("a", "b");
        assertThat(ranking.rows().getLast().standing()).isEqualTo(Standing.BEHIND);
        assertThat(Findings.of(ranking).getFirst()).startsWith("a answers the most");
    }

    @Test
    void gapsErrorsAndAnEarlyEndAreDoubts() {
        ServerResult known = server("known", 1000, 1010);
        ServerResult dim = changed(server("dim", 900, 910), SampleResults::unknown);
        ServerResult torn =
                changed(server("torn", 800), round -> SampleResults.errors(round, Map.of("reset", 12L, "body", 0L)));
        Results results = SampleResults.incomplete(of(known, dim, torn, skipped("kqueue", "no libkqueue.so.0")));

        assertThat(doubts(results))
                .anyMatch(words -> words.startsWith("The run was ended early: there are 1 to 2 rounds"))
                .contains("kqueue has no figures here: no libkqueue.so.0.")
                .contains("Unknown of dim: System calls, Allocation and GC pauses.")
                .anyMatch(words -> words.startsWith("torn had errors (reset 12, beside 6,400 right answers)"))
                .noneMatch(words -> words.contains("The generator"));
        assertThat(doubts(of(dim))).contains("Unknown on this machine: System calls, Allocation and GC pauses.");
    }

    @Test
    void chanceOfAFalseDifferenceIsCounted() {
        // Of the 20 ways to deal six rounds to two servers, 2 put them fully apart; of 6 ways to deal four, 2.
        assertThat(Caveats.falseAlarmsOneIn(3)).isEqualTo(10);
        assertThat(Caveats.falseAlarmsOneIn(2)).isEqualTo(3);
        assertThat(Caveats.falseAlarmsOneIn(5)).isEqualTo(126);
    }

    @Test
    void bendIsWhereMoreLoadBringsNoMoreAnswers() {
        ServerResult falls = server(
                "falls", pointOf(1, 100, 101), pointOf(10, 900, 910), pointOf(100, 905, 908), pointOf(1000, 400, 410));
        ServerResult levels = server("levels", pointOf(1, 100, 101), pointOf(10, 900, 920), pointOf(100, 890, 921));
        ServerResult rises = server("rises", pointOf(1, 100, 101), pointOf(10, 200, 202));
        List<String> said = Scaling.of(results("connections", List.of(falls, levels, rises)));

        assertThat(said)
                .anyMatch(words -> words.startsWith("falls rises up to 10 connections (")
                        && words.endsWith("is 55 % lower at 1,000."))
                .anyMatch(words -> words.startsWith("levels rises up to 10 connections")
                        && words.endsWith("within the noise up to 100."))
                .anyMatch(words ->
                        words.startsWith("rises rises up to 10 connections") && words.endsWith("no bend was seen."))
                .first()
                .asString()
                .startsWith(
                        "The first at each value of connections: falls at 1 (2 more within its noise); levels at 10 (1 more");
        assertThat(Scaling.of(of(rises))).isEmpty();
    }
}
