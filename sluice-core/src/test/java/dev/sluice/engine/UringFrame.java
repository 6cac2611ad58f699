package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import dev.sluice.os.CallState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.Parameter;

/** What the tests of the ring share: an engine with a listener, its clients, and what it told. */
abstract class UringFrame {
    static final int TURN_BYTES = 256 * 1024;
    static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    static final ListenOptions OPTIONS = new ListenOptions(1024, false, true, false, false, false);

    /** Where the sockets live: all of the tests are done both ways. */
    @Parameter
    Direct direct;

    UringOptions standard() {
        return UringOptions.builder().direct(direct).build();
    }

    UringOptions options(
            int sqEntries,
            int cqEntries,
            int bufferCount,
            int bufferBytes,
            boolean incremental,
            int completionsPerPoll,
            int level) {
        return standard().toBuilder()
                .entries(sqEntries, cqEntries)
                .buffers(bufferCount, bufferBytes)
                .incremental(incremental)
                .completionsPerPoll(completionsPerPoll)
                .level(level)
                .build();
    }

    UringOptions tinyBuffers(boolean incremental) {
        return options(64, 256, 2, 64, incremental, 512, 0);
    }

    UringOptions tinyCompletions(boolean incremental) {
        return options(2, 4, 16, 64, incremental, 512, 0);
    }

    final Arena arena = Arena.ofConfined();
    final CallState state = new CallState(arena);
    final List<Socket> sockets = new ArrayList<>();
    final LoopChunkPool pool = new LoopChunkPool();
    UringEngine engine;
    Told listening;
    Handle listener;

    @BeforeAll
    static void needsRing() {
        var availability = UringEngine.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
    }

    @AfterEach
    void closeAll() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (engine != null) {
            engine.close();
        }
        arena.close();
    }

    // ---- the frame

    void start(UringOptions options) {
        start(options, OPTIONS);
    }

    void start(UringOptions options, ListenOptions listenOptions) {
        engine = new UringEngine(options, TURN_BYTES);
        listening = new Told();
        listener = engine.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), listenOptions);
        listener.completion(listening);
        engine.accept(listener);
    }

    void start() {
        start(standard());
    }

    void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("the time is over; the listener was told %s", listening == null ? "nothing" : listening.order)
                    .isNegative();
            engine.poll(TURN_NANOS);
        }
    }

    /** Turns of the loop in which nothing is expected. */
    void idle(int turns) {
        for (int i = 0; i < turns; i++) {
            engine.poll(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    Socket dial() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(listener.localAddress());
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    /** The engine's side of the next newcomer. */
    record Peer(Handle handle, Told told) {}

    Peer nextPeer() {
        int before = listening.newcomers.size();
        until(() -> listening.newcomers.size() > before);
        return peer(listening.newcomers.getLast());
    }

    static Peer peer(Handle handle) {
        Told told = new Told();
        handle.completion(told);
        return new Peer(handle, told);
    }

    Peer accept(Socket socket) {
        Peer peer = nextPeer();
        assertThat(peer.handle().remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
        return peer;
    }

    Chunk chunk(byte[] bytes) {
        Chunk chunk = pool.acquire();
        chunk.buffer.put(0, bytes);
        chunk.end = bytes.length;
        return chunk;
    }

    void close(Peer peer, boolean reset) {
        engine.close(peer.handle(), reset);
        until(() -> peer.told().closed == 1);
        assertThat(peer.told().order.getLast()).isEqualTo("closed");
        assertThat(peer.handle().descriptor()).isEqualTo(-1);
        assertThat(engine.lentBlocks()).isZero();
    }

    void closeListener() {
        engine.close(listener, false);
        until(() -> listening.closed == 1);
    }

    static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] concatenated(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    CompletableFuture<Void> writing(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    CompletableFuture<byte[]> reading(Socket socket, int count) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return socket.getInputStream().readNBytes(count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    int sendSome(Peer peer, byte[] bytes, int from, int chunkCount) {
        Chunk first = null;
        Chunk last = null;
        int offset = from;
        for (int i = 0; i < chunkCount && offset < bytes.length; i++) {
            int length = Math.min(ChunkPool.CHUNK_BYTES - i, bytes.length - offset);
            Chunk chunk = chunk(Arrays.copyOfRange(bytes, offset, offset + length));
            offset += length;
            if (last == null) {
                first = chunk;
            } else {
                last.next = chunk;
            }
            last = chunk;
        }
        int before = peer.told().sent.size();
        engine.send(peer.handle(), first);
        until(() -> peer.told().sent.size() > before);
        long sent = peer.told().sent.getLast();
        assertThat(sent).isBetween(1L, (long) offset - from);
        for (Chunk chunk = first; chunk != null; ) {
            Chunk next = chunk.next;
            pool.release(chunk);
            chunk = next;
        }
        return (int) sent;
    }

    /** Sends until a send stays in flight. */
    void fill(Peer peer) {
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

    static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}
