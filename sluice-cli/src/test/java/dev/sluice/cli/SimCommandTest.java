package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sim.Faults;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Run;
import dev.sluice.sim.campaign.Shrinker;
import dev.sluice.sim.scenes.Scene;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What {@code sluice sim} prints; what worlds do is the other modules' to test. */
@Timeout(60)
class SimCommandTest {
    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = Main.commandLine("sim");
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertThat(line.execute(arguments)).as(out.toString()).isZero();
        return out.toString();
    }

    @Test
    void aCampaignEndsWithItsFigures() {
        assertThat(run("sim", "http", "--seeds", "30", "--from", "5"))
                .containsPattern("(?m)^http: 30 seeds in [\\d.]+ s, [\\d,.]+ a second$")
                .containsPattern("(?m)^[\\d,]+ events in [\\d,]+ h of virtual time$")
                .containsPattern("(?m)^faults met: short-send [\\d,]+, .*, pause [\\d,]+.*$")
                .contains("next: other seeds, with --from 35");
    }

    @Test
    void withoutFaultsNoneIsMet() {
        assertThat(run("sim", "echo", "--seeds", "5", "--faults", "off")).contains("faults met: none");
        assertThat(run("sim", "echo", "--seeds", "20", "--faults", "loss=0.1"))
                .containsPattern("faults met: loss \\d+\\n");
    }

    @Test
    void aStoryTellsTimeHostConnectionAndEvent() {
        String story = run("sim", "echo", "--seed", "1", "--story", "--beneath", "edge", "--faults", "off");
        assertThat(story.lines())
                .allMatch(line -> line.matches("\\d+\\.\\d{9}  (server|client)( #\\d+)?  .+"))
                .anyMatch(line -> line.endsWith("server  stands at 10.0.0.1, on edge"))
                .anyMatch(line -> line.contains("client #1  connects to port 7"));
        assertThat(run("sim", "echo", "--seed", "1", "--story", "--beneath", "edge", "--faults", "off"))
                .isEqualTo(story);
    }

    @Test
    void hashesAreInTheOrderOfSeeds() {
        List<String> lines = run("sim", "echo", "--seeds", "20", "--hash", "--threads", "4")
                .lines()
                .toList();
        assertThat(lines).hasSize(20).allMatch(line -> line.matches("\\d+ [0-9a-f]+"));
        for (int seed = 0; seed < 20; seed++) {
            assertThat(lines.get(seed)).startsWith(seed + " ");
        }
        assertThat(run("sim", "echo", "--seed", "7", "--hash")).isEqualTo(lines.get(7) + "\n");
    }

    @Test
    void aFailureIsToldWithTheCommandThatHasItAgain() {
        Scene failing = (world, casting) -> {
            world.host("server");
            if (world.faults().rate(Faults.Kind.LOSS) != null) {
                throw new AssertionError("something is wrong");
            }
        };
        Outcome failed = new Run(
                        failing,
                        12,
                        Faults.parse("loss=0.5,reset=0.25"),
                        null,
                        Run.of(failing, 0).cast())
                .play();
        assertThat(SimText.failure("http", failed))
                .startsWith("FAILED seed 12: something is wrong\n  seed 12, at 0.000000000 s\n")
                .contains("server  stands at 10.0.0.1")
                .endsWith("again: sluice sim http --seed 12 --faults loss=0.5,reset=0.25 --story");
        assertThat(SimText.shrunk("http", failed, Shrinker.shrink(failed, step -> {})))
                .endsWith("again: sluice sim http --seed 12 --faults loss=0.5 --story");
        assertThat(SimText.shrunk("http", failed, failed)).contains("no shorter run");
    }
}
