package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
@Timeout(30)
class SocketsTest {
    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final long at = NativeMemory.allocate(4096);

    @AfterEach
    void close() {
        net.close();
        NativeMemory.free(at);
    }

    private SocketAddress throughTheKernelsForm(SocketAddress address) {
        return SocketAddresses.decode(at, SocketAddresses.encode(address, at));
    }

    @Test
    void addressesSurviveTheKernelsForm() throws IOException {
        for (String host : new String[] {"127.0.0.1", "0.0.0.0", "255.254.253.252", "::1", "::", "fe80::1%1"}) {
            for (int port : new int[] {0, 80, 32768, 65535}) {
                InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
                assertThat(throughTheKernelsForm(address)).isEqualTo(address);
            }
        }
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("/tmp/" + "ä".repeat(40));
        assertThat(throughTheKernelsForm(unix)).isEqualTo(unix);
        assertThat(throughTheKernelsForm(UnixDomainSocketAddress.of(""))).isEqualTo(UnixDomainSocketAddress.of(""));
    }

    @Test
    void addressBytesAreInNetworkOrder() {
        assertThat(SocketAddresses.encode(new InetSocketAddress("1.2.3.4", 0x5060), at))
                .isEqualTo(16);
        assertThat(Loopback.text(at + 2, 6)).isEqualTo("\u0050\u0060\u0001\u0002\u0003\u0004");
    }

    @Test
    void inet4BecomesMappedForAnInet6Socket() {
        InetSocketAddress four = new InetSocketAddress("127.0.0.1", 99);
        assertThat(SocketAddresses.encode(four, Sockets.AF_INET6, at)).isEqualTo(28);
        assertThat(SocketAddresses.decode(at, 28)).isEqualTo(four);
        SocketAddresses.encode(new InetSocketAddress("0.0.0.0", 99), Sockets.AF_INET6, at);
        assertThat(SocketAddresses.decode(at, 28)).isEqualTo(new InetSocketAddress("::", 99));
    }

