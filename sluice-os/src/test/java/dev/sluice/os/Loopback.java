package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Sockets of one test on the loopback interface, all closed with it. */
final class Loopback implements AutoCloseable {
    final CallState state = CallState.global();

    private final Deque<Integer> opened = new ArrayDeque<>();

    /** Keeps a descriptor to be closed at the end, after asserting that it is one. */
    int own(int fd) {
        assertThat(fd).as(() -> Errno.describe(-fd)).isNotNegative();
        opened.push(fd);
        return fd;
    }

    int listener(int flags) {
        int fd = own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC | flags, 0, state));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        assertThat(Sockets.bind(fd, any, Sockets.AF_INET, state)).isZero();
        assertThat(Sockets.listen(fd, 128, state)).isZero();
        return fd;
    }

    int connect(int listener) {
        int fd = own(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state));
        assertThat(Sockets.connect(fd, Sockets.localAddress(listener, state), Sockets.AF_INET, state))
                .isZero();
        return fd;
    }

    /** Two connected Unix stream sockets. */
    int[] pair(int flags) {
        long pair = Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC | flags, 0, state);
        assertThat(pair).isNotNegative();
        return new int[] {own(Descriptors.first(pair)), own(Descriptors.second(pair))};
    }

    void send(int fd, String text) {
        long at = NativeMemory.allocate(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        NativeMemory.copy(bytes, 0, bytes.length, at);
        assertThat(Sockets.send(fd, at, bytes.length, Sockets.MSG_NOSIGNAL, state))
                .isEqualTo(bytes.length);
        NativeMemory.free(at);
    }

    static String text(long address, long length) {
        byte[] bytes = new byte[(int) length];
        NativeMemory.copy(address, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        opened.forEach(fd -> Descriptors.close(fd, state));
    }
}
