package dev.sluice.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The end of a disk")
class DiskEndTest extends DiskConformance {
    private static final int MANY = 200;
    private static final int TIMES = 40;
    private static final int LENT_BYTES = 8 << 20;

    @BeforeEach
    void realDisksOnly() {
        assumeFalse(kind.isSimulated(), "the world's checks count what is left there");
    }

    private static long descriptors() {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("sluice-")
                        && !thread.getName().equals("sluice-log"))
                .count();
    }

    /** What the process has in memory, without what only awaits the collector. */
    private static long residentKibibytesCollected() {
        System.gc();
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitTrue(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as(what).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    @DisplayName("a close with operations in flight gives back descriptors and threads, and tells nothing more")
    void inFlight() throws Exception {
        open(DiskOptions.standard()); // once, so that what a process has for good is there
        create("warm");
        rig.close();
        awaitTrue("threads of the first", () -> threads() == 0);
        long before = descriptors();
        open(DiskOptions.standard());
        int file = create("file");
        int other = create("other");
        List<Long> told = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            buffers.add(filled(UNIT, i));
        }
        rig.inside(() -> {
            for (int i = 0; i < MANY; i++) {
                rig.disk.write(i % 2 == 0 ? file : other, buffers.get(i), (long) i * UNIT, r -> note(told, r));
            }
            rig.disk.open(rig.path("late"), with(DiskOption.WRITE, DiskOption.CREATE), r -> note(told, r));
            rig.disk.close(other, r -> note(told, r));
            rig.disk.close();
            assertThatThrownBy(() -> rig.disk.sync(file, r -> {})).hasMessageContaining("closed");
            assertThatThrownBy(() -> rig.disk.lend(UNIT)).hasMessageContaining("closed");
            rig.disk.close();
            return null;
        });
        rig.close();
        rig = null;
        awaitTrue("its threads", () -> threads() == 0);
        awaitTrue("its descriptors", () -> descriptors() == before);
        assertThat(told).isEmpty();
        for (int i = 0; i < MANY; i++) { // all the same it was done
            byte[] content = Files.readAllBytes(directory.resolve(i % 2 == 0 ? "file" : "other"));
            assertThat(content[i * UNIT] & 0xff).isEqualTo(pattern(i, 0));
        }
    }

    @Test
    @DisplayName("a result's handler may close the disk")
    void fromAHandler() throws Exception {
        open(DiskOptions.standard());
        int file = create("file");
        List<Long> told = new ArrayList<>();
        ByteBuffer one = filled(UNIT, 1);
        ByteBuffer two = filled(UNIT, 2);
        rig.inside(() -> {
            rig.disk.write(file, one, 0, result -> {
                note(told, result);
                rig.disk.close();
            });
            rig.disk.write(file, two, UNIT, result -> {});
            return null;
        });
        await(told, 1);
        rig.close();
        rig = null;
        awaitTrue("its threads", () -> threads() == 0);
        assertThat(Files.size(directory.resolve("file"))).isEqualTo(2L * UNIT);
    }

    @Test
    @DisplayName("opening and closing, again and again, leaves no memory behind")
    void memory() throws Exception {
        assumeTrue(
                kind == DiskRig.Kind.URING_DRIVEN || kind == DiskRig.Kind.RING_OF_ITS_LOOP,
                "the others' memory is the collector's");
        long after = 0;
        for (int i = 0; i < TIMES; i++) {
            open(DiskOptions.standard());
            ByteBuffer lent = lend(LENT_BYTES);
            for (int at = 0; at < LENT_BYTES; at += UNIT) {
                lent.put(at, (byte) 1);
            }
            long file = rig.wait(done -> rig.disk.open(
                    rig.path("file"), Set.of(DiskOption.READ, DiskOption.WRITE, DiskOption.CREATE), done));
            assertThat(rig.write((int) file, lent.limit(UNIT), 0)).isEqualTo(UNIT);
            rig.close();
            rig = null;
            if (i == TIMES / 4) {
                after = residentKibibytesCollected();
            }
        }
        long limit = after + LENT_BYTES / 1024 * TIMES / 4;
        awaitTrue("the memory", () -> residentKibibytesCollected() < limit);
    }
}
