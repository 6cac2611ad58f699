package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.disk.DiskEngine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are cut, or have a bit flipped, anywhere: noticed, told, and everything before it kept. */
@Timeout(120)
class LogDamageTest {
    private static final LogOptions OPTIONS =
            LogOptions.standard().withSegmentBytes(8 << 10).withPreallocate(false);
    private static final int RECORDS = 300;
    private static final int ROUNDS = System.getProperty("sluice.tier", "quick").equals("full") ? 1000 : 100;

    @TempDir
    Path directory;

    private final Random random = new Random(7);

    /** Writes a log in batches of one to five records, each durable before the next. */
    private Path write(boolean closed) throws IOException {
        Path original = Files.createDirectory(directory.resolve("original"));
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(original, OPTIONS, record -> {})) {
            for (int i = 1; i <= RECORDS; ) {
                for (int n = 1 + random.nextInt(5); n > 0 && i <= RECORDS; n--, i++) {
                    rig.log().append(KeyStore.record(i, i, random.nextInt(200)));
                }
                int last = i - 1;
                rig.until(() -> rig.log().durable() == last);
            }
            if (closed) {
                rig.closeLog();
            }
        }
        return original;
    }

    /** How long a file is without the zeros that fill its last block. */
    private static int written(byte[] bytes) {
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private Path copy(Path original, int round) throws IOException {
        Path copy = Files.createDirectory(directory.resolve("copy-" + round));
        for (Path file : files(original)) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private static List<Path> files(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.filter(each -> each.getFileName().toString().startsWith("log-")
                            && each.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    /** What is recovered, in order of the numbers; it must be a prefix. */
    private static int prefix(KeyStore found) {
        int count = found.values.size();
        for (int i = 1; i <= count; i++) {
            assertThat(found.values).containsEntry(i, (long) i);
        }
        return count;
    }

    /** How many records lie wholly before an offset of a file. */
    private int before(Path original, Path file, long offset) throws IOException {
        int count = 0;
        for (Path each : files(original)) {
            boolean same = each.getFileName().equals(file.getFileName());
            byte[] bytes = Files.readAllBytes(each);
            java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            int at = SegmentHeader.BYTES;
            while (at + RecordFormat.HEAD_BYTES <= bytes.length && RecordFormat.number(buffer, at) == count + 1) {
                int end = at + RecordFormat.size(RecordFormat.length(buffer, at));
                if (same && end > offset) {
                    return Math.min(count, RECORDS);
                }
                count++;
                at = end;
            }
            if (same) {
                return Math.min(count, RECORDS);
            }
        }
        return Math.min(count, RECORDS);
    }

    private static byte[] contents(Path of) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (Path each : files(of)) {
            all.writeBytes(Files.readAllBytes(each));
        }
        return all.toByteArray();
    }

    /** Opens a damaged copy, and where that is refused, opens it again with a repair. */
    private void recover(Path copy, int owed, boolean mayBeClean) throws IOException {
        byte[] asFound = contents(copy);
        KeyStore found = new KeyStore();
        boolean refused;
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(copy, OPTIONS, found::apply)) {
            refused = rig.failure != null;
            if (!refused) {
                assertThat(prefix(found)).isGreaterThanOrEqualTo(owed);
                boolean told = rig.report().tail() != null || !rig.report().closed();
                assertThat(told || mayBeClean).isTrue();
            } else {
                assertThat(rig.failure).contains("is damaged at offset");
            }
        }
        if (refused) {
            assertThat(contents(copy)).isEqualTo(asFound);
            KeyStore repaired = new KeyStore();
            try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(copy, OPTIONS.withRepair(true), repaired::apply)) {
                assertThat(rig.failure).isNull();
                assertThat(prefix(repaired)).isGreaterThanOrEqualTo(owed);
                assertThat(rig.report().damage()).contains("repaired");
            }
            KeyStore again = new KeyStore();
            try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(copy, OPTIONS, again::apply)) {
                assertThat(rig.failure).isNull();
                assertThat(again.values).isEqualTo(repaired.values);
            }
        }
    }

    @Test
    void aBitThatFlipsIsNoticed() throws IOException {
        Path original = write(true);
        List<Path> files = files(original);
        for (int round = 0; round < ROUNDS; round++) {
            Path copy = copy(original, round);
            Path file = copy.resolve(files.get(random.nextInt(files.size())).getFileName());
            byte[] bytes = Files.readAllBytes(file);
            int at = random.nextInt(written(bytes));
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            recover(copy, before(original, file, at), false);
        }
    }

    @Test
    void aCutIsNoticed() throws IOException {
        Path original = write(false);
        List<Path> files = files(original);
        for (int round = 0; round < ROUNDS; round++) {
            Path copy = copy(original, round);
            Path file = copy.resolve(files.get(random.nextInt(files.size())).getFileName());
            long at = random.nextLong(Files.size(file));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(at);
            }
            recover(copy, before(original, file, at), true);
        }
    }

    @Test
    void aCutOrFlippedLastBatchIsATornTail() throws IOException {
        Path original = write(false);
        List<Path> files = files(original);
        Path last = files.getLast();
        Path copy = copy(original, 0);
        Path file = copy.resolve(last.getFileName());
        byte[] bytes = Files.readAllBytes(file);
        int cut = written(bytes) - 3;
        Files.write(file, Arrays.copyOf(bytes, cut));
        KeyStore found = new KeyStore();
        try (LogRig rig = new LogRig(DiskEngine.BLOCKING).open(copy, OPTIONS, found::apply)) {
            assertThat(rig.failure).isNull();
            assertThat(prefix(found)).isEqualTo(RECORDS - 1);
            RecoveryReport.Dropped tail =
                    java.util.Objects.requireNonNull(rig.report().tail());
            assertThat(tail.file()).isEqualTo(last.getFileName().toString());
            assertThat(tail.offset()).isBetween((long) SegmentHeader.BYTES, (long) cut);
            assertThat(tail.bytes()).isBetween(1L, cut - tail.offset());
            assertThat(tail.records()).isZero();
            assertThat(rig.report().lines().toString())
                    .contains(last.getFileName().toString(), "torn record at offset");
        }
    }
}
