package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.AcceptMode;
import dev.sluice.Client;
import dev.sluice.Model.Ability;
import dev.sluice.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEveryModel
@DisplayName("Loops")
class LoopsTest extends Conformance {
    private boolean can(AcceptMode mode) {
        return model.can(Ability.LOOPS)
                && switch (mode) {
                    case REUSEPORT -> true;
                    case EXCLUSIVE -> model.can(Ability.EXCLUSIVE_ACCEPT);
                    case HANDOFF -> model.can(Ability.HANDOFF_ACCEPT);
                };
    }

    @Test
    @DisplayName("a pinned loop runs on its core, or the option is refused with the reason")
    void pinned() throws Exception {
        if (!model.can(Ability.PIN)) {
            assertThatThrownBy(() -> serveAlone(options().pin(true), Actor::echo))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("leave --pin out");
            return;
        }
        serveAlone(options().pin(true), Actor::echo);
        assertThat(connect().ask("hello")).isEqualTo("hello");
        String cores = coresOf("sluice-" + model.name() + "-0");
        assertThat(cores).as("the cores of the loop's thread").matches("[0-9]+");
        int more = Runtime.getRuntime().availableProcessors() + 1;
        assertThatThrownBy(() -> serveAlone(options().loops(more).pin(true), Actor::echo))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("take fewer --loops");
    }

    /** As /proc has them for a thread of this process, whose name the kernel cuts to 15 characters. */
    private static String coresOf(String thread) throws IOException {
        String name = thread.substring(0, Math.min(thread.length(), 15));
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                List<String> lines = Files.readAllLines(task.resolve("status"));
                if (lines.getFirst().equals("Name:\t" + name)) {
                    return lines.stream()
                            .filter(line -> line.startsWith("Cpus_allowed_list:"))
                            .map(line -> line.substring(line.indexOf('\t') + 1))
                            .findFirst()
                            .orElseThrow();
                }
            }
        }
        throw new IllegalStateException("no thread is named " + name);
    }

    @ParameterizedTest(name = "accepting by {0}: every connection is served, or the option refused with the reason")
    @EnumSource
    @DisplayName("two loops")
    void twoLoops(AcceptMode mode) throws Exception {
        serve(Actor::echo);
        connect().ask("first"); // what the first use of a class opens stays open: archives
        long descriptors = Census.descriptorsOfThisProcess();
        if (!can(mode)) {
            assertThatThrownBy(() -> serveAlone(options().loops(2).accept(mode), Actor::echo))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model " + model.name())
                    .hasMessageMatching(".*(take|leave|use).*");
            return;
        }
        serveAlone(options().loops(2).accept(mode), (c, t) -> {
            t.say("thread " + Thread.currentThread().threadId());
            return Actor.echo(c, t);
        });
        assertThat(server().stats().loopThreads()).isGreaterThanOrEqualTo(2);
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            clients.add(TestClient.connect((java.net.InetSocketAddress) server().address()));
        }
        for (TestClient client : clients) {
            assertThat(client.ask("hello")).isEqualTo("hello");
        }
        assertThat(server().stats().accepted()).isEqualTo(24);
        assertThat(server().stats().open()).isEqualTo(24);
        if (mode == AcceptMode.HANDOFF && model.can(Ability.PIN)) {
            assertThat(new HashSet<>(witness.lines("thread "))).hasSizeGreaterThanOrEqualTo(2);
        }
        for (TestClient client : clients) {
            assertThat(client.ask("again")).isEqualTo("again");
            client.close();
        }
        Await.until("all closed", () -> server().stats().open() == 0);
        assertThat(stop(Duration.ZERO)).isZero();
        Await.until(
                () -> descriptors + " descriptors; there are " + Census.descriptorsOfThisProcess(),
                () -> Census.descriptorsOfThisProcess() <= descriptors);
    }

    @Test
    @DisplayName("shedding is accepted, or refused with the reason and the cure")
    void shedding() throws Exception {
        if (model.can(Ability.SHED)) {
            serve(options().shed(true), Actor::echo);
            assertThat(connect().ask("hello")).isEqualTo("hello");
        } else {
            assertThatThrownBy(() -> serveAlone(options().shed(true), Actor::echo))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model " + model.name())
                    .hasMessageMatching(".*(take|leave|use).*");
        }
    }

    @Test
    @DisplayName("a model that can't dial refuses to, with the reason and the cure")
    void dialling() {
        if (model.can(Ability.DIAL)) {
            try (Client client = Client.start(model.name(), options().build())) {
                assertThat(client.model().name()).isEqualTo(model.name());
            }
        } else {
            assertThatThrownBy(() -> Client.start(model.name(), options().build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model " + model.name())
                    .hasMessageMatching(".*(take|leave|use).*");
        }
    }

    @Test
    @DisplayName("a service that lives in this process is served, or refused with the cure")
    void serviceOfThisProcess() throws Exception {
        Server.Builder builder = Server.builder(c -> Actor.echo(c, line -> {})).model(model.name());
        if (model.can(Ability.ONE_PROCESS)) {
            try (Server server = builder.start();
                    TestClient client = TestClient.connect((java.net.InetSocketAddress) server.address())) {
                assertThat(client.ask("hello")).isEqualTo("hello");
            }
        } else {
            assertThatThrownBy(builder::start)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(model.name())
                    .hasMessageContaining("provider class");
        }
    }
}
