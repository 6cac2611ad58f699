package dev.sluice.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams between hosts of a world: what arrives, what doesn't, and what is told of it. */
@Timeout(60)
class UdpWorldTest {
    private static final int PORT = 53;
    private static final int MANY = 200;

    private World world = world(Faults.none());
    private Host server = world.host("server");
    private Host client = world.host("client");
    private final List<String> received = new ArrayList<>();

    private static World world(Faults faults) {
        return World.builder(1).faults(faults).buffers(100_000, 100_000).build();
    }

    private void with(Faults.Kind kind, double rate) {
        world.close();
        world = world(Faults.none().with(kind, rate));
        server = world.host("server");
        client = world.host("client");
    }

    @AfterEach
    void end() {
        world.close();
    }

    private Datagrams listening() {
        return server.datagrams(PORT).onReceived((from, bytes) -> received.add(new String(bytes, UTF_8)));
    }

    private static byte[] bytes(Object text) {
        return text.toString().getBytes(UTF_8);
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private void sendMany() {
        Datagrams to = listening();
        Datagrams from = client.datagrams(0);
        numbers(MANY).forEach(number -> from.send(to.address(), bytes(number)));
        world.run();
    }

    @Test
    void comesOnceAndInOrderAndIsAnswered() {
        List<InetSocketAddress> senders = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        Datagrams there = server.datagrams(PORT);
        there.onReceived((from, bytes) -> {
            senders.add(from);
            there.send(from, bytes);
        });
        Datagrams here = client.datagrams(0).onReceived((from, bytes) -> {
            assertThat(from).isEqualTo(there.address());
            answers.add(new String(bytes, UTF_8));
        });
        numbers(MANY).forEach(number -> here.send(there.address(), bytes(number)));
        world.run();
        assertThat(senders).hasSize(MANY).containsOnly(here.address());
        assertThat(answers).isEqualTo(numbers(MANY));
    }

    @Test
    void takesItsLinksLatencyAndBandwidth() {
        world.link(client, server).latency(Latency.constant(5_000_000)).bandwidth(1000);
        listening();
        client.datagrams(0).send(server.address(PORT), new byte[1000 - Datagrams.HEADER_BYTES]);
        world.run();
        assertThat(received).hasSize(1);
        assertThat(world.elapsedNanos())
                .isBetween(1_005_000_000L, 1_006_000_000L); // 1 s, 5 ms, and the reader's reaction
    }

    @Test
    void hearsLoopbackOfItsOwnHostOnly() {
        listening();
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
        List<InetSocketAddress> refused = new ArrayList<>();
        client.datagrams(0).onRefused(refused::add).send(loopback, bytes("away"));
        server.datagrams(0).send(loopback, bytes("home"));
        world.run();
        assertThat(received).containsExactly("home");
        assertThat(refused).containsExactly(loopback);
    }

    @Test
    void someAreLost() {
        with(Faults.Kind.DATAGRAM_LOSS, 0.5);
        sendMany();
        long lost = world.faultsMet().get(Faults.Kind.DATAGRAM_LOSS);
        assertThat(lost).isBetween(MANY / 4L, 3L * MANY / 4);
        assertThat(received).hasSize(MANY - (int) lost).doesNotHaveDuplicates();
    }

    @Test
    void someComeTwice() {
        with(Faults.Kind.DATAGRAM_DUPLICATE, 0.5);
        sendMany();
        long doubled = world.faultsMet().get(Faults.Kind.DATAGRAM_DUPLICATE);
        assertThat(doubled).isBetween(MANY / 4L, 3L * MANY / 4);
        assertThat(received).hasSize(MANY + (int) doubled).containsAll(numbers(MANY));
    }

    @Test
    void someAreOvertaken() {
        with(Faults.Kind.DATAGRAM_REORDER, 0.1);
        sendMany();
        assertThat(world.faultsMet()).containsKey(Faults.Kind.DATAGRAM_REORDER);
        assertThat(received).isNotEqualTo(numbers(MANY)).containsExactlyInAnyOrderElementsOf(numbers(MANY));
    }

    @Test
    void isRefusedWhereNobodyListens() {
        List<InetSocketAddress> refused = new ArrayList<>();
        Datagrams here = client.datagrams(0).onRefused(refused::add);
        here.send(server.address(PORT), bytes("one"));
        world.run();
        assertThat(refused).containsExactly(server.address(PORT));
        listening().close();
        here.send(server.address(PORT), bytes("two"));
        world.run();
        assertThat(refused).hasSize(2);
        assertThat(received).isEmpty();
    }

    @Test
    void aCutLinkLosesWhatWouldArrive() {
        listening();
        world.link(client, server).cut(Duration.ofHours(1).toNanos());
        List<InetSocketAddress> refused = new ArrayList<>();
        Datagrams here = client.datagrams(0).onRefused(refused::add);
        here.send(server.address(PORT), bytes("one"));
        world.run(Duration.ofHours(2));
        here.send(server.address(PORT), bytes("two"));
        world.run();
        assertThat(received).containsExactly("two");
        assertThat(refused).isEmpty();
    }

    @Test
    void aFullBufferDropsWhatComes() {
        Datagrams there =
                listening().receiveBuffer(2 * (1 + Datagrams.HEADER_BYTES)).pauseReading();
        Datagrams here = client.datagrams(0);
        numbers(5).forEach(number -> here.send(there.address(), bytes(number)));
        world.run();
        assertThat(received).isEmpty();
        there.resumeReading();
        world.run();
        assertThat(received).containsExactly("0", "1");
        here.send(there.address(), bytes("room again"));
        world.run();
        assertThat(received).containsExactly("0", "1", "room again");
    }

    @Test
    void oneOfTheGreatestSizeFitsAndOneMoreByteDoesNot() {
        listening().receiveBuffer(1);
        Datagrams here = client.datagrams(0);
        here.send(server.address(PORT), new byte[Datagrams.MOST_BYTES]);
        world.run();
        assertThat(received).singleElement().satisfies(text -> assertThat(text).hasSize(Datagrams.MOST_BYTES));
        assertThatThrownBy(() -> here.send(server.address(PORT), new byte[Datagrams.MOST_BYTES + 1]))
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EMSGSIZE))
                .hasMessageContaining("at most 65507");
    }

    @Test
    void aPortIsGivenOnceAndAgainWhenItIsClosed() {
        Datagrams first = server.datagrams(PORT);
        assertThatThrownBy(() -> server.datagrams(PORT))
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
        first.close();
        assertThatThrownBy(() -> first.send(client.address(PORT), bytes("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(server.datagrams(PORT).address()).isEqualTo(server.address(PORT));
    }

    @Test
    void goesWithItsHostAndIsToldNothing() {
        List<Datagrams> made = new ArrayList<>();
        server.start(() -> made.add(listening()));
        List<InetSocketAddress> refused = new ArrayList<>();
        Datagrams here = client.datagrams(0).onRefused(refused::add);
        here.send(server.address(PORT), bytes("on its way"));
        server.crash();
        made.getFirst().send(here.address(), bytes("from nobody"));
        world.run();
        assertThat(received).isEmpty();
        assertThat(refused).as("a machine that is down answers nothing").isEmpty();
        server.restart(Duration.ZERO);
        here.send(server.address(PORT), bytes("anew"));
        world.run();
        assertThat(received).containsExactly("anew");
        assertThat(made).hasSize(2);
    }

    @Test
    void whatIsOpenedWhileTheWorldEndsIsAFailure() {
        world.after(Duration.ofSeconds(1), () -> server.datagrams(PORT));
        assertThatThrownBy(() -> world.close())
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("UDP ports were opened at the end");
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        world.close();
        assertThat(story(7)).isEqualTo(story(7)).isNotEqualTo(story(8));
    }

    private List<String> story(long seed) {
        List<String> lines = new ArrayList<>();
        Faults faults = Faults.parse("datagram-loss=0.2,datagram-duplicate=0.2,datagram-reorder=0.2");
        try (World other = World.builder(seed).faults(faults).reader(lines::add).build()) {
            Datagrams there = other.host("server").datagrams(PORT);
            there.onReceived(there::send);
            Datagrams here = other.host("client").datagrams(0);
            numbers(MANY).forEach(number -> here.send(there.address(), bytes(number)));
            other.run();
        }
        assertThat(lines).hasSizeGreaterThan(2 * MANY);
        return lines;
    }
}
