package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions.Direct;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop that owns several rings, whose tables are small enough to fill. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(value = Direct.class, names = "ON")
class UringRingsTest extends UringFrame {
    private static final int PLACES = 20;

    private void startWithSmallTables(int rings) {
        start(options(64, 256, 16, 256, true, 64, 0).toBuilder()
                .tablePlaces(PLACES)
                .rings(rings)
                .build());
    }

    @Test
    void opens_further_rings_as_tables_fill_and_uses_their_places_again() throws IOException {
        long before = openDescriptors();
        startWithSmallTables(8);
        int count = 3 * PLACES;
        for (int round = 0; round < 3; round++) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Peer peer = accept(dial());
                engine.receive(peer.handle());
                peers.add(peer);
            }
            List<Socket> clients = sockets.subList(sockets.size() - count, sockets.size());
            for (int i = 0; i < count; i++) {
                clients.get(i).getOutputStream().write(ascii("from " + i));
            }
            until(() -> peers.stream().noneMatch(peer -> peer.told().receives == 0));
            for (int i = 0; i < count; i++) {
                assertThat(peers.get(i).told().bytes.toString(StandardCharsets.US_ASCII))
                        .isEqualTo("from " + i);
                engine.send(peers.get(i).handle(), chunk(ascii("to " + i)));
            }
            until(() -> peers.stream().noneMatch(peer -> peer.told().sent.isEmpty()));
            for (int i = 0; i < count; i++) {
                assertThat(clients.get(i).getInputStream().readNBytes(("to " + i).length()))
                        .isEqualTo(ascii("to " + i));
            }
            int resets = round;
            peers.forEach(peer -> close(peer, resets == 1));
            assertThat(engine.ringCount()).isEqualTo(6); // of 20 places 8 are kept
        }
        closeListener();
        engine.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        assertThat(openDescriptors()).isEqualTo(before);
    }

    @Test
    void a_further_ring_wakes_the_loop_that_waits_in_the_first() throws IOException {
        startWithSmallTables(8);
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 2 * PLACES; i++) {
            peers.add(accept(dial()));
            engine.receive(peers.getLast().handle());
        }
        assertThat(engine.ringCount()).isGreaterThan(2);
        Socket last = sockets.getLast();
        for (int i = 1; i <= 20; i++) {
            CompletableFuture<Void> later = CompletableFuture.runAsync(
                            () -> {}, CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS))
                    .thenRun(() -> writing(last, ascii("x")).join());
            while (peers.getLast().told().bytes.size() < i) {
                engine.poll(-1); // would last without end
            }
            later.join();
        }
        assertThat(peers.getLast().told().receives).isEqualTo(20);
    }

    @Test
    void enters_a_further_ring_only_when_it_has_something_to_do() throws IOException {
        startWithSmallTables(8);
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 2 * PLACES; i++) {
            peers.add(accept(dial()));
            engine.receive(peers.getLast().handle());
        }
        Peer first = peers.getFirst();
        idle(3);
        long calls = engine.counters().systemCalls;
        long waits = engine.counters().waits;
        for (int i = 1; i <= 50; i++) {
            int round = i;
            sockets.getFirst().getOutputStream().write(1);
            until(() -> first.told().receives == round);
        }
        assertThat(engine.counters().systemCalls - calls).isEqualTo(engine.counters().waits - waits);
    }

    @Test
    void takes_ordinary_descriptors_when_all_tables_are_full() throws IOException {
        startWithSmallTables(2);
        for (int i = 0; i < 3 * PLACES; i++) {
            accept(dial());
        }
        assertThat(engine.ringCount()).isEqualTo(2);
        assertThat(listening.newcomers.getFirst().descriptor()).isEqualTo(-1);
        assertThat(listening.newcomers.getLast().descriptor()).isPositive();
        for (Handle handle : listening.newcomers) {
            close(peer(handle), false);
        }
        for (int i = 0; i < 3; i++) { // whatever was armed while they were full has brought its newcomers
            accept(dial());
        }
        assertThat(listening.newcomers.getLast().descriptor()).isEqualTo(-1);
    }

    @Test
    void dials_through_several_rings() {
        startWithSmallTables(8);
        List<Peer> dialled = new ArrayList<>();
        for (int i = 0; i < 2 * PLACES; i++) {
            dialled.add(peer(engine.connect(listener.localAddress())));
        }
        until(() -> dialled.stream().allMatch(peer -> peer.told().connected.equals(List.of(0))));
        until(() -> listening.newcomers.size() == 2 * PLACES);
        dialled.forEach(peer -> close(peer, false));
        for (Handle handle : listening.newcomers) {
            Peer there = peer(handle);
            engine.receive(handle);
            until(() -> there.told().ends.equals(List.of(0)));
            close(there, false);
        }
    }
}
