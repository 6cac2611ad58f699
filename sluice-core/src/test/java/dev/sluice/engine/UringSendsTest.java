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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Output through the ring: of memory, of files, and to a peer that is gone. */
@Timeout(60)
@ParameterizedClass(name = "direct descriptors {0}")
@EnumSource(Direct.class)
class UringSendsTest extends UringFrame {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    @TempDir
    Path directory;

    private int descriptor = -1;

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sends_a_part_of_a_file(boolean cached) throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(300_000);
        OpenFile file = file(bytes, cached);
        CompletableFuture<byte[]> reading = reading(socket, 250_000);
        int first = sendFile(peer, file, 50_000);
        boolean inParts = direct == Direct.ON || !cached;
        assertThat(first).isBetween(1, inParts ? 64 * 1024 : 250_000);
        sendRest(peer, file, 50_000 + first);
        assertThat(reading.join()).isEqualTo(Arrays.copyOfRange(bytes, 50_000, bytes.length));
        assertThat(sendFile(peer, file, bytes.length)).isEqualTo(-Errno.ENODATA);
        close(peer, false);
    }

    /** Whoever reads slowly must not cost memory, however large the file is; a direct descriptor has no other way. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_file_that_waits_for_its_reader_holds_no_memory(boolean cached) throws IOException {
        start();
        Socket socket = dial();
        socket.setReceiveBufferSize(64 * 1024);
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(16 << 20);
        OpenFile file = file(bytes, cached);
        int position = sendUntilItWaits(peer, file);
        assertThat(engine.lentBlocks()).isEqualTo(direct == Direct.ON ? 1 : 0);
        int waits = peer.told().sent.size();
        CompletableFuture<byte[]> reading = reading(socket, bytes.length);
        until(() -> peer.told().sent.size() > waits);
        sendRest(peer, file, position + peer.told().sent.getLast().intValue());
        assertThat(reading.join()).isEqualTo(bytes);
        boolean bySendfile = cached && direct != Direct.ON; // so much at once can't have been read first
        assertThat(peer.told().sent.stream().anyMatch(n -> n > 64 * 1024)).isEqualTo(bySendfile);
        close(peer, false);
    }

    @Test
    void a_file_that_waits_for_room_is_let_go_of_by_a_close() throws IOException {
        start();
        Peer peer = accept(dial());
        OpenFile file = file(randomBytes(16 << 20), true);
        sendUntilItWaits(peer, file);
        close(peer, true);
    }

    /** Not only once the ring was asked for room; a direct descriptor's is read first. */
    @Test
    void a_file_goes_in_the_turn_in_which_its_head_went() throws IOException {
        start();
        Peer peer = accept(dial());
        OpenFile file = file(randomBytes(1000), true);
        peer.told().onSent = () -> {
            if (peer.told().sent.size() == 1) {
                engine.sendFile(peer.handle(), file, 0, 1000);
            }
        };
        engine.send(peer.handle(), chunk(ascii("a head")));
        until(() -> !peer.told().sent.isEmpty());
        assertThat(peer.told().sent).hasSize(direct == Direct.ON ? 1 : 2);
        until(() -> peer.told().sent.size() == 2);
        assertThat(peer.told().sent).containsExactly(6L, 1000L);
        close(peer, false);
    }

    /** What is to be sent in the next turn must not be slept over. */
    @Test
    void a_file_of_many_turns_goes_on_by_itself() throws IOException {
        start();
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(3 << 20);
        OpenFile file = file(bytes, true);
        CompletableFuture<byte[]> reading = reading(socket, 6 + bytes.length);
        long[] position = {-6}; // the head's bytes come before it
        peer.told().onSent = () -> {
            position[0] += peer.told().sent.getLast();
            if (position[0] < bytes.length) {
                engine.sendFile(peer.handle(), file, position[0], bytes.length - position[0]);
            }
        };
        long begun = System.nanoTime();
        engine.send(peer.handle(), chunk(ascii("a head")));
        while (position[0] < bytes.length) {
            engine.poll(WAIT_NANOS);
        }
        assertThat(System.nanoTime() - begun).isLessThan(WAIT_NANOS);
        assertThat(Arrays.copyOfRange(reading.join(), 6, 6 + bytes.length)).isEqualTo(bytes);
        close(peer, false);
    }

    @Test
    void a_close_comes_before_a_file_that_has_its_turn() throws IOException {
        start();
        Peer peer = accept(dial());
        OpenFile file = file(randomBytes(1000), true);
        peer.told().onSent = () -> {
            engine.sendFile(peer.handle(), file, 0, 1000);
            engine.close(peer.handle(), false);
        };
        engine.send(peer.handle(), chunk(ascii("a head")));
        until(() -> peer.told().closed == 1);
        assertThat(peer.told().sent).containsExactly(6L);
        assertThat(engine.lentBlocks()).isZero();
    }

    private OpenFile file(byte[] bytes, boolean cached) throws IOException {
        Path path = Files.write(directory.resolve("file"), bytes);
        descriptor = SysException.check(
                FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY, 0, state), "openat", path);
        return new TestFile(bytes, descriptor, cached);
    }

    @AfterEach
    void closeFile() {
        if (descriptor >= 0) {
            Descriptors.close(descriptor, state);
        }
    }

    /** What the kernel took of a file at once, or in a few turns; 0 where it waits. */
    private int sendFile(Peer peer, OpenFile file, int position) {
        int before = peer.told().sent.size();
        engine.sendFile(peer.handle(), file, position, Math.max(file.sizeBytes() - position, 1));
        for (int i = 0; i < 10 && peer.told().sent.size() == before; i++) {
            engine.poll(TURN_NANOS);
        }
        return peer.told().sent.size() == before
                ? 0
                : peer.told().sent.getLast().intValue();
    }

    /** Sends until nothing is taken any more; how much was. */
    private int sendUntilItWaits(Peer peer, OpenFile file) {
        int position = 0;
        for (int n = sendFile(peer, file, 0); n > 0; n = sendFile(peer, file, position)) {
            position += n;
        }
        return position;
    }

    private void sendRest(Peer peer, OpenFile file, int from) {
        for (int position = from; position < file.sizeBytes(); ) {
            int before = peer.told().sent.size();
            engine.sendFile(peer.handle(), file, position, file.sizeBytes() - position);
            until(() -> peer.told().sent.size() > before);
            assertThat(peer.told().sent.getLast()).isPositive();
            position += peer.told().sent.getLast().intValue();
        }
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
