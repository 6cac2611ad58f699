package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.UringOptions.Direct;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a close owes: its word is the last, and nothing stays behind, whatever is in flight. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringClosesTest extends UringFrame {
    @Test
    void closes_with_operations_in_flight_and_tells_nothing_but_that() throws IOException {
        start();
        Socket socket = dial();
        socket.setReceiveBufferSize(4096);
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        fill(peer); // a send that can't end: the peer doesn't read
        int told = peer.told().order.size();
        engine.close(peer.handle(), true);
        engine.close(peer.handle(), true);
        engine.receive(peer.handle());
        until(() -> peer.told().closed > 0);
        idle(3);
        assertThat(peer.told().order.subList(told, peer.told().order.size())).containsExactly("closed");
        assertThat(engine.lentBlocks()).isZero();
        assertThatThrownBy(() -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void closes_while_the_memory_of_a_zero_copy_send_is_in_use() throws IOException {
        start(standard().toBuilder().zeroCopy(1).build());
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        fill(peer); // the peer doesn't read
        engine.close(peer.handle(), true);
        until(() -> peer.told().closed == 1);
        assertThat(peer.told().order.getLast()).isEqualTo("closed");
        assertThat(engine.lentBlocks()).isZero();
    }

    /** Sends until a send stays in flight. */
    private void fill(Peer peer) {
        byte[] bytes = randomBytes(ChunkPool.CHUNK_BYTES);
        while (true) {
            int before = peer.told().sent.size();
            engine.send(peer.handle(), chunk(bytes));
            for (int i = 0; i < 20 && peer.told().sent.size() == before; i++) {
                engine.poll(TimeUnit.MILLISECONDS.toNanos(10));
            }
            if (peer.told().sent.size() == before) {
                return;
            }
        }
    }

    @Test
    void closes_from_within_each_callback() throws IOException {
        start();
        Socket first = dial();
        Peer receiving = accept(first);
        receiving.told().onReceived = lent -> engine.close(receiving.handle(), false);
        engine.receive(receiving.handle());
        first.getOutputStream().write(1);
        until(() -> receiving.told().closed == 1);
        assertThat(receiving.told().order).containsExactly("received", "closed");

        Socket second = dial();
        Peer ending = accept(second);
        ending.told().onEnd = () -> engine.close(ending.handle(), false);
        engine.receive(ending.handle());
        second.shutdownOutput();
        until(() -> ending.told().closed == 1);
        assertThat(ending.told().order).containsExactly("receiveEnded", "closed");

        Peer sending = accept(dial());
        sending.told().onSent = () -> engine.close(sending.handle(), true);
        engine.send(sending.handle(), chunk(ascii("bye")));
        until(() -> sending.told().closed == 1);
        assertThat(sending.told().order).containsExactly("sent", "closed");

        listening.onAccepted = peer -> engine.close(listener, false);
        dial();
        until(() -> listening.closed == 1);
    }

    @Test
    void a_reset_is_seen_as_one_and_an_end_as_an_end() throws IOException {
        start();
        Socket gentle = dial();
        close(accept(gentle), false);
        assertThat(gentle.getInputStream().read()).isEqualTo(-1);
        Socket harsh = dial();
        close(accept(harsh), true);
        assertThatThrownBy(() -> harsh.getInputStream().read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void uses_descriptors_and_slots_again_without_mixing_their_bearers_up() throws IOException {
        start();
        long before = openDescriptors();
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            Socket socket = dial();
            Peer peer = accept(socket);
            engine.receive(peer.handle());
            byte[] bytes = ascii("round " + i);
            socket.getOutputStream().write(bytes);
            if (random.nextBoolean()) {
                until(() -> peer.told().bytes.size() == bytes.length);
            }
            if (random.nextBoolean()) {
                engine.send(peer.handle(), chunk(bytes));
            }
            engine.close(peer.handle(), random.nextBoolean());
            until(() -> peer.told().closed == 1);
            assertThat(new String(bytes, StandardCharsets.US_ASCII))
                    .startsWith(peer.told().bytes.toString(StandardCharsets.US_ASCII));
            assertThat(peer.told().ends).isEmpty();
            socket.close();
        }
        assertThat(openDescriptors()).isEqualTo(before);
        assertThat(engine.lentBlocks()).isZero();
    }

    @Test
    void leaves_no_descriptor_behind() throws IOException {
        long before = openDescriptors();
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(1);
        engine.close(); // with everything still open
        socket.close();
        assertThat(openDescriptors()).isEqualTo(before);
    }
}
