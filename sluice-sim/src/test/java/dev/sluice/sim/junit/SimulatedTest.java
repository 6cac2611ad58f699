package dev.sluice.sim.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sluice.Echo;
import dev.sluice.Server;
import dev.sluice.sim.Beneath;
import dev.sluice.sim.World;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Tests that fail, as JUnit runs them for whoever wrote them. */
@Timeout(120)
class SimulatedTest {
    private static final List<Long> PLAYED = new ArrayList<>();

    /** Not for this module's own run. */
    static class Cases {
        @Simulated(seeds = 20, from = 5, faults = "off", beneath = "edge")
        void holds(World world) {
            PLAYED.add(world.seed());
            assertThat(world.faults().kinds()).isEmpty();
            Server server = world.host("server").serve(Server.builder(Echo::new), 7);
            assertThat(world.host("server").beneath()).isEqualTo(Beneath.EDGE);
            world.host("client")
                    .connect(server.address())
                    .send("hello")
                    .expect("hello")
                    .end()
                    .expectEnd();
        }

        @Simulated(seeds = 20)
        void fails(World world) {
            PLAYED.add(world.seed());
            assertThat(world.seed()).as("the seed").isLessThan(7);
        }

        @Simulated(seeds = 20, faults = "off")
        void failsWhenItIsClosed(World world) {
            world.host("client").connect(world.host("client").address(9)).mayBreak();
            world.host("server").serve(Server.builder(c -> new Echo(c)), 7);
            world.host("client")
                    .connect(world.host("server").address(7))
                    .send("hello")
                    .expect("hullo");
        }
    }

    @AfterEach
    void clear() {
        PLAYED.clear();
        System.clearProperty("sluice.sim.seed");
        System.clearProperty("sluice.sim.seeds");
    }

    private static TestExecutionSummary run(Class<?> test, String method) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(test, method, World.class.getName()))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        assertThat(listener.getSummary().getTestsFoundCount()).isEqualTo(1);
        return listener.getSummary();
    }

    private static Throwable failure(Class<?> test, String method) {
        List<TestExecutionSummary.Failure> failures = run(test, method).getFailures();
        assertThat(failures).hasSize(1);
        return failures.getFirst().getException();
    }

    private static TestExecutionSummary run(String method) {
        return run(Cases.class, method);
    }

    @Test
    void eachSeedIsPlayedWithTheSettings() {
        assertThat(run("holds").getTestsSucceededCount()).isEqualTo(1);
        assertThat(PLAYED).hasSize(20).startsWith(5L).endsWith(24L);
    }

    @Test
    void thePropertiesComeFirst() {
        System.setProperty("sluice.sim.seeds", "3");
        run("holds");
        assertThat(PLAYED).containsExactly(5L, 6L, 7L);
        PLAYED.clear();
        System.setProperty("sluice.sim.seed", "4711");
        run("holds");
        assertThat(PLAYED).containsExactly(4711L);
    }

    @Test
    void aComparisonThatFailsIsToldWithItsSeed() {
        assertThat(failure(Cases.class, "fails"))
                .hasMessageStartingWith("seed 7 fails, after 7 that did not; to have it again: -Dsluice.sim.seed=7\n")
                .hasMessageContaining("[the seed]")
                .hasMessageContaining("the story's last lines:");
    }

    @Test
    void whatThePeersExpectIsToldToo() {
        assertThat(failure(Cases.class, "failsWhenItIsClosed"))
                .hasMessageStartingWith("seed 0 fails")
                .hasMessageContaining("byte 1 is not what the peer expects there");
    }

    @Test
    void thePlantedBugOfTheDocumentationIsFound() throws ClassNotFoundException {
        Class<?> example = Class.forName("dev.sluice.sim.example.FramesExample");
        assertThat(failure(example, "framesComeBack"))
                .hasMessageMatching("(?s)seed \\d+ fails, after \\d+ that did not; to have it again:"
                        + " -Dsluice\\.sim\\.seed=\\d+\\nthe same in \\d+ lines instead of \\d+:"
                        + " -Dsluice\\.sim\\.seed=\\d+ -Dsluice\\.sim\\.faults=none\\n.*")
                .hasMessageContaining("the session threw java.nio.BufferUnderflowException")
                .hasMessageContaining("the story's last lines:");
    }

    @Test
    void theMissingSyncOfTheDocumentationIsFound() throws ClassNotFoundException {
        Class<?> example = Class.forName("dev.sluice.sim.example.JournalExample");
        assertThat(failure(example, "whatWasSentBackIsThere"))
                .hasMessageContaining("was sent back, and")
                .hasMessageContaining("lost-write");
    }
}
