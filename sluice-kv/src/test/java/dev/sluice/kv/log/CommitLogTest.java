package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskEngine;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log on real files, on each disk engine. */
@Timeout(60)
class CommitLogTest {
    private static final LogOptions OPTIONS = LogOptions.standard().withSegmentBytes(64 << 10);

    @TempDir
    Path directory;

    private static LogRig rig(DiskEngine engine) {
        assumeTrue(
                engine.availability().available(), () -> engine.availability().reason());
        return new LogRig(engine);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private static void append(LogRig rig, KeyStore store, int from, int to) {
        for (int i = from; i < to; i++) {
            int key = i % 50;
            store.values.put(key, (long) i);
            assertThat(rig.log().append(KeyStore.record(key, i, i % 700))).isEqualTo(i);
        }
        rig.until(() -> rig.log().durable() == to - 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAppendedIsThereAgain(DiskEngine engine) throws IOException {
        KeyStore store = new KeyStore();
        try (LogRig rig = rig(engine).open(directory, OPTIONS, store::apply)) {
            for (int i = 1; i < 2000; i += 100) {
                append(rig, store, i, i + 100);
            }
            assertThat(rig.log().batches()).isBetween(20L, 60L);
        } // as a kill
        assertThat(names()).hasSizeGreaterThan(10);
        for (int i = 0; i < 2; i++) {
            KeyStore found = new KeyStore();
            try (LogRig rig = rig(engine).open(directory, OPTIONS, found::apply)) {
                assertThat(found.values).isEqualTo(store.values);
                assertThat(rig.report().last()).isEqualTo(2000);
                assertThat(rig.report().tail()).isNull();
                assertThat(rig.report().closed()).isFalse();
            }
        }
    }

    /** Each start goes on in a segment that ends in the midst of a block, behind records that it has written anew. */
    @ParameterizedTest
    @EnumSource
    void aLogGoesOnInTheMidstOfABlock(DiskEngine engine) {
        KeyStore store = new KeyStore();
        for (int start = 0; start < 4; start++) {
            KeyStore found = new KeyStore();
            try (LogRig rig = rig(engine).open(directory, OPTIONS, found::apply)) {
                assertThat(found.values).isEqualTo(store.values);
                for (int batch = 0; batch < 5; batch++) {
                    int from = start * 35 + batch * 7 + 1;
                    append(rig, store, from, from + 7);
                }
            } // as a kill
        }
    }

    /** Zeros that are written late, when the next batch could have been, must not come over it. */
    @Test
    void aBatchWaitsForTheZerosUnderIt() {
        Deque<Runnable> late = new ArrayDeque<>();
        KeyStore store = new KeyStore();
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING, disk -> withLateZeros(disk, late))
                .open(directory, OPTIONS, record -> {})) {
            rig.log().append(KeyStore.record(1, 1, 3000));
            rig.until(() -> rig.log().durable() == 1);
            assumeTrue(!late.isEmpty(), "no direct writes here, and so no zeros");
            rig.log().append(KeyStore.record(2, 2, 3000)); // into the next block
            rig.settle();
            assertThat(rig.log().durable()).isEqualTo(1);
            late.remove().run();
            rig.until(() -> rig.log().durable() == 2);
        } // as a kill
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(directory, OPTIONS, store::apply)) {
            assertThat(store.values).containsOnlyKeys(1, 2);
        }
    }

