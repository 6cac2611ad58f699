package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.UringOptions.Direct;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.Incident;
import dev.sluice.observe.Recorded;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEveryModel
@DisplayName("What a running server tells of itself")
class WatchdogTest extends Conformance {
    private final LoggedLines log = new LoggedLines();

    @BeforeEach
    void hear() {
        own(log);
        assumeTrue(
                beneath == null, "a world's loops have no thread to be held, and nobody looks into them from outside");
        Held.begin();
    }

    private Server serveHolding(Duration watchdog) {
        return serveAlone(
                options().watchdog(watchdog),
                (c, t) -> Actor.echo(c, t).onCommand(name -> {
                    if (name == '!') {
                        Held.hold();
                    }
                    c.write(new byte[] {(byte) name}, 0, 1);
                }));
    }

    @Test
    @DisplayName("who holds a loop is named, with the stack, counted and recorded")
    void aHeldLoopIsNamed(@TempDir Path folder) throws Exception {
        assumeTrue(model.can(Ability.LOOPS), "its sessions may block");
        long before = Incident.LOOP_BLOCKED.count();
        try (Recording recording = new Recording()) {
            recording.enable("dev.sluice.LoopBlocked");
            recording.enable("dev.sluice.Accept");
            recording.start();
            Server server = serveHolding(Duration.ofMillis(20));
            TestClient client = connect();
            assertThat(client.ask("a")).isEqualTo("a");
            client.send("!");
            Await.until("a line of the watchdog's", () -> log.count("has been held for") > 0);
            assertThat(server.loops().getFirst().answered()).isFalse();
            assertThat(server.connections(any -> true, 10).silent()).hasSize(1);
            Held.release();
            assertThat(client.read(1)).isEqualTo("!");

            String peer = uring.direct() == Direct.ON && model.can(Ability.OWN_TABLES)
                    ? "a peer that only its ring knows"
                    : "127.0.0.1:" + client.port();
            assertThat(log.count(peer)).isEqualTo(1);
            assertThat(log.count("Held.hold")).isEqualTo(1);
            assertThat(Incident.LOOP_BLOCKED.count()).isGreaterThan(before);
            Await.until("the end of it", () -> server.loops().getFirst().answered());
            assertThat(server.loops().getFirst().blocked()).isPositive();
            assertThat(server.loops().getFirst().blockedNanos()).isGreaterThan(20_000_000);
            stop(Duration.ZERO); // tells the end of what was begun
            List<RecordedEvent> blocked = Recorded.named(recording, folder, "dev.sluice.LoopBlocked");
            assertThat(blocked).extracting(event -> event.getBoolean("over")).contains(false, true);
            assertThat(blocked.getFirst().getString("remote")).isEqualTo(peer);
            assertThat(blocked.getFirst().getString("stack")).contains("Held.hold");
            assertThat(Recorded.named(recording, folder, "dev.sluice.Accept")).isNotEmpty();
        }
    }

    @Test
    @DisplayName("a watchdog that is off says nothing, nor does one whose sessions may block")
    void silent() throws Exception {
        assumeTrue(model.can(Ability.ONE_PROCESS), "its sessions live in other processes");
        serveHolding(model.can(Ability.LOOPS) ? Duration.ZERO : Duration.ofMillis(5));
        TestClient client = connect().send("!");
        Await.until("a session that holds its thread", Held::isHolding);
        Await.pass(100, () -> log.count("has been held") > 0);
        Held.release();
        assertThat(client.read(1)).isEqualTo("!");
    }

    @Test
    @DisplayName("connections are told with what they hold, filtered and bounded")
    void connections() throws Exception {
        assumeTrue(model.can(Ability.ONE_PROCESS), "its connections live in other processes");
        Server server = serveHolding(Duration.ZERO);
        TestClient one = connect();
        TestClient two = connect();
        assertThat(one.ask("a") + two.ask("b")).isEqualTo("ab");
        Await.until(
                "the kernel has said that it took all",
                () -> server.connections(c -> c.queuedBytes() > 0, 10)
                        .connections()
                        .isEmpty());
        ConnectionCensus all = server.connections(any -> true, 10);
        assertThat(all.open()).isEqualTo(2);
        assertThat(all.silent()).isEmpty();
        assertThat(all.connections()).extracting(c -> c.state()).containsExactly("open", "open");
        assertThat(server.connections(c -> c.mentions(":" + two.port()), 10).connections())
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.remote()).isEqualTo("127.0.0.1:" + two.port());
                    assertThat(c.queuedBytes() + c.keptBytes()).isZero();
                    assertThat(c.idleMillis()).isBetween(0L, 60_000L);
                    assertThat(c.ageMinutes()).isBetween(0L, 1L);
                });
        assertThat(server.connections(any -> true, 1).connections()).hasSize(1);
    }
}