    @Test
    void addressesThatCannotBeAreRefused() {
        UnixDomainSocketAddress longest =
                UnixDomainSocketAddress.of("/" + "x".repeat(SocketAddresses.MAX_PATH_BYTES - 1));
        assertThat(throughTheKernelsForm(longest)).isEqualTo(longest);
        assertThatThrownBy(() -> SocketAddresses.encode(UnixDomainSocketAddress.of("/" + "x".repeat(108)), at))
                .hasMessageContaining("this one has 109");
        assertThatThrownBy(() -> SocketAddresses.encode(InetSocketAddress.createUnresolved("x", 1), at))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SocketAddresses.encode(new InetSocketAddress("::1", 1), Sockets.AF_INET, at))
                .isInstanceOf(IllegalArgumentException.class);
        NativeMemory.putLong(at, 0x7777_7777);
        assertThatThrownBy(() -> SocketAddresses.decode(at, 16)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesGoBothWaysAndEndIsZero() {
        int listener = net.listener(Sockets.SOCK_NONBLOCK);
        assertThat(Sockets.accept4(listener, 0, state)).isEqualTo(-Errno.EAGAIN);
        int client = net.connect(listener);
        assertThat(Poll.pollOne(listener, Poll.POLLIN, 5_000, state)).isEqualTo(Poll.POLLIN);
        int server = net.own(Sockets.accept4(listener, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, state));
        assertThat(Sockets.peerAddress(server, state)).isEqualTo(Sockets.localAddress(client, state));
        assertThat(Descriptors.fcntl(server, Descriptors.F_GETFD, 0, state)).isEqualTo(Descriptors.FD_CLOEXEC);
        assertThat(Descriptors.fcntl(server, Descriptors.F_GETFL, 0, state) & Descriptors.O_NONBLOCK)
                .isNotZero();
        assertThat(Sockets.recv(server, at, 64, 0, state)).isEqualTo(-Errno.EAGAIN);
        net.send(client, "ping");
        assertThat(Poll.pollOne(server, Poll.POLLIN, 5_000, state)).isEqualTo(Poll.POLLIN);
        assertThat(Descriptors.bytesReadable(server, state)).isEqualTo(4);
        assertThat(Sockets.recv(server, at, 64, Sockets.MSG_PEEK, state)).isEqualTo(4);
        assertThat(Sockets.recv(server, at, 64, 0, state)).isEqualTo(4);
        assertThat(Loopback.text(at, 4)).isEqualTo("ping");
        assertThat(Sockets.shutdown(client, Sockets.SHUT_WR, state)).isZero();
        Poll.pollOne(server, Poll.POLLIN, 5_000, state);
        assertThat(Sockets.recv(server, at, 64, 0, state)).isZero();
        net.send(server, "pong");
        assertThat(Sockets.recv(client, at, 64, 0, state)).isEqualTo(4);
    }

    @Test
    void acceptTellsThePeer() {
        int listener = net.listener(0);
        int client = net.connect(listener);
        NativeMemory.putInt(at + 128, 128);
        net.own(Sockets.accept4(listener, at, at + 128, 0, state));
        assertThat(SocketAddresses.decode(at, NativeMemory.getInt(at + 128)))
                .isEqualTo(Sockets.localAddress(client, state));
    }

    @Test
    void optionsAreSetAndRead() {
        int fd = net.connect(net.listener(0));
        assertThat(Sockopt.getsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, state))
                .isZero();
        assertThat(Sockopt.setsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, 1, state))
                .isZero();
        assertThat(Sockopt.getsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, state))
                .isPositive();
        for (int option : new int[] {Sockopt.SO_REUSEADDR, Sockopt.SO_REUSEPORT, Sockopt.SO_KEEPALIVE}) {
            assertThat(Sockopt.setsockopt(fd, Sockopt.SOL_SOCKET, option, 1, state))
                    .isZero();
            assertThat(Sockopt.getsockopt(fd, Sockopt.SOL_SOCKET, option, state))
                    .isPositive();
        }
        assertThat(Sockopt.setsockopt(fd, Sockopt.SOL_SOCKET, Sockopt.SO_SNDBUF, 20_000, state))
                .isZero();
        assertThat(Sockopt.getsockopt(fd, Sockopt.SOL_SOCKET, Sockopt.SO_SNDBUF, state))
                .isBetween(20_000, 80_000);
        assertThat(Sockopt.takeError(fd, state)).isZero();
        assertThat(Sockopt.setsockopt(fd, Sockopt.SOL_SOCKET, -1, 1, state)).isEqualTo(-Errno.ENOPROTOOPT);
        assertThat(Sockopt.getsockopt(0x7fff_0000, 0, 0, state)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void lingerOfZeroResets() {
        int listener = net.listener(0);
        int client = net.connect(listener);
        int server = Sockets.accept4(listener, 0, state);
        assertThat(Sockopt.setLinger(server, 0, state)).isZero();
        assertThat(Descriptors.close(server, state)).isZero();
        assertThat(Poll.pollOne(client, Poll.POLLIN, 5_000, state) & Poll.POLLIN)
                .isNotZero();
        assertThat(Sockets.recv(client, at, 1, 0, state)).isEqualTo(-Errno.ECONNRESET);
    }

    @Test
    void refusedConnectIsAValue() {
        int gone = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, state);
        Sockets.bind(gone, new InetSocketAddress("127.0.0.1", 0), Sockets.AF_INET, state);
        SocketAddress address = Sockets.localAddress(gone, state);
        Descriptors.close(gone, state);
        int fd = net.own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, state));
        assertThat(Sockets.connect(fd, address, Sockets.AF_INET, state)).isEqualTo(-Errno.ECONNREFUSED);
        assertThatThrownBy(() -> Sockets.peerAddress(fd, state)).hasMessageContaining("ENOTCONN");
    }

    @Test
    void unixSocketsListenAndConnect(@TempDir Path directory) {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        int listener = net.own(Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0, state));
        assertThat(Sockets.bind(listener, address, Sockets.AF_UNIX, state)).isZero();
        assertThat(Sockets.listen(listener, 1, state)).isZero();
        assertThat(Sockets.localAddress(listener, state)).isEqualTo(address);
        int client = net.own(Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0, state));
        assertThat(Sockets.connect(client, address, Sockets.AF_UNIX, state)).isZero();
        int server = net.own(Sockets.accept4(listener, 0, state));
        assertThat(Sockets.peerAddress(server, state)).isEqualTo(UnixDomainSocketAddress.of(""));
        net.send(client, "x");
        assertThat(Sockets.recv(server, at, 9, Sockets.MSG_WAITALL & 0, state)).isEqualTo(1);
    }

    @Test
    void inet6SocketTakesBothFamilies() {
        int listener = net.own(Sockets.socket(Sockets.AF_INET6, Sockets.SOCK_STREAM, 0, state));
        assertThat(Sockopt.setsockopt(listener, Sockopt.IPPROTO_IPV6, Sockopt.IPV6_V6ONLY, 0, state))
                .isZero();
        assertThat(Sockets.bind(listener, new InetSocketAddress("0.0.0.0", 0), Sockets.AF_INET6, state))
                .isZero();
        assertThat(Sockets.listen(listener, 1, state)).isZero();
        int port = ((InetSocketAddress) Sockets.localAddress(listener, state)).getPort();
        int client = net.own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, state));
        assertThat(Sockets.connect(client, new InetSocketAddress("127.0.0.1", port), Sockets.AF_INET, state))
                .isZero();
        int server = net.own(Sockets.accept4(listener, 0, state));
        assertThat(Sockets.peerAddress(server, state)).isEqualTo(Sockets.localAddress(client, state));
    }

    @Test
    void descriptorsPassBetweenProcesses() {
        int[] pair = net.pair(0);
        int[] passed = net.pair(0);
        assertThat(SocketMessages.sendDescriptor(pair[0], passed[0], (byte) 200, 0, state))
                .isEqualTo(1);
        long received = SocketMessages.receiveDescriptor(pair[1], 0, state);
        int copy = net.own(Descriptors.first(received));
        assertThat(copy).isNotEqualTo(passed[0]);
        assertThat(Descriptors.second(received)).isEqualTo(200);
        assertThat(Descriptors.fcntl(copy, Descriptors.F_GETFD, 0, state)).isEqualTo(Descriptors.FD_CLOEXEC);
        net.send(copy, "through the copy");
        assertThat(Sockets.recv(passed[1], at, 64, 0, state)).isEqualTo(16);

        net.send(pair[0], "b");
        assertThat(SocketMessages.receiveDescriptor(pair[1], 0, state)).isEqualTo(-Errno.EBADMSG);
        assertThat(SocketMessages.receiveDescriptor(pair[1], Sockets.MSG_DONTWAIT, state))
                .isEqualTo(-Errno.EAGAIN);
        assertThat(SocketMessages.sendDescriptor(pair[0], 1 << 20, (byte) 0, 0, state))
                .isEqualTo(-Errno.EBADF);
        Sockets.shutdown(pair[0], Sockets.SHUT_WR, state);
        assertThat(SocketMessages.receiveDescriptor(pair[1], 0, state)).isEqualTo(-Errno.EPIPE);
    }

    @Test
    void vectorsAreReadAndWritten() {
        int[] pair = net.pair(0);
        NativeMemory.copy(new byte[] {'a', 'b', 'c', 'd', 'e'}, 0, 5, at);
        long vector = at + 1024;
        SocketMessages.iovec(vector, 0, at + 3, 2);
        SocketMessages.iovec(vector, 1, at, 3);
        assertThat(Descriptors.writev(pair[0], vector, 2, state)).isEqualTo(5);
        SocketMessages.iovec(vector, 0, at + 100, 1);
        SocketMessages.iovec(vector, 1, at + 200, 9);
        assertThat(Descriptors.readv(pair[1], vector, 2, state)).isEqualTo(5);
        assertThat(Loopback.text(at + 100, 1) + Loopback.text(at + 200, 4)).isEqualTo("deabc");
    }

    @Test
    void sendfileSendsARangeAndEndsWithZero(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "0123456789");
        int in = net.own(FileCalls.openat(FileCalls.AT_FDCWD, file.toString(), FileCalls.O_CLOEXEC, 0, state));
        int listener = net.listener(0);
        int client = net.connect(listener);
        int server = net.own(Sockets.accept4(listener, 0, state));
        assertThat(Descriptors.sendfile(server, in, 3, 4, state)).isEqualTo(4);
        assertThat(Descriptors.sendfile(server, in, 8, 100, state)).isEqualTo(2);
        assertThat(Descriptors.sendfile(server, in, 10, 100, state)).isZero();
        assertThat(Sockets.recv(client, at, 6, Sockets.MSG_WAITALL, state)).isEqualTo(6);
        assertThat(Loopback.text(at, 6)).isEqualTo("345689");
    }
}