    private static Disk withLateZeros(Disk disk, Deque<Runnable> late) {
        Class<?>[] types = {Disk.class};
        return (Disk) Proxy.newProxyInstance(Disk.class.getClassLoader(), types, (proxy, method, arguments) -> {
            if (method.getName().equals("write")
                    && arguments[1].equals(ByteBuffer.allocate(((ByteBuffer) arguments[1]).remaining()))) {
                late.add(() ->
                        disk.write((int) arguments[0], (ByteBuffer) arguments[1], (long) arguments[2], (LongConsumer)
                                arguments[3]));
                return null;
            }
            try {
                return method.invoke(disk, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aLargeRecordIsWholeAgain(DiskEngine engine) {
        byte[] large = new byte[(5 << 20) + 3];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 31);
        }
        try (LogRig rig = rig(engine).open(directory, OPTIONS, record -> {})) {
            rig.log().append(ByteBuffer.wrap(new byte[] {1}));
            rig.log().append(ByteBuffer.wrap(large));
            rig.log().append(ByteBuffer.wrap(new byte[] {2, 3}));
            rig.until(() -> rig.log().durable() == 3);
            rig.closeLog();
        }
        List<ByteBuffer> found = new ArrayList<>();
        try (LogRig rig = rig(engine)
                .open(
                        directory,
                        OPTIONS,
                        record -> found.add(ByteBuffer.allocate(record.remaining())
                                .put(record)
                                .flip()))) {
            assertThat(rig.report().closed()).isTrue();
            assertThat(found)
                    .containsExactly(
                            ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(large), ByteBuffer.wrap(new byte[] {2, 3
                            }));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSnapshotTakesThePlaceOfOldSegments(DiskEngine engine) throws IOException {
        KeyStore store = new KeyStore();
        try (LogRig rig = rig(engine).open(directory, OPTIONS, store::apply)) {
            append(rig, store, 1, 1001);
            Compaction compaction = rig.compaction(store::dump);
            assertThat(compaction.start()).isTrue();
            assertThat(compaction.start()).isFalse();
            append(rig, store, 1001, 1101);
            rig.until(() -> !compaction.isRunning());
            assertThat(compaction.lastFailure()).isNull();
            assertThat(names()).filteredOn(each -> each.startsWith("snapshot")).hasSize(1);
            assertThat(names()).hasSizeLessThan(6);
            assertThat(rig.log().snapshotBytes()).isPositive();
        }
        KeyStore found = new KeyStore();
        try (LogRig rig = rig(engine).open(directory, OPTIONS, found::apply)) {
            assertThat(found.values).isEqualTo(store.values);
            assertThat(rig.report().snapshotRecords()).isEqualTo(50);
            assertThat(rig.report().last()).isEqualTo(1100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLogGoesOnOnAnotherDisk(DiskEngine engine) {
        KeyStore store = new KeyStore();
        try (LogRig first = new LogRig(DiskEngine.BLOCKING).open(directory, OPTIONS, store::apply);
                LogRig second = rig(engine)) {
            boolean[] left = new boolean[1];
            first.log().detach(() -> left[0] = true);
            first.until(() -> left[0]);
            first.log().append(KeyStore.record(1, 1, 0));
            second.log = first.log;
            List<Runnable> tasks = new ArrayList<>();
            second.log().attach(second.disk, tasks::add);
            second.until(() -> second.log().durable() == 1);
        }
        KeyStore found = new KeyStore();
        try (LogRig rig = rig(engine).open(directory, OPTIONS, found::apply)) {
            assertThat(rig.failure).isNull();
            assertThat(found.values).containsEntry(1, 1L);
        }
    }

    @Test
    void whoIsAnsweredMayAskAgainInTheNextBatch() {
        KeyStore store = new KeyStore();
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(directory, OPTIONS, store::apply)) {
            append(rig, store, 1, 11);
            long before = rig.log().batches();
            rig.log().append(KeyStore.record(1, 1, 0));
            rig.turn();
            rig.log().append(KeyStore.record(2, 2, 0));
            rig.until(() -> rig.log().durable() == rig.log().last());
            assertThat(rig.log().batches()).isEqualTo(before + 1);
        }
    }

    @Test
    void syncsEverySecondAreThoseOfTheClock() {
        KeyStore store = new KeyStore();
        LogOptions options = OPTIONS.withSync(Sync.EVERYSEC);
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(directory, options, store::apply)) {
            long tenth = 100_000_000;
            append(rig, store, 1, 11);
            assertThat(rig.log().synced()).isZero();
            rig.log().tick(11 * tenth);
            rig.until(() -> rig.log().synced() == 10);
            append(rig, store, 11, 21);
            rig.log().tick(20 * tenth);
            assertThat(rig.log().syncs()).isEqualTo(1);
            rig.log().tick(22 * tenth);
            rig.until(() -> rig.log().synced() == 20);
            assertThat(rig.log().syncs()).isEqualTo(2);
        }
    }

    @Test
    void aClosedLogTakesNothingMore() {
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(directory, OPTIONS, record -> {})) {
            rig.closeLog();
            assertThat(rig.log().refusal()).contains("closed");
        }
    }

    /** The first record's batch is under way, and the second one waits behind it. */
    @Test
    void whatWasAppendedBeforeACloseBecomesDurable() {
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(directory, OPTIONS, record -> {})) {
            List<String> failures = new ArrayList<>();
            rig.log().onProgress(() -> failures.add(String.valueOf(rig.log().failure())));
            rig.log().append(KeyStore.record(1, 1, 0));
            rig.until(() -> rig.log().batches() == 1);
            rig.log().append(KeyStore.record(2, 2, 0));
            rig.closeLog();
            assertThat(rig.log().durable()).isEqualTo(3); // with the mark
            assertThat(failures).hasSize(2).containsOnly("null");
        }
    }

    /** A folder has the next segment's name. */
    @ParameterizedTest
    @EnumSource
    void aLogWhoseNextSegmentCantBeMadeEnds(DiskEngine engine) throws IOException {
        try (LogRig rig = rig(engine).open(directory, OPTIONS, record -> {})) {
            Files.createDirectory(directory.resolve("log-000002"));
            for (int i = 1; rig.log().refusal() == null; i++) {
                long number = rig.log().append(KeyStore.record(1, i, 700));
                rig.until(() -> rig.log().durable() == number || rig.log().refusal() != null);
            }
            assertThat(rig.log().failure()).contains("opening log-000002", "EISDIR");
            rig.closeLog();
        }
    }

    @Test
    void aSecondServerIsKeptOut() throws IOException {
        try (DirectoryLock first = DirectoryLock.take(directory)) {
            assertThat(directory.resolve("lock")).exists();
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> DirectoryLock.take(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another server");
        }
        DirectoryLock.take(directory).close();
    }

    @Test
    void appendingAllocatesNothing() {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING)
                .open(directory, LogOptions.standard().withSync(Sync.NO), record -> {})) {
            ByteBuffer record = KeyStore.record(1, 1, 50);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = threads.getThreadAllocatedBytes(thread);
                for (int i = 0; i < 1000; i++) {
                    rig.log().append(record.rewind());
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
                long last = rig.log().last();
                rig.until(() -> rig.log().durable() == last);
            }
            assertThat(least).isLessThan(1000); // a task is queued for each batch
        }
    }
}
