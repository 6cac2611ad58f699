package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions.Direct;
import dev.sluice.UringSwitch;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring, driven directly, in each way to set it up. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringEngineTest extends UringFrame {
    static IntStream levels() {
        return IntStream.range(0, UringSetup.levels());
    }

    @ParameterizedTest
    @MethodSource("levels")
    void echoes_at_each_level_of_set_up(int level) throws IOException {
        start(options(64, 256, 16, 1024, true, 64, level));
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        for (int i = 0; i < 10; i++) {
            socket.getOutputStream().write(ascii("ping " + i));
            int round = i + 1;
            until(() -> peer.told().receives == round);
            engine.send(peer.handle(), chunk(ascii("pong " + i)));
            until(() -> peer.told().sent.size() == round);
            assertThat(socket.getInputStream().readNBytes(6)).isEqualTo(ascii("pong " + i));
        }
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).startsWith("ping 0ping 1ping 2");
        assertThat(peer.told().sent).containsOnly(6L);
        close(peer, false);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        assertThat(engine.counters().receivedBytes).isEqualTo(60);
        assertThat(engine.counters().sentBytes).isEqualTo(60);
        assertThat(engine.counters().receives).isEqualTo(10);
        assertThat(engine.counters().accepts).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multishot=off",
                "multishot=off,incremental=off",
                "taskrun=coop",
                "sqpoll=1",
                "spin=100",
                "napi=10",
                "send-zc=1",
                "send-zc=1,sqpoll=1,spin=20",
                "buffers=2x64,multishot=off"
            })
    void each_switch_carries_bytes_both_ways(String switches) throws IOException {
        start(UringSwitch.parse(switches).toBuilder().direct(direct).build());
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        byte[] bytes = randomBytes(300_000);
        CompletableFuture<Void> writing = writing(socket, bytes);
        until(() -> peer.told().bytes.size() == bytes.length);
        writing.join();
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
        CompletableFuture<byte[]> reading = reading(socket, bytes.length);
        for (int offset = 0; offset < bytes.length; ) {
            offset += sendSome(peer, bytes, offset, 1);
        }
        assertThat(reading.join()).isEqualTo(bytes);
        assertThat(engine.features()).isNotEmpty();
        socket.shutdownOutput();
        until(() -> peer.told().ends.equals(List.of(0)));
        engine.shutdownOutput(peer.handle());
        idle(1);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        close(peer, false);
        closeListener();
    }

    @Test
    void says_what_is_active() {
        assertThat(UringEngine.availability().reason())
                .contains("SINGLE_ISSUER")
                .contains("multishot");
    }

    @Test
    void is_made_on_one_thread_and_turned_by_another() throws IOException {
        start();
        Socket socket = dial();
        CompletableFuture.runAsync(() -> {
                    Peer peer = nextPeer();
                    close(peer, false);
                    closeListener();
                    engine.close();
                })
                .join();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
}
