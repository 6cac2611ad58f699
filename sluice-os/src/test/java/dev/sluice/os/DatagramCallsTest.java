package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatagramCallsTest {
    private static final int COUNT = 4;
    private static final int ROOM = 8;

    private final Arena arena = Arena.ofConfined();
    private final CallState state = new CallState(arena);
    private final int sender = socket();
    private final int receiver = socket();
    private final long pieces = arena.allocate(COUNT * ROOM, 8).address();
    private final long addresses =
            arena.allocate(COUNT * SocketAddresses.MAX_BYTES, 8).address();
    private final long iovecs =
            arena.allocate(COUNT * SocketMessages.IOVEC.byteSize(), 8).address();
    private final long entries =
            arena.allocate((long) COUNT * DatagramCalls.ENTRY_BYTES, 8).address();

    private int socket() {
        int fd = SysException.check(
                Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0, state), "socket", "");
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        SysException.check(Sockets.bind(fd, any, Sockets.AF_INET, state), "bind", any);
        return fd;
    }

    @AfterEach
    void close() {
        Descriptors.close(sender, state);
        Descriptors.close(receiver, state);
        arena.close();
    }

    private void prepare(int index, int length, int addressBytes) {
        long piece = pieces + (long) index * ROOM;
        long iovec = iovecs + index * SocketMessages.IOVEC.byteSize();
        SocketMessages.iovec(iovecs, index, piece, length);
        DatagramCalls.set(entries, index, iovec, addresses + (long) index * SocketAddresses.MAX_BYTES, addressBytes);
    }

    @Test
    void severalGoAndComeInOneCallEachWithItsLengthAndSender() {
        SocketAddress to = Sockets.localAddress(receiver, state);
        for (int i = 0; i < COUNT; i++) {
            NativeMemory.putLong(pieces + (long) i * ROOM, i);
            prepare(i, i + 1, SocketAddresses.encode(to, addresses + (long) i * SocketAddresses.MAX_BYTES));
        }
        assertThat(DatagramCalls.send(sender, entries, 1, COUNT - 1, state)).isEqualTo(COUNT - 1);
        for (int i = 0; i < COUNT; i++) {
            prepare(i, 3, SocketAddresses.MAX_BYTES);
        }
        assertThat(DatagramCalls.receive(receiver, entries, COUNT, state)).isEqualTo(COUNT - 1);
        for (int i = 0; i < COUNT - 1; i++) {
            assertThat(DatagramCalls.length(entries, i)).isEqualTo(Math.min(3, i + 2));
            assertThat(DatagramCalls.isTruncated(entries, i)).isEqualTo(i + 2 > 3);
            assertThat(NativeMemory.getByte(pieces + (long) i * ROOM)).isEqualTo((byte) (i + 1));
            assertThat(SocketAddresses.decode(
                            addresses + (long) i * SocketAddresses.MAX_BYTES, DatagramCalls.addressBytes(entries, i)))
                    .isEqualTo(Sockets.localAddress(sender, state));
        }
        assertThat(DatagramCalls.receive(receiver, entries, COUNT, state)).isEqualTo(-Errno.EAGAIN);
    }
}
