package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes through the JDK's channels: in order, in pieces and from files, where receiving stops and goes on. */
@Timeout(60)
class JdkTransfersTest extends JdkFrame {
    @ParameterizedTest
    @EnumSource
    void receives_many_bytes_in_order(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        byte[] bytes = randomBytes(8 * 1024 * 1024);
        CompletableFuture<Void> writer = writing(socket, bytes);
        until(() -> peer.told().bytes.size() == bytes.length);
        writer.get(20, TimeUnit.SECONDS);
        assertThat(Arrays.equals(peer.told().bytes.toByteArray(), bytes)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void loses_nothing_where_receiving_stops_and_goes_on(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told().onReceived = _ -> engine.stopReceiving(peer.handle());
        byte[] bytes = randomBytes(1_000_000);
        CompletableFuture<Void> writer = writing(socket, bytes);
        while (peer.told().bytes.size() < bytes.length) {
            int receives = peer.told().receives;
            engine.receive(peer.handle());
            until(() -> peer.told().receives > receives);
            engine.poll(0);
            assertThat(peer.told().receives).as("one may be under way").isBetween(receives + 1, receives + 2);
        }
        writer.get(20, TimeUnit.SECONDS);
        assertThat(Arrays.equals(peer.told().bytes.toByteArray(), bytes)).isTrue();
        socket.shutdownOutput();
        idle(3);
        assertThat(peer.told().ends).as("an end waits until it is asked for").isEmpty();
        engine.receive(peer.handle());
        until(() -> peer.told().ends.contains(0));
    }

    @ParameterizedTest
    @EnumSource
    void a_lent_buffer_is_left_alone_though_receiving_is_armed_anew_inside(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(40_000);
        List<Boolean> unchanged = new ArrayList<>();
        peer.told().onReceived = lent -> {
            byte[] before = new byte[lent.remaining()];
            lent.get(lent.position(), before);
            engine.stopReceiving(peer.handle());
            engine.receive(peer.handle());
            byte[] after = new byte[lent.remaining()];
            lent.get(lent.position(), after);
            unchanged.add(Arrays.equals(before, after));
        };
        socket.getOutputStream().write(bytes);
        engine.receive(peer.handle());
        until(() -> peer.told().bytes.size() == bytes.length);
        assertThat(unchanged).isNotEmpty().doesNotContain(false);
        assertThat(peer.told().bytes.toByteArray()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @EnumSource
    void gathers_a_chain_and_goes_on_where_the_kernel_stopped(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(300 * 16_000);
        List<Chunk> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += 16_000) {
            Chunk chunk = chunk(Arrays.copyOfRange(bytes, at, at + 16_000));
            if (!chunks.isEmpty()) {
                chunks.getLast().next = chunk;
            }
            chunks.add(chunk);
        }
        int[] first = {0};
        Runnable onwards = () -> engine.send(peer.handle(), chunks.get(first[0]));
        peer.told().onSent = () -> {
            long left = peer.told().sent.getLast();
            assertThat(left).isPositive();
            while (left > 0) {
                Chunk chunk = chunks.get(first[0]);
                int taken = (int) Math.min(left, chunk.length());
                chunk.start += taken;
                left -= taken;
                if (chunk.length() == 0) {
                    first[0]++;
                }
            }
            if (first[0] < chunks.size()) {
                onwards.run();
            }
        };
        onwards.run();
        idle(10);
        assertThat(first[0]).as("nobody reads, so the kernel has refused some").isLessThan(chunks.size());
        CompletableFuture<byte[]> reader = reading(socket, bytes.length);
        until(() -> first[0] == chunks.size());
        assertThat(Arrays.equals(reader.get(20, TimeUnit.SECONDS), bytes)).isTrue();
        assertThat(peer.told().sent.size()).as("sends of up to 16 chunks").isLessThan(chunks.size());
        chunks.forEach(pool::release);
        assertThat(pool.lentCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void sends_a_file(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(3_000_000);
        OpenFile file = new TestFile(bytes, -1);
        long[] position = {100};
        peer.told().onSent = () -> {
            position[0] += peer.told().sent.getLast();
            if (position[0] < bytes.length) {
                engine.sendFile(peer.handle(), file, position[0], bytes.length - position[0]);
            }
        };
        engine.sendFile(peer.handle(), file, 100, bytes.length - 100);
        assertThat(peer.told().sent).isEmpty();
        CompletableFuture<byte[]> reader = reading(socket, bytes.length - 100);
        until(() -> position[0] == bytes.length);
        assertThat(Arrays.equals(reader.get(20, TimeUnit.SECONDS), Arrays.copyOfRange(bytes, 100, bytes.length)))
                .isTrue();
        peer.told().onSent = () -> {};
        engine.sendFile(peer.handle(), file, bytes.length, 10);
        until(() -> peer.told().sent.getLast() < 0);
        assertThat(peer.told().sent.getLast()).as("beyond the end").isEqualTo(-Errno.ENODATA);
    }
}
