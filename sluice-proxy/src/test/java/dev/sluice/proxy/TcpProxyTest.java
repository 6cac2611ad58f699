package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes are relayed as they are, with half-close and back-pressure, and nothing is left behind. */
@Timeout(60)
@Tag("slow")
class TcpProxyTest {
    private static final String MODELS = "dev.sluice.proxy.ProxyModels#all";

    /** A relay on a model. */
    private static final class Relay implements AutoCloseable {
        private final Backends backends;
        private final Server server;

        Relay(String model, TcpOptions options, InetSocketAddress... to) {
            backends = new Backends(Stream.of(to).map(Backend::new).toList());
            server = Server.builder(new TcpProxyService(options, () -> backends, (backend, failure) -> {}))
                    .model(model)
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .start();
        }

        Relay(String model, InetSocketAddress... to) {
            this(model, TcpOptions.standard(), to);
        }

        Wire client() throws IOException {
            return Wire.to(server.port());
        }

        boolean isIdle() {
            return server.stats().open() == 0 && backends.all().stream().allMatch(backend -> backend.inFlight() == 0);
        }

        /** Waits until nothing is left of any client. */
        void awaitIdle() {
            Proxied.await("nothing is left", this::isIdle);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void eitherSideMayEndFirstAndTheOtherGoesOn(String model) throws IOException {
        try (Scripted upper =
                        new Scripted((wire, self) -> wire.send("greeting ").send(wire.rest()));
                Relay relay = new Relay(model, upper.address())) {
            try (Wire client = relay.client()) {
                assertThat(client.bytes(9)).isEqualTo("greeting ");
                assertThat(client.send("all of it").end().rest()).isEqualTo("all of it");
            }
            relay.awaitIdle();
        }
        StringBuilder heard = new StringBuilder();
        try (Scripted first = new Scripted(
                        (wire, self) -> heard.append(wire.send("bye").end().rest()));
                Relay relay = new Relay(model, first.address())) {
            try (Wire client = relay.client()) {
                assertThat(client.rest()).isEqualTo("bye");
                client.send("one more word").end();
                Proxied.await("the back end is done", () -> first.ended() == 1);
            }
            assertThat(heard.toString()).isEqualTo("one more word");
            relay.awaitIdle();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void megabytesPassBothWaysAtOnceUnharmed(String model) throws Exception {
        byte[] all = new byte[6_000_000];
        new Random(3).nextBytes(all);
        try (Scripted echo = new Scripted((wire, self) -> wire.echo());
                Relay relay = new Relay(model, echo.address());
                Wire client = relay.client()) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.send(all).end();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] back = client.rest().getBytes(StandardCharsets.ISO_8859_1);
            sent.get();
            assertThat(Arrays.equals(back, all)).isTrue();
            relay.awaitIdle();
        }
    }

    /** Much goes through a pipe of the kernel's where the model can, little through memory: neither overtakes the other. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void muchAndLittleInTurnStayInOrder(String model) throws Exception {
        byte[] much = new byte[4_000_000];
        new Random(4).nextBytes(much);
        String text = new String(much, StandardCharsets.ISO_8859_1);
        try (Scripted echo = new Scripted((wire, self) -> wire.echo());
                Relay relay = new Relay(model, echo.address())) {
            try (Wire client = relay.client()) {
                for (int round = 0; round < 3; round++) {
                    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                        try {
                            client.send(much);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
                    assertThat(client.bytes(much.length).equals(text)).isTrue();
                    sent.get();
                    for (int i = 0; i < 20; i++) {
                        assertThat(client.send("little " + i % 10).bytes(8)).isEqualTo("little " + i % 10);
                    }
                }
            }
            relay.awaitIdle();
        }
    }

    /** Where one side doesn't read, what the other one can send is bounded by the buffers on the way. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void aClientThatDoesNotReadHoldsItsBackEndBack(String model) throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] piece = new byte[64 * 1024];
        try (Scripted flood = new Scripted((wire, self) -> {
                    while (true) {
                        wire.send(piece);
                        sent.addAndGet(piece.length);
                    }
                });
                Relay relay = new Relay(model, flood.address())) {
            try (Wire client = relay.client()) {
                long[] seen = {-1, System.nanoTime()};
                Proxied.await("the back end is held back", () -> {
                    if (sent.get() != seen[0]) {
                        seen[0] = sent.get();
                        seen[1] = System.nanoTime();
                    }
                    return seen[0] > 0
                            && System.nanoTime() - seen[1]
                                    > Duration.ofMillis(300).toNanos();
                });
                assertThat(sent.get()).isLessThan(40_000_000L); // socket buffers and two marks
                client.reset();
            }
            relay.awaitIdle();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void whoRefusesIsPassedOverAndWithoutAnyTheClientIsReset(String model) throws IOException {
        try (Scripted echo = new Scripted((wire, self) -> wire.send(wire.rest()));
                Relay relay = new Relay(model, Proxied.nobody(), echo.address())) {
            for (int i = 0; i < 4; i++) {
                try (Wire client = relay.client()) {
                    assertThat(client.send("x").end().rest()).isEqualTo("x");
                }
            }
            assertThat(relay.backends.all().getFirst().failed()).isPositive();
            relay.awaitIdle();
        }
        try (Relay relay = new Relay(model, Proxied.nobody());
                Wire client = relay.client()) {
            assertThat(client.isOver()).isTrue();
            relay.awaitIdle();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void aResetOnEitherSideAndSilenceEndBoth(String model) throws IOException {
        try (Scripted hangs = new Scripted((wire, self) -> wire.rest())) {
            try (Relay relay = new Relay(model, hangs.address())) {
                try (Wire client = relay.client()) {
                    client.send("half a line");
                    Proxied.await("it is relayed", () -> hangs.connections() == 1);
                    client.reset();
                }
                relay.awaitIdle();
                Proxied.await("the back end is told", () -> hangs.ended() == 1);
            }
            TcpOptions quick = TcpOptions.standard().withTimes(Duration.ofSeconds(2), Duration.ofMillis(80));
            try (Relay relay = new Relay(model, quick, hangs.address());
                    Wire client = relay.client()) {
                assertThat(client.isOver()).isTrue();
                relay.awaitIdle();
            }
        }
        try (Scripted resets = new Scripted((wire, self) -> {
                    wire.bytes(1);
                    wire.reset();
                });
                Relay relay = new Relay(model, resets.address());
                Wire client = relay.client()) {
            assertThat(client.send("x").isOver()).isTrue();
            relay.awaitIdle();
        }
    }

    /** Clients that end, reset, stall and go at random: each one's descriptors come back. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void nothingIsLeftOfClientsThatDoAnything(String model) throws IOException {
        Random dice = new Random(11);
        try (Scripted server = new Scripted((wire, self) -> {
                    int kind = Integer.parseInt(wire.bytes(1));
                    switch (kind) {
                        case 0 -> wire.reset();
                        case 1 -> wire.send("answer").end().rest();
                        default -> wire.send(wire.rest());
                    }
                });
                Relay relay = new Relay(model, server.address())) {
            for (int i = 0; i < 60; i++) {
                try (Wire client = relay.client()) {
                    client.send(String.valueOf(dice.nextInt(4)));
                    switch (dice.nextInt(4)) {
                        case 0 -> client.reset();
                        case 1 -> client.end();
                        case 2 -> client.end().isOver();
                        default -> {} // closed
                    }
                } catch (IOException e) {
                    // The back end had reset it, and the relay passed that on.
                }
            }
            relay.awaitIdle();
            assertThat(relay.server.stats().failures()).isZero();
        }
    }
}
