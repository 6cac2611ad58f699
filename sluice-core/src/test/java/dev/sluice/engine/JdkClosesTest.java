package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.os.Errno;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections of the JDK's channels end: half-closed, reset, and closed whatever is in flight. */
@Timeout(60)
class JdkClosesTest extends JdkFrame {
    @ParameterizedTest
    @EnumSource
    void half_closes_both_ways(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        socket.getOutputStream().write(ascii("last"));
        socket.shutdownOutput();
        until(() -> !peer.told().ends.isEmpty());
        assertThat(peer.told().ends).containsExactly(0);
        assertThat(peer.told().bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("last");
        send(peer, ascii("still here"));
        engine.shutdownOutput(peer.handle());
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(ascii("still here"));
        idle(3);
        assertThat(peer.told().ends).as("an end is told once").hasSize(1);
        close(peer, false);
    }

    @ParameterizedTest
    @EnumSource
    void tells_a_reset_to_the_receive(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(2);
        socket.setSoLinger(true, 0);
        socket.close();
        until(() -> !peer.told().ends.isEmpty());
        assertThat(peer.told().ends).containsExactly(-Errno.ECONNRESET);
        engine.shutdownOutput(peer.handle());
        close(peer, true);
    }

    @ParameterizedTest
    @EnumSource
    void tells_a_reset_to_the_send(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        Chunk chunk = chunk(randomBytes(16 * 1024));
        peer.told().onSent = () -> {
            if (peer.told().sent.getLast() > 0) {
                engine.send(peer.handle(), chunk);
            }
        };
        engine.send(peer.handle(), chunk);
        idle(5); // until the socket is full
        socket.setSoLinger(true, 0);
        socket.close();
        until(() -> peer.told().sent.getLast() < 0);
        assertThat(peer.told().sent.getLast()).isIn((long) -Errno.ECONNRESET, (long) -Errno.EPIPE);
        close(peer, false);
        pool.release(chunk);
    }

    @ParameterizedTest
    @EnumSource
    void closes_with_operations_in_flight(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        Chunk chunk = chunk(randomBytes(16 * 1024));
        peer.told().onSent = () -> engine.send(peer.handle(), chunk);
        engine.send(peer.handle(), chunk);
        idle(5);
        int told = peer.told().order.size();
        close(peer, false);
        assertThat(peer.told().order.subList(told, peer.told().order.size())).containsExactly("closed");
        engine.receive(peer.handle());
        engine.close(peer.handle(), false);
        idle(2);
        assertThat(peer.told().order).as("nothing after closed").hasSize(told + 1);
        pool.release(chunk);
    }

    @ParameterizedTest
    @EnumSource
    void closes_from_inside_a_receive(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told().onReceived = _ -> engine.close(peer.handle(), false);
        engine.receive(peer.handle());
        socket.getOutputStream().write(randomBytes(100_000));
        until(() -> peer.told().closed == 1);
        idle(3);
        assertThat(peer.told().order).containsExactly("received", "closed");
    }

    @Test
    void nio_resets_where_it_is_asked_to() throws IOException {
        start(Kind.NIO);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(2);
        close(peer, true);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void aio_ends_where_the_JDK_lets_it_not_reset() throws IOException {
        start(Kind.AIO);
        Socket socket = dial();
        Peer peer = accept(socket);
        close(peer, true);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
}
