package dev.sluice.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.PageCache;
import dev.sluice.os.Platform;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Results of a disk")
class DiskResultsTest extends DiskConformance {
    @BeforeEach
    void open() throws Exception {
        open(DiskOptions.standard());
    }

    @Test
    @DisplayName("bytes are read as they were written, and a read is short at the end")
    void bytes() throws Exception {
        int file = create("file");
        int unit = direct ? UNIT : 1000;
        assertThat(rig.write(file, filled(unit, 7), 2L * unit)).isEqualTo(unit);
        assertThat((long) rig.inside(() -> rig.disk.size(file))).isEqualTo(3L * unit);
        ByteBuffer into = lend(direct ? 4 * UNIT : 5000);
        assertThat(rig.read(file, into, 2L * unit)).isEqualTo(unit);
        assertFilled(into, unit, 7);
        ByteBuffer hole = lend(unit);
        assertThat(rig.read(file, hole, 0)).isEqualTo(unit);
        assertThat(hole.get(unit - 1)).isZero();
        assertThat(rig.read(file, into.clear(), 3L * unit)).isZero();
        assertThat(into.position()).isZero();
        assertThat(close(file)).isZero();
    }

    @Test
    @DisplayName("a buffer's position to its limit takes part, and nothing else of it")
    void partOfABuffer() throws Exception {
        int file = create("file");
        ByteBuffer from = filled(3 * UNIT, 1).position(UNIT).limit(2 * UNIT);
        assertThat(rig.write(file, from, 0)).isEqualTo(UNIT);
        assertThat(from.position()).isEqualTo(2 * UNIT);
        ByteBuffer into = lend(3 * UNIT).position(UNIT).limit(2 * UNIT);
        assertThat(rig.read(file, into, 0)).isEqualTo(UNIT);
        assertThat(into.get(UNIT) & 0xff).isEqualTo(pattern(1, UNIT));
        assertThat(into.get(2 * UNIT - 1) & 0xff).isEqualTo(pattern(1, 2 * UNIT - 1));
        assertThat(into.get(UNIT - 1)).isZero();
        into.clear();
        assertThat(into.get(2 * UNIT)).isZero();
    }

    @Test
    @DisplayName("what is written and synced is there, and a sync of a file or directory says so")
    void syncs() throws Exception {
        int file = create("file");
        ByteBuffer from = filled(UNIT, 3);
        assertThat(rig.wait(done -> rig.disk.writeAndSync(file, from, 0, done))).isEqualTo(UNIT);
        assertThat(rig.wait(done -> rig.disk.sync(file, done))).isZero();
        assertThat(rig.wait(done -> rig.disk.syncData(file, done))).isZero();
        long root = rig.wait(done -> rig.disk.open(rig.root, Set.of(DiskOption.READ), done));
        assertThat(rig.wait(done -> rig.disk.sync((int) root, done))).isZero();
        ByteBuffer into = lend(UNIT);
        assertThat(rig.read(file, into, 0)).isEqualTo(UNIT);
        assertFilled(into, UNIT, 3);
    }

    @Test
    @DisplayName("room is made, and files are cut")
    void sizes() throws Exception {
        int file = create("file");
        assertThat(rig.wait(done -> rig.disk.allocate(file, 0, 10L * UNIT, done)))
                .isZero();
        assertThat((long) rig.inside(() -> rig.disk.size(file))).isEqualTo(10L * UNIT);
        assertThat(rig.wait(done -> rig.disk.truncate(file, 3L * UNIT, done))).isZero();
        assertThat((long) rig.inside(() -> rig.disk.size(file))).isEqualTo(3L * UNIT);
        assertThat(rig.wait(done -> rig.disk.allocate(file, 0, 0, done))).isEqualTo(-Errno.EINVAL);
        assertThat(rig.wait(done -> rig.disk.truncate(file, -1, done))).isEqualTo(-Errno.EINVAL);
        close(file);
        int again = open("file", DiskOption.WRITE, DiskOption.TRUNCATE);
        assertThat((long) rig.inside(() -> rig.disk.size(again))).isZero();
    }

