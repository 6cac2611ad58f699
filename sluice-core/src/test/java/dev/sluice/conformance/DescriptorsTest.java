package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model.Ability;
import dev.sluice.Options;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@OnEveryModel
@Needs(Ability.ONE_PROCESS)
@DisplayName("Descriptors run out")
@Tag("slow")
class DescriptorsTest extends Conformance {
    private static final int NEWCOMERS = 24;
    private static final int LEFT = 4;

    private final LoggedLines log = new LoggedLines();

    @BeforeEach
    void hear() {
        own(log);
    }

    /** So that they run out on io_uring too, whose own table would take over. */
    private Options.Builder ordinary() {
        return model.can(Ability.OWN_TABLES)
                ? options().uring(UringOptions.builder().direct(Direct.OFF).build())
                : options();
    }

    private static void connectAll(DescriptorLimit limit, Object address) throws IOException {
        for (SocketChannel client : limit.clients()) {
            client.connect((java.net.SocketAddress) address);
            client.write(ByteBuffer.wrap(new byte[] {'x'}));
        }
    }

    @Test
    @DisplayName("accepting pauses, open connections are unharmed, and all newcomers are served within 2 s of room")
    void pausesAndResumes() throws Exception {
        try (DescriptorLimit limit = new DescriptorLimit(NEWCOMERS)) {
            serve(ordinary(), Actor::echo);
            TestClient existing = connect();
            existing.ask("before");
            limit.fill(LEFT);
            connectAll(limit, server().address());
            Await.until(
                    () -> "a pause in " + server().stats(),
                    () -> server().stats().acceptPauses() > 0);
            assertThat(existing.ask("meanwhile")).isEqualTo("meanwhile");
            assertThat(server().stats().accepted()).isLessThan(NEWCOMERS);
            limit.empty();
            long lifted = System.nanoTime();
            Await.until(
                    () -> "all newcomers in " + server().stats(),
                    () -> server().stats().accepted() == NEWCOMERS + 1);
            assertThat(System.nanoTime() - lifted).isLessThan(TimeUnit.SECONDS.toNanos(2));
            for (SocketChannel client : limit.clients()) {
                assertThat(client.socket().getInputStream().read()).isEqualTo('x');
            }
            assertThat(existing.ask("after")).isEqualTo("after");
        }
    }

    @Test
    @DisplayName("while accepting pauses the server takes less than a tenth of a processor")
    void pauseIsCheap() throws Exception {
        try (DescriptorLimit limit = new DescriptorLimit(NEWCOMERS)) {
            Set<Long> others = Census.threads();
            serve(ordinary(), Actor::echo);
            connect().ask("before");
            limit.fill(LEFT);
            connectAll(limit, server().address());
            Await.until(
                    () -> "a pause in " + server().stats(),
                    () -> server().stats().acceptPauses() > 0);
            long before = Census.processorNanosBeyond(others);
            long began = System.nanoTime();
            Await.pass(Tier.now() == Tier.QUICK ? 300 : 1_000, () -> false);
            long used = Census.processorNanosBeyond(others) - before;
            assertThat(used)
                    .isLessThan((System.nanoTime() - began) / 10); // naps of sleep-poll alone take up to half of it
        }
    }

    @Test
    @Needs(Ability.SHED)
    @DisplayName("with shed newcomers are closed instead, and open connections are unharmed")
    void shed() throws Exception {
        try (DescriptorLimit limit = new DescriptorLimit(NEWCOMERS)) {
            serve(ordinary().shed(true), Actor::echo);
            TestClient existing = connect();
            existing.ask("before");
            limit.fill(LEFT);
            connectAll(limit, server().address());
            List<Integer> answers = new ArrayList<>();
            for (SocketChannel client : limit.clients()) {
                answers.add(answer(client));
            }
            assertThat(answers).contains(-1);
            int closed = java.util.Collections.frequency(answers, -1);
            Await.until(
                    () -> closed + " shed in " + server().stats(),
                    () -> server().stats().shed() == closed);
            assertThat(existing.ask("meanwhile")).isEqualTo("meanwhile");
            limit.empty();
            assertThat(connect().ask("after")).isEqualTo("after");
        }
    }

    /** What a newcomer reads: the echo, or -1 where it was closed. */
    private static int answer(SocketChannel client) throws IOException {
        try {
            client.socket().setSoTimeout(5_000);
            return client.socket().getInputStream().read();
        } catch (java.net.SocketException reset) {
            return -1;
        }
    }

    @Test
    @DisplayName("a descriptor above 1,024 is served, or its connection refused and counted")
    void highDescriptors() throws Exception {
        serve(Actor::echo);
        TestClient low = connect();
        low.ask("before");
        List<SocketChannel> fill = new ArrayList<>();
        try {
            while (fill.size() < 1_040) {
                fill.add(SocketChannel.open());
            }
            TestClient high = connect();
            if (model.can(Ability.MANY_CONNECTIONS)) {
                assertThat(high.ask("high")).isEqualTo("high");
            } else {
                assertThat(high.isOver()).isTrue();
                Await.until("one refused", () -> server().stats().refused() == 1);
            }
            assertThat(low.ask("after")).isEqualTo("after");
        } finally {
            for (SocketChannel each : fill) {
                each.close();
            }
        }
        assertThat(connect().ask("low again")).isEqualTo("low again");
    }
}
