package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.OpenFile;
import dev.sluice.UringOptions.Direct;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Output through the ring: of memory, of files, and to a peer that is gone. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringSendsTest extends UringFrame {
    @Test
    void sends_more_than_the_socket_holds() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(8 << 20);
        CompletableFuture<byte[]> reading = reading(socket, bytes.length);
        int offset = 0;
        int[] chunkCounts = {1, 2, 16, 40}; // 40 are more than one message has vectors for
        for (int round = 0; offset < bytes.length; round++) {
            offset += sendSome(peer, bytes, offset, chunkCounts[round % chunkCounts.length]);
        }
        assertThat(reading.join()).isEqualTo(bytes);
        assertThat(engine.counters().sentBytes).isEqualTo(bytes.length);
        close(peer, false);
    }

    @Test
    void sends_a_part_of_a_file(@TempDir Path directory) throws IOException {
        start();
        byte[] bytes = randomBytes(300_000);
        Path path = Files.write(directory.resolve("file"), bytes);
        Socket socket = dial();
        Peer peer = accept(socket);
        int fd = SysException.check(
                FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY, 0, state), "openat", path);
        try {
            OpenFile file = new TestFile(bytes, fd);
            CompletableFuture<byte[]> reading = reading(socket, 250_000);
            long position = 50_000;
            while (position < bytes.length) {
                int before = peer.told().sent.size();
                engine.sendFile(peer.handle(), file, position, bytes.length - position);
                until(() -> peer.told().sent.size() > before);
                assertThat(peer.told().sent.getLast()).isPositive();
                position += peer.told().sent.getLast();
            }
            assertThat(reading.join()).isEqualTo(Arrays.copyOfRange(bytes, 50_000, bytes.length));
            engine.sendFile(peer.handle(), file, bytes.length, 10);
            until(() -> peer.told().sent.getLast() < 0);
            assertThat(peer.told().sent.getLast()).isEqualTo(-Errno.ENODATA);
        } finally {
            Descriptors.close(fd, state);
        }
        close(peer, false);
    }

    @Test
    void tells_that_the_peer_is_gone() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
        int[] rounds = {0};
        peer.told().onSent = () -> rounds[0]++;
        while (peer.told().sent.isEmpty() || peer.told().sent.getLast() > 0) {
            int before = rounds[0];
            engine.send(peer.handle(), chunk(ascii("anyone there?")));
            until(() -> rounds[0] > before);
        }
        assertThat(peer.told().sent.getLast()).isIn((long) -Errno.ECONNRESET, (long) -Errno.EPIPE);
        close(peer, false);
    }
}
