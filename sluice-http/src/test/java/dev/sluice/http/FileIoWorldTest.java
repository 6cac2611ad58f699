package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import dev.sluice.sim.Beneath;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.Latency;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A disk that takes seconds for each read, in virtual time: who asks for something else needn't wait for it. */
final class FileIoWorldTest {
    private static final int SIZE = 1_500_000;
    private static final Duration READ = Duration.ofSeconds(3);
    /** Sooner than a loop that waits for the disk is there again. */
    private static final Duration EVERY = Duration.ofMillis(30);
    /** Half of what a world lets a call wait for its disk: who asks in the midst of that waits for the rest. */
    private static final Duration HELD_UP = Duration.ofMillis(50);

    /** By then the file is open: to look up its name waits where it is done. */
    private static final Duration LOOKED_UP = Duration.ofMillis(300);

    private static final Duration TRANSIT = Duration.ofMillis(1);

    static Stream<Arguments> cases() {
        return Arrays.stream(Beneath.values())
                .flatMap(beneath -> Arrays.stream(FileIo.values()).map(io -> Arguments.of(beneath, io)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void othersAreAnsweredWhileAReadTakesSeconds(Beneath beneath, FileIo io) {
        byte[] content = new Dice(1).bytes(SIZE);
        try (World world = World.builder(7)
                .faults(Faults.none())
                .beneath(beneath)
                .buffers(1 << 20, 1 << 20)
                .build()) {
            Host host = world.host("server");
            host.disk().put("/www/large.bin", content).cached(0).latency(Latency.constant(READ.toNanos()));
            Host clients = world.host("clients");
            world.link(host, clients)
                    .latency(Latency.constant(TRANSIT.toNanos()))
                    .bandwidth(1_000_000_000);
            world.link(clients, host)
                    .latency(Latency.constant(TRANSIT.toNanos()))
                    .bandwidth(1_000_000_000);
            StaticFiles files = StaticFiles.builder(Path.of("/www")).fileIo(io).build();
            host.onStop(files::close);
            Server server = host.serve(
                    Server.builder(HttpService.builder()
                            .headHandler(r -> r.path().equals("/ping") ? Response.text("pong") : files.handle(r))
                            .build()),
                    80);
            Peer reader = clients.connect(server.address()).send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
            long[] came = {0};
            reader.onReceived(bytes -> came[0] += bytes.length);
            Peer other = clients.connect(server.address());
            long[] worst = {0};
            long[] asked = {Long.MAX_VALUE};
            world.after(LOOKED_UP, () -> ping(world, other, reader, came, worst, asked));
            world.runUntil("the file has come", () -> hasCome(reader, came), Duration.ofMinutes(10));
            byte[] answer = reader.received();
            assertThat(new String(answer, 0, 15, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 200 OK");
            assertThat(Arrays.copyOfRange(answer, answer.length - SIZE, answer.length))
                    .isEqualTo(content);
            long wait = Math.max(worst[0], world.elapsedNanos() - asked[0]);
            if (io == FileIo.SENDFILE && beneath != Beneath.RING) {
                assertThat(wait).as("held up by the disk").isGreaterThanOrEqualTo(HELD_UP.toNanos());
            } else {
                assertThat(world.elapsedNanos()).isGreaterThan(READ.toNanos());
                assertThat(wait).as("the longest wait").isBetween(1L, HELD_UP.toNanos() - 1);
            }
        }
    }

    private static boolean hasCome(Peer reader, long[] came) {
        if (came[0] <= SIZE) {
            return false;
        }
        byte[] bytes = reader.received();
        String head = new String(bytes, 0, 1000, StandardCharsets.ISO_8859_1);
        return bytes.length == head.indexOf("\r\n\r\n") + 4 + SIZE;
    }

    /** Asks, again and again, until the file has come: when it asked last, and how long an answer took at the longest. */
    private static void ping(World world, Peer other, Peer reader, long[] came, long[] worst, long[] asked) {
        asked[0] = world.elapsedNanos();
        other.send("GET /ping HTTP/1.1\r\nHost: a\r\n\r\n");
        int before = other.received().length;
        other.onReceived(bytes -> {
            if (other.received().length > before) {
                worst[0] = Math.max(worst[0], world.elapsedNanos() - asked[0]);
                asked[0] = Long.MAX_VALUE;
                other.onReceived(more -> {});
                if (!hasCome(reader, came)) {
                    world.after(EVERY, () -> ping(world, other, reader, came, worst, asked));
                }
            }
        });
    }
}