    @Test
    @DisplayName("names are made, listed, renamed and removed")
    void names() throws Exception {
        assertThat(rig.wait(done -> rig.disk.makeDirectory(rig.path("sub"), done)))
                .isZero();
        close(create("sub/b"));
        close(create("sub/a"));
        List<String> names = new ArrayList<>(List.of("before"));
        assertThat(rig.wait(done -> rig.disk.list(rig.path("sub"), names, done)))
                .isEqualTo(2);
        assertThat(names).containsExactly("before", "a", "b");
        assertThat(rig.wait(done -> rig.disk.rename(rig.path("sub/a"), rig.path("sub/b"), done)))
                .isZero();
        assertThat(rig.wait(done -> rig.disk.remove(rig.path("sub"), done))).isEqualTo(-Errno.ENOTEMPTY);
        assertThat(rig.wait(done -> rig.disk.remove(rig.path("sub/b"), done))).isZero();
        assertThat(rig.wait(done -> rig.disk.remove(rig.path("sub"), done))).isZero();
        assertThat(rig.wait(done -> rig.disk.remove(rig.path("sub"), done))).isEqualTo(-Errno.ENOENT);
    }

    @Test
    @DisplayName("failures are told as errnos")
    void errors() throws Exception {
        assertThat(opening("absent", DiskOption.READ)).isEqualTo(-Errno.ENOENT);
        int file = create("file");
        assertThat(opening("file", DiskOption.WRITE, DiskOption.CREATE_NEW)).isEqualTo(-Errno.EEXIST);
        assertThat(rig.wait(done -> rig.disk.open(rig.root, Set.of(DiskOption.WRITE), done)))
                .isEqualTo(-Errno.EISDIR);
        assertThat(rig.wait(done -> rig.disk.makeDirectory(rig.path("file"), done)))
                .isEqualTo(-Errno.EEXIST);
        assertThat(rig.wait(done -> rig.disk.rename(rig.path("absent"), rig.path("x"), done)))
                .isEqualTo(-Errno.ENOENT);
        assertThat(rig.wait(done -> rig.disk.list(rig.path("file"), new ArrayList<>(), done)))
                .isEqualTo(-Errno.ENOTDIR);
        assertThat(rig.write(file, lend(UNIT), -UNIT)).isEqualTo(-Errno.EINVAL);
        long folder = rig.wait(done -> rig.disk.open(rig.root, Set.of(DiskOption.READ), done));
        assertThat(rig.read((int) folder, lend(UNIT), 0)).isEqualTo(-Errno.EISDIR);
    }

    private long opening(String name, DiskOption... options) throws Exception {
        return rig.wait(done -> rig.disk.open(rig.path(name), with(options), done));
    }

    @Test
    @DisplayName("what is open for reading only isn't written to, and the other way round")
    void access() throws Exception {
        assumeFalse(kind.isSimulated(), "a world's files have no access modes");
        close(create("file"));
        int reads = open("file", DiskOption.READ);
        assertThat(rig.write(reads, lend(UNIT), 0)).isEqualTo(-Errno.EBADF);
        ByteBuffer from = filled(UNIT, 0);
        assertThat(rig.wait(done -> rig.disk.writeAndSync(reads, from, 0, done)))
                .isEqualTo(-Errno.EBADF);
        int writes = open("file", DiskOption.WRITE);
        assertThat(rig.read(writes, lend(UNIT), 0)).isEqualTo(-Errno.EBADF);
    }

