package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEveryModel
@DisplayName("Addresses")
class AddressesTest extends Conformance {
    @Test
    @DisplayName("an IPv4 address is listened on, its port picked by the kernel")
    void ipv4() throws Exception {
        Server started = serve(new InetSocketAddress("127.0.0.1", 0), options(), Actor::echo);
        assertThat(started.port()).isPositive();
        assertThat(((InetSocketAddress) started.address()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.1");
        assertThat(connect().ask("hello")).isEqualTo("hello");
    }

    @Test
    @DisplayName("an IPv6 address is listened on")
    void ipv6() throws Exception {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("::1"), 0);
        assumeTrue(canListen(loopback), "this machine has no IPv6");
        serve(loopback, options(), (c, t) -> {
            t.say("remote " + ((InetSocketAddress) c.remoteAddress()).getAddress());
            return Actor.echo(c, t);
        });
        assertThat(connect().ask("hello")).isEqualTo("hello");
        assertThat(witness.awaitRest("remote ")).contains("0:0:0:0:0:0:0:1");
    }

    private static boolean canListen(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address.getAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @DisplayName("the wildcard address is listened on")
    void wildcard() throws Exception {
        Server started = serve(new InetSocketAddress("0.0.0.0", 0), options(), Actor::echo);
        try (TestClient client = TestClient.connect(new InetSocketAddress("127.0.0.1", started.port()))) {
            assertThat(client.ask("hello")).isEqualTo("hello");
        }
    }

    @Test
    @Needs(Ability.UNIX_SOCKETS)
    @DisplayName("a Unix-domain socket is listened on, its peers have no name, and its path is removed at the end")
    void unixDomain(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("socket");
        serve(UnixDomainSocketAddress.of(path), options(), (c, t) -> {
            t.say("remote '" + ((UnixDomainSocketAddress) c.remoteAddress()).getPath() + "'");
            t.say("local " + ((UnixDomainSocketAddress) c.localAddress()).getPath());
            return Actor.echo(c, t);
        });
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(ByteBuffer.wrap("hello".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)));
            ByteBuffer answer = ByteBuffer.allocate(5);
            while (answer.hasRemaining() && client.read(answer) >= 0) {
                Thread.onSpinWait();
            }
            assertThat(new String(answer.array(), java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo("hello");
        }
        assertThat(witness.awaitRest("remote ")).isEqualTo("''");
        assertThat(witness.awaitRest("local ")).isEqualTo(path.toString());
        stop(Duration.ZERO);
        assertThat(Files.exists(path)).isFalse();
    }

    @Test
    @Needs(Ability.UNIX_SOCKETS)
    @DisplayName("a Unix-domain path is refused that a server has, and one that a killed server left, saying which")
    void unixPathInUse(@TempDir Path directory) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(address);
            assertThatThrownBy(() -> serve(address, options(), Actor::echo))
                    .isInstanceOf(SysException.class)
                    .hasMessageContaining("EADDRINUSE")
                    .hasMessageContaining(address.toString())
                    .hasMessageContaining("a server listens there");
        }
        assertThat(address.getPath()).exists(); // closed, as a killed one's is, and its file is left
        assertThatThrownBy(() -> serve(address, options(), Actor::echo))
                .isInstanceOf(SysException.class)
                .hasMessageContaining("a server that was killed left the file: remove it");
        Files.delete(address.getPath());
        serve(address, options(), Actor::echo);
    }

    @Test
    @DisplayName("a port in use is refused, saying what is wrong")
    void portInUse() throws Exception {
        Server taken = serveAlone(options(), Actor::echo);
        assertThatThrownBy(() -> serve(taken.address(), options(), Actor::echo))
                .isInstanceOf(SysException.class)
                .hasMessageContaining("bind")
                .hasMessageContaining("EADDRINUSE")
                .hasMessageContaining(String.valueOf(taken.port()));
    }

    @Test
    @DisplayName("an address that no interface has is refused, saying what is wrong")
    void addressOfNobody() {
        InetSocketAddress nobody = new InetSocketAddress("192.0.2.1", 0);
        assertThatThrownBy(() -> serve(nobody, options(), Actor::echo))
                .isInstanceOf(SysException.class)
                .hasMessageContaining("EADDRNOTAVAIL");
    }

    @Test
    @DisplayName("two servers live in one process, each with its own connections")
    void twoServers() throws Exception {
        serve(Actor::echo);
        TestClient first = connect();
        assertThat(first.ask("first")).isEqualTo("first");
        serve(options().backlog(64), (c, t) -> new Actor(c, t).onOpened(() -> Actor.write(c, "second")));
        assertThat(connect().read(6)).isEqualTo("second");
        stop(Duration.ZERO);
        assertThat(first.ask("still")).isEqualTo("still");
    }
}
