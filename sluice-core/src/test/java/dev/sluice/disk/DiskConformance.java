package dev.sluice.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.disk.DiskRig.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedInvocationConstants;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the behaviours of disks share: one suite, on every engine and every way to have it, buffered and direct. */
@ParameterizedClass(name = ParameterizedInvocationConstants.ARGUMENT_SET_NAME_PLACEHOLDER)
@MethodSource("dev.sluice.disk.DiskConformance#rigs")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class DiskConformance {
    /** Suits every direct file. */
    static final int UNIT = Disk.PAGE_BYTES;

    @Parameter(0)
    Kind kind;

    @Parameter(1)
    boolean direct;

    @TempDir
    Path directory;

    DiskRig rig;

    static List<Arguments.ArgumentSet> rigs() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(false, true)
                        .map(direct -> Arguments.argumentSet(
                                kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                                        + (direct ? ", direct" : ", buffered"),
                                kind,
                                direct)))
                .toList();
    }

    final void open(DiskOptions options) throws Exception {
        assumeTrue(kind.lack().isEmpty(), kind.lack());
        rig = DiskRig.open(kind, options, directory);
    }

    @AfterEach
    void close() throws Exception {
        if (rig != null) {
            rig.close();
        }
    }

    /** The options that a file is opened with, and DIRECT where that is what is tested. */
    final Set<DiskOption> with(DiskOption... options) {
        Set<DiskOption> all = EnumSet.noneOf(DiskOption.class);
        all.addAll(List.of(options));
        if (direct) {
            all.add(DiskOption.DIRECT);
        }
        return all;
    }

    /** A new file to read and write. */
    final int create(String name) throws Exception {
        return open(name, DiskOption.READ, DiskOption.WRITE, DiskOption.CREATE_NEW);
    }

    final int open(String name, DiskOption... options) throws Exception {
        long file = rig.wait(done -> rig.disk.open(rig.path(name), with(options), done));
        assertThat(file).isNotNegative();
        return (int) file;
    }

    final long close(int file) throws Exception {
        return rig.wait(done -> rig.disk.close(file, done));
    }

    final ByteBuffer lend(int bytes) throws Exception {
        return rig.inside(() -> rig.disk.lend(bytes));
    }

    /** A lent buffer of bytes that tell where they belong. */
    final ByteBuffer filled(int bytes, int seed) throws Exception {
        ByteBuffer buffer = lend(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer.put((byte) pattern(seed, i));
        }
        return buffer.flip();
    }

    static int pattern(int seed, int index) {
        return (seed * 31 + index * 7 + (index >> 8)) & 0xff;
    }

    static void assertFilled(ByteBuffer buffer, int bytes, int seed) {
        assertThat(buffer.position()).isEqualTo(bytes);
        for (int i = 0; i < bytes; i++) {
            if ((buffer.get(i) & 0xff) != pattern(seed, i)) {
                throw new AssertionError("byte " + i + " of " + seed + " is " + buffer.get(i));
            }
        }
    }

    /** Writes so many units, each with the pattern of its number. */
    final void fill(int file, int units) throws Exception {
        List<Long> told = new ArrayList<>();
        for (int i = 0; i < units; i++) {
            ByteBuffer unit = filled(UNIT, i);
            long at = (long) i * UNIT;
            rig.inside(() -> {
                rig.disk.write(file, unit, at, result -> {
                    rig.disk.takeBack(unit);
                    note(told, result);
                });
                return null;
            });
        }
        await(told, units);
        assertThat(told).containsOnly((long) UNIT);
    }

    static void note(List<Long> told, long result) {
        synchronized (told) {
            told.add(result);
        }
    }

    final void await(List<Long> told, int count) throws Exception {
        rig.until(() -> {
            synchronized (told) {
                return told.size() >= count;
            }
        });
    }
}
