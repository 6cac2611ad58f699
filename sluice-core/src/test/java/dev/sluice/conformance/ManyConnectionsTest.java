package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Model.Ability;
import dev.sluice.ServerStats;
import dev.sluice.sim.Blocking;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnEveryModel
@DisplayName("Many connections")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyConnectionsTest extends Conformance {
    @Test
    @DisplayName("connections one after another leave descriptors, buffers and threads as they were")
    void oneAfterAnother() throws Exception {
        Set<Long> threadsBefore = Census.threads();
        serveAlone(options().processes(1, 1), Actor::echo);
        oneAfterAnother(20);
        long descriptors = Census.descriptors();
        ServerStats before = server().stats();
        oneAfterAnother(Tier.now().connections);
        Await.until(
                () -> "the " + descriptors + " descriptors from before; there are " + Census.descriptors(),
                () -> Census.descriptors() <= descriptors);
        Await.until(() -> "buffers and threads as in " + before + ", there is " + server().stats(), () -> {
            ServerStats now = server().stats();
            return now.lentBuffers() <= before.lentBuffers() && now.loopThreads() <= before.loopThreads();
        });
        assertThat(server().stats().accepted()).isEqualTo(20 + Tier.now().connections);
        assertThat(stop(Duration.ZERO)).isZero();
        Await.until(
                () -> "the end of " + Census.runtimeThreadsBeyond(threadsBefore),
                () -> Census.runtimeThreadsBeyond(threadsBefore).isEmpty());
    }

    /** Half of the clients end as they should, the others reset. */
    private void oneAfterAnother(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            try (TestClient client = TestClient.connect((java.net.InetSocketAddress) server().address())) {
                assertThat(client.ask("hello")).isEqualTo("hello");
                if (i % 2 == 0) {
                    assertThat(client.end().read()).isEqualTo(-1);
                } else {
                    client.reset();
                }
            }
        }
        Await.until(
                () -> "no open connection in " + server().stats(),
                () -> server().stats().open() == 0);
    }

    @Test
    @Tag("slow")
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("nine hundred at once are served, and closed ones leave nothing behind")
    void nineHundred() throws Exception {
        serveAlone(options(), Actor::echo);
        atOnce(900); // io_uring may open further rings for so many, and keeps them
        long descriptors = Census.descriptors();
        atOnce(900);
        Await.until("the descriptors from before", () -> Census.descriptors() <= descriptors);
    }

    @Test
    @Needs(Ability.MANY_CONNECTIONS)
    @DisplayName("five thousand at once are served (tier full)")
    void fiveThousand() throws Exception {
        assumeTrue(Tier.now() == Tier.FULL, "only in tier full");
        serveAlone(options(), Actor::echo);
        atOnce(5_000);
    }

    @Test
    @DisplayName("as many at once as there may be processes are served")
    void asManyAsProcesses() throws Exception {
        int count = switch (Tier.now()) {
            case QUICK -> 4;
            case PLAIN -> 16;
            case FULL -> 64;
        };
        serveAlone(options().processes(1, count), Actor::echo);
        atOnce(count);
    }

    private void atOnce(int count) throws Exception {
        if (Blocking.inWorld()) {
            atOnceInWorld(count);
            return;
        }
        Process clients = ManyClients.start(server().port(), count, 100);
        own(clients::destroy);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(clients.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(out.readLine()).isEqualTo("held " + count);
            Await.until(
                    () -> count + " open in " + server().stats(),
                    () -> server().stats().open() == count);
            clients.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
            clients.getOutputStream().flush();
            assertThat(out.readLine()).isEqualTo("done " + count + " errors 0");
        }
        assertThat(clients.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(clients.exitValue()).isZero();
        Await.until(
                () -> "none open in " + server().stats(), () -> server().stats().open() == 0);
    }

    /** Where a process of clients would have no way to. */
    private void atOnceInWorld(int count) throws Exception {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestClient client = connect();
            clients.add(client);
            assertThat(client.ask("hello " + i)).isEqualTo("hello " + i);
        }
        assertThat(server().stats().open()).isEqualTo(count);
        for (TestClient client : clients) {
            assertThat(client.ask("again")).isEqualTo("again");
            assertThat(client.end().read()).isEqualTo(-1);
            client.close();
        }
        Await.until(
                () -> "none open in " + server().stats(), () -> server().stats().open() == 0);
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("an idle connection owns no buffer")
    void idleOwnsNoBuffer() throws Exception {
        serve(Actor::echo);
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TestClient client = connect();
            clients.add(client);
            assertThat(client.ask("hello")).isEqualTo("hello");
        }
        Await.until(
                () -> "no lent buffer in " + server().stats(),
                () -> server().stats().lentBuffers() == 0);
        assertThat(server().stats().open()).isEqualTo(100);
        assertThat(clients.getFirst().ask("again")).isEqualTo("again");
    }

    @Test
    @DisplayName("clients that come and go all at once are all served")
    void churn() throws Exception {
        serve(Actor::echo);
        java.net.InetSocketAddress address = (java.net.InetSocketAddress) server().address();
        List<Beside> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(beside(() -> {
                for (int n = 0; n < 50; n++) {
                    try (TestClient client = TestClient.connect(address)) {
                        assertThat(client.ask("hello " + n)).isEqualTo("hello " + n);
                    }
                }
            }));
        }
        clients.forEach(Beside::join);
    }
}
