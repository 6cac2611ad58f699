package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A turn of the loop: full queues lose nothing, what it tells and costs, how it waits and is woken. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringTurnsTest extends UringFrame {
    private UringOptions tinyCompletions(boolean incremental) {
        return options(2, 4, 16, 64, incremental, 512, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loses_nothing_when_the_completion_queue_overflows(boolean incremental) throws IOException {
        start(tinyCompletions(incremental));
        int count = 40;
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(dial());
        }
        until(() -> listening.newcomers.size() == count);
        List<Peer> peers = listening.newcomers.stream().map(EngineFrame::peer).toList();
        peers.forEach(peer -> engine.receive(peer.handle()));
        // The newcomers may have come in any order.
        Map<SocketAddress, Peer> byAddress = new HashMap<>();
        peers.forEach(peer -> byAddress.put(peer.handle().remoteAddress(), peer));
        Random random = new Random(3);
        byte[][] written = new byte[count][0];
        for (int round = 1; round <= 20; round++) {
            for (int i = 0; i < count; i++) {
                byte[] some = new byte[random.nextInt(1, 500)];
                random.nextBytes(some);
                clients.get(i).getOutputStream().write(some);
                written[i] = concatenated(written[i], some);
            }
            long expected =
                    Arrays.stream(written).mapToLong(bytes -> bytes.length).sum();
            until(() ->
                    peers.stream().mapToLong(peer -> peer.told().bytes.size()).sum() >= expected);
            peers.forEach(peer -> engine.send(peer.handle(), chunk(ascii("thanks"))));
            int sends = round;
            until(() -> peers.stream().allMatch(peer -> peer.told().sent.size() == sends));
            for (Socket socket : clients) {
                assertThat(socket.getInputStream().readNBytes(6)).isEqualTo(ascii("thanks"));
            }
        }
        for (int i = 0; i < count; i++) {
            Peer peer = Objects.requireNonNull(byAddress.get(clients.get(i).getLocalSocketAddress()));
            assertThat(peer.told().bytes.toByteArray()).isEqualTo(written[i]);
        }
        assertThat(engine.counters().completionOverflows).isPositive();
        peers.forEach(peer -> engine.close(peer.handle(), false));
        until(() -> peers.stream().allMatch(peer -> peer.told().closed == 1));
        assertWakesUp();
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void tells_no_more_than_its_share_in_one_poll_and_the_rest_in_the_next() throws IOException {
        start(options(64, 256, 64, 256, true, 3, 0));
        List<Peer> peers = new ArrayList<>();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(dial());
            peers.add(accept(clients.getLast()));
            engine.receive(peers.getLast().handle());
        }
        idle(3);
        for (Socket socket : clients) {
            socket.getOutputStream().write(1);
        }
        int most = 0;
        while (peers.stream().anyMatch(peer -> peer.told().receives == 0)) {
            int before = peers.stream().mapToInt(peer -> peer.told().receives).sum();
            engine.poll(TURN_NANOS);
            int after = peers.stream().mapToInt(peer -> peer.told().receives).sum();
            most = Math.max(most, after - before);
        }
        assertThat(most).isEqualTo(3);
    }

    @Test
    void goes_on_when_the_submission_queue_is_full() throws IOException {
        start(options(4, 512, 64, 256, true, 512, 0));
        int count = 60;
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(dial());
        }
        until(() -> listening.newcomers.size() == count);
        List<Peer> peers = listening.newcomers.stream().map(EngineFrame::peer).toList();
        for (Peer peer : peers) {
            engine.receive(peer.handle());
            engine.send(peer.handle(), chunk(ascii("welcome")));
        }
        for (Socket socket : clients) {
            socket.getOutputStream().write(ascii("thanks"));
        }
        until(() -> peers.stream()
                .allMatch(peer ->
                        peer.told().bytes.size() == 6 && peer.told().sent.size() == 1));
        for (Socket socket : clients) {
            assertThat(socket.getInputStream().readNBytes(7)).isEqualTo(ascii("welcome"));
        }
    }

    @Test
    void costs_one_system_call_a_turn() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told().onReceived = lent -> engine.send(peer.handle(), chunk(ascii("pong")));
        engine.receive(peer.handle());
        long calls = engine.counters().systemCalls;
        long waits = engine.counters().waits;
        for (int i = 1; i <= 100; i++) {
            int round = i;
            socket.getOutputStream().write(ascii("ping"));
            until(() -> peer.told().sent.size() == round);
            assertThat(socket.getInputStream().readNBytes(4)).isEqualTo(ascii("pong"));
        }
        assertThat(engine.counters().systemCalls - calls).isEqualTo(engine.counters().waits - waits);
    }

    private void assertWakesUp() {
        AtomicBoolean over = new AtomicBoolean();
        Thread waker = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                engine.wake();
                Thread.onSpinWait();
            }
        });
        for (int i = 0; i < 100; i++) {
            engine.poll(-1); // would last without end
        }
        over.set(true);
        try {
            waker.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void wakes_up_from_any_thread() {
        engine = new UringEngine(standard(), TURN_BYTES);
        assertWakesUp();
    }

    @Test
    void a_wake_before_the_poll_ends_the_poll() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.wake();
        engine.poll(-1);
        engine.poll(0);
        engine.wake();
        engine.poll(-1);
        assertThat(engine.counters().waits).isEqualTo(3);
    }

    @Test
    void a_wake_after_the_close_does_nothing() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.poll(0);
        engine.close();
        engine.wake();
        engine.close();
    }

    @Test
    @Tag("slow")
    void waits_for_as_long_as_it_is_told() {
        engine = new UringEngine(standard(), TURN_BYTES);
        engine.poll(0);
        for (long millis : new long[] {1, 30, 1200}) {
            long start = System.nanoTime();
            engine.poll(TimeUnit.MILLISECONDS.toNanos(millis));
            long waited = System.nanoTime() - start;
            assertThat(waited).isBetween(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.SECONDS.toNanos(10));
        }
    }
}
