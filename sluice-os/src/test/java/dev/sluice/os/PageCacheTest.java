package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class PageCacheTest {
    private static final int SIZE = 1 << 20;
    private static final int PART = 300_000;

    private final CallState state = new CallState();
    private final long at = NativeMemory.allocate(SIZE);

    @TempDir
    private Path directory;

    private int fd;

    @BeforeEach
    void open() throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[SIZE]);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true); // none is dropped before it is written
        }
        fd = FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY, 0, state);
        assertThat(fd).isNotNegative();
        assumeThat(PageCache.hasAll(fd, 0, 1, state)).as("cachestat(2)").isNotEqualTo(-Errno.ENOSYS);
    }

    @AfterEach
    void close() {
        Descriptors.close(fd, state);
        NativeMemory.free(at);
    }

    @Test
    void hasAllOnlyWhereNoPageIsMissing() {
        assertThat(PageCache.randomAccess(fd, state)).isZero();
        assertThat(PageCache.drop(fd, state)).isZero();
        assumeThat(PageCache.hasAll(fd, 0, SIZE, state))
                .as("this file system forgets")
                .isZero();
        assertThat(FileCalls.pread(fd, at, 1, PART, state)).isEqualTo(1);
        assertThat(PageCache.hasAll(fd, PART, 1, state)).isEqualTo(1);
        assertThat(PageCache.hasAll(fd, 0, SIZE, state)).isZero();
        assertThat(FileCalls.pread(fd, at, PART, 0, state)).isEqualTo(PART);
        assertThat(PageCache.hasAll(fd, 0, PART, state)).isEqualTo(1);
        assertThat(PageCache.hasAll(fd, 1, PART, state)).isEqualTo(1);
        assertThat(FileCalls.pread(fd, at, SIZE, 0, state)).isEqualTo(SIZE);
        assertThat(PageCache.hasAll(fd, 0, SIZE, state)).isEqualTo(1);
        assertThat(PageCache.hasAll(fd, SIZE - 1, 1, state)).isEqualTo(1);
    }

    @Test
    void behindTheEndThereIsNothing() {
        assertThat(PageCache.hasAll(fd, SIZE, 1, state)).isZero();
    }

    @Test
    void tellsWhatTheKernelRefuses() {
        assertThat(PageCache.hasAll(-1, 0, 1, state)).isEqualTo(-Errno.EBADF);
    }
}