    @Test
    @DisplayName("a read of a file that is open for RANDOM access brings in nothing but what it asks for")
    void nothingAhead() throws Exception {
        assumeFalse(direct || kind.isSimulated(), "there is no page cache");
        assumeTrue(Platform.isLinux(), "elsewhere a file can't be opened so, and nobody can look");
        Path path = Path.of(rig.path("file"));
        Files.write(path, new byte[64 * UNIT]);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            CallState state = new CallState(arena);
            channel.force(true);
            int fd = FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY, 0, state);
            assertThat(PageCache.drop(fd, state)).isZero();
            Descriptors.close(fd, state);
            // Looked at by mincore(2): a read that may not wait begins to read what is missing, and may then find it.
            MemorySegment first = channel.map(MapMode.READ_ONLY, 0, UNIT, arena);
            MemorySegment second = channel.map(MapMode.READ_ONLY, UNIT, UNIT, arena);
            assumeFalse(first.isLoaded() || second.isLoaded(), "this file system forgets nothing");
            int file = open("file", DiskOption.READ, DiskOption.RANDOM);
            assertThat(rig.read(file, lend(UNIT), 0)).isEqualTo(UNIT);
            assertThat(first.isLoaded()).isTrue();
            assertThat(second.isLoaded()).isFalse();
        }
    }

    @Test
    @DisplayName("the number of a closed file is EBADF, and never another file's")
    void numbers() throws Exception {
        int file = create("one");
        assertThat(close(file)).isZero();
        int other = create("two");
        assertThat(other).isNotEqualTo(file);
        assertThat(rig.read(file, lend(UNIT), 0)).isEqualTo(-Errno.EBADF);
        assertThat(close(file)).isEqualTo(-Errno.EBADF);
        assertThat(rig.wait(done -> rig.disk.sync(file, done))).isEqualTo(-Errno.EBADF);
        assertThat((long) rig.inside(() -> rig.disk.size(file))).isEqualTo(-Errno.EBADF);
        assertThat((int) rig.inside(() -> rig.disk.alignment(file))).isEqualTo(-Errno.EBADF);
        assertThat(rig.read(-1, lend(UNIT), 0)).isEqualTo(-Errno.EBADF);
        assertThat(rig.read(1 << 20, lend(UNIT), 0)).isEqualTo(-Errno.EBADF);
    }

    @Test
    @DisplayName("what a direct file is not aligned to is EINVAL")
    void alignment() throws Exception {
        int file = create("file");
        int alignment = rig.inside(() -> rig.disk.alignment(file));
        if (!direct) {
            assertThat(alignment).isEqualTo(1);
            return;
        }
        assertThat(alignment).isBetween(2, UNIT);
        assertThat(rig.write(file, filled(UNIT, 0), 0)).isEqualTo(UNIT);
        assertThat(rig.read(file, lend(UNIT), 1)).isEqualTo(-Errno.EINVAL);
        assertThat(rig.read(file, lend(UNIT - 1), 0)).isEqualTo(-Errno.EINVAL);
        assertThat(rig.read(file, lend(2 * UNIT).position(alignment / 2).limit(alignment / 2 + alignment), 0))
                .isEqualTo(kind.isSimulated() ? alignment : -Errno.EINVAL);
    }

    @Test
    @DisplayName("a full file system is ENOSPC")
    void full() throws Exception {
        assumeFalse(kind.isSimulated(), "SimDiskTest has it");
        try (SmallFileSystem small = SmallFileSystem.mount(directory)) {
            assumeTrue(small.isThere(), "mounting a small file system takes root");
            long file = rig.wait(
                    done -> rig.disk.open(small.path() + "/file", Set.of(DiskOption.WRITE, DiskOption.CREATE), done));
            ByteBuffer much = lend(SmallFileSystem.BYTES);
            assertThat(rig.write((int) file, much, 0)).isBetween((long) UNIT, (long) SmallFileSystem.BYTES);
            assertThat(rig.write((int) file, much.clear(), SmallFileSystem.BYTES))
                    .isEqualTo(-Errno.ENOSPC);
            assertThat(rig.wait(done -> rig.disk.allocate((int) file, 0, 4L * SmallFileSystem.BYTES, done)))
                    .isEqualTo(-Errno.ENOSPC);
            close((int) file);
        }
    }

    @Test
    @DisplayName("what is no file, directory or device is EINVAL, and isn't waited for")
    void fifo() throws Exception {
        assumeFalse(kind.isSimulated(), "a world's disk has none");
        assertThat(new ProcessBuilder("mkfifo", rig.path("fifo")).start().waitFor())
                .isZero();
        assertThat(rig.wait(done -> rig.disk.open(rig.path("fifo"), Set.of(DiskOption.READ), done)))
                .isEqualTo(-Errno.EINVAL);
    }

    @Test
    @DisplayName("what can't be meant is refused at once")
    void misuse() throws Exception {
        int file = create("file");
        if (!kind.isSimulated()) {
            assertThatThrownBy(() -> rig.write(file, ByteBuffer.allocate(10), 0))
                    .hasMessageContaining("direct");
            assertThatThrownBy(() -> rig.read(file, lend(UNIT).asReadOnlyBuffer(), 0))
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(ReadOnlyBufferException.class),
                            e -> assertThat(e).hasCauseInstanceOf(ReadOnlyBufferException.class));
            assertThatThrownBy(() -> rig.wait(done -> rig.disk.remove("relative", done)))
                    .hasMessageContaining("absolute");
        }
        assertThatThrownBy(() -> rig.wait(done -> rig.disk.open(rig.path("x"), Set.of(DiskOption.CREATE), done)))
                .hasMessageContaining("READ, WRITE or both");
        assertThat(Files.exists(directory.resolve("x"))).isFalse();
    }
}
