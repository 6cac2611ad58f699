package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import dev.sluice.os.CallState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.Parameter;

/** What the tests of the ring share: its options, and how bytes are sent and connections closed. */
abstract class UringFrame extends EngineFrame<UringEngine> {
    static final int TURN_BYTES = 256 * 1024;
    static final ListenOptions OPTIONS = new ListenOptions(1024, false, true, false, false, false);

    /** Where the sockets live: all of the tests are done both ways. */
    @Parameter
    Direct direct;

    final Arena arena = Arena.ofConfined();
    final CallState state = new CallState(arena);

    @BeforeAll
    static void needsRing() {
        var availability = UringEngine.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
    }

    @AfterEach
    void closeArena() {
        arena.close();
    }

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

    void start(UringOptions options) {
        start(options, OPTIONS);
    }

    void start(UringOptions options, ListenOptions listenOptions) {
        engine = new UringEngine(options, TURN_BYTES);
        listen(anyPort(), listenOptions);
    }

    void start() {
        start(standard());
    }

    void close(Peer peer, boolean reset) {
        engine.close(peer.handle(), reset);
        until(() -> peer.told().closed == 1);
        assertThat(peer.told().order.getLast()).isEqualTo("closed");
        assertThat(peer.handle().descriptor()).isEqualTo(-1);
        assertThat(engine.lentBlocks()).isZero();
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

    static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}
