package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections of the JDK's channels come about: accepted, dialled, and moved to another engine. */
@Timeout(60)
class JdkConnectsTest extends JdkFrame {
    @ParameterizedTest
    @EnumSource
    void accepts_a_burst_and_stops_accepting(Kind kind) throws IOException {
        start(kind);
        for (int i = 0; i < 200; i++) {
            dial();
        }
        until(() -> listening.newcomers.size() == 200);
        engine.stopAccepting(listener);
        Socket late = dial(); // the backlog takes it
        Socket later = dial();
        idle(10);
        assertThat(listening.newcomers.size()).as("one may be under way").isBetween(200, 201);
        engine.accept(listener);
        until(() -> listening.newcomers.size() == 202);
        assertThat(List.of(
                        listening.newcomers.get(200).remoteAddress(),
                        listening.newcomers.get(201).remoteAddress()))
                .containsExactly(late.getLocalSocketAddress(), later.getLocalSocketAddress());
    }

    @ParameterizedTest
    @EnumSource
    void closes_a_listener_that_is_accepting(Kind kind) {
        start(kind);
        idle(2);
        var address = (InetSocketAddress) listener.localAddress();
        engine.close(listener, false);
        assertThat(listening.closed).isZero();
        until(() -> listening.closed == 1);
        assertThat(listening.order).containsExactly("closed");
        assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void says_which_address_is_in_use(Kind kind) {
        start(kind);
        assertThatThrownBy(() -> engine.listen(listener.localAddress(), OPTIONS))
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE))
                .hasMessageContaining(String.valueOf(((InetSocketAddress) listener.localAddress()).getPort()));
    }

    @ParameterizedTest
    @EnumSource
    void shares_an_address_by_SO_REUSEPORT(Kind kind) {
        engine = kind.make();
        ListenOptions shared = new ListenOptions(16, true, true, true, false, false);
        listen(anyPort(), shared);
        Handle second = engine.listen(listener.localAddress(), shared);
        assertThat(second.localAddress()).isEqualTo(listener.localAddress());
    }

    @ParameterizedTest
    @EnumSource
    void takes_no_descriptor_of_others(Kind kind) {
        start(kind);
        assertThatThrownBy(() -> engine.listenOn(7))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--accept reuseport");
    }

    @ParameterizedTest
    @EnumSource
    void connects_and_talks_to_itself(Kind kind) {
        start(kind);
        Peer client = peer(engine.connect(listener.localAddress()));
        assertThat(client.told().connected).isEmpty();
        until(() -> !client.told().connected.isEmpty() && !listening.newcomers.isEmpty());
        assertThat(client.told().connected).containsExactly(0);
        Peer server = peer(listening.newcomers.getFirst());
        assertThat(client.handle().localAddress()).isEqualTo(server.handle().remoteAddress());
        engine.receive(client.handle());
        engine.receive(server.handle());
        send(client, ascii("ping"));
        until(() -> server.told().bytes.size() == 4);
        send(server, ascii("pong"));
        until(() -> client.told().bytes.size() == 4);
        close(client, false);
        until(() -> server.told().ends.contains(0));
        close(server, false);
    }

    @ParameterizedTest
    @EnumSource
    void tells_that_a_connect_is_refused(Kind kind) throws IOException {
        engine = kind.make();
        InetSocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        Peer client = peer(engine.connect(nobody));
        until(() -> !client.told().connected.isEmpty());
        assertThat(client.told().connected).containsExactly(-Errno.ECONNREFUSED);
        idle(3);
        close(client, false);
        assertThat(client.told().order).containsExactly("connected", "closed");
    }

    @ParameterizedTest
    @EnumSource
    void closes_while_connecting(Kind kind) {
        start(kind);
        Peer client = peer(engine.connect(listener.localAddress()));
        close(client, false);
        assertThat(client.told().order).containsExactly("closed");
    }

    @Test
    void nio_moves_a_newcomer_to_another_selector() throws IOException {
        start(Kind.NIO);
        Socket socket = dial();
        until(() -> !listening.newcomers.isEmpty());
        try (NioEngine other = new NioEngine(TURN_BYTES)) {
            Handle moved = other.adopt(listening.newcomers.getFirst());
            Told told = new Told();
            moved.completion(told);
            other.receive(moved);
            socket.getOutputStream().write(ascii("hello"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (told.bytes.size() < 5 && System.nanoTime() < deadline) {
                other.poll(TURN_NANOS);
            }
            assertThat(told.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
            other.close(moved, false);
            other.poll(0);
            assertThat(told.closed).isEqualTo(1);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aio_hands_nothing_over() throws IOException {
        start(Kind.AIO);
        Peer peer = accept(dial());
        assertThatThrownBy(() -> engine.adopt(peer.handle()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--accept reuseport");
    }

    @Test
    void nio_talks_over_a_unix_socket(@TempDir Path directory) throws IOException {
        engine = new NioEngine(TURN_BYTES);
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        listen(address, OPTIONS);
        try (SocketChannel socket = SocketChannel.open(address)) {
            until(() -> !listening.newcomers.isEmpty());
            Peer peer = peer(listening.newcomers.getFirst());
            engine.receive(peer.handle());
            socket.write(ByteBuffer.wrap(ascii("unix")));
            until(() -> peer.told().bytes.size() == 4);
            close(peer, true);
        }
        Peer client = peer(engine.connect(address));
        until(() -> client.told().connected.contains(0) && listening.newcomers.size() == 2);
        close(client, false);
    }

    @Test
    void aio_says_that_it_knows_no_unix_sockets(@TempDir Path directory) {
        engine = new AioEngine();
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        assertThatThrownBy(() -> engine.listen(address, OPTIONS)).hasMessageContaining("EAFNOSUPPORT");
        assertThatThrownBy(() -> engine.connect(address)).hasMessageContaining("no Unix sockets");
    }
}
