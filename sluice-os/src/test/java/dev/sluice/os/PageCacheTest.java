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
        assumeThat(PageCache.count(fd, 0, 1, state)).as("cachestat(2)").isNotEqualTo(-Errno.ENOSYS);
    }

    @AfterEach
    void close() {
        Descriptors.close(fd, state);
        NativeMemory.free(at);
    }

    @Test
    void countsThePagesThatAreThere() {
        assertThat(PageCache.randomAccess(fd, state)).isZero();
        assertThat(PageCache.drop(fd, state)).isZero();
        assumeThat(PageCache.count(fd, 0, SIZE, state))
                .as("this file system forgets")
                .isZero();
        assertThat(FileCalls.pread(fd, at, 1, PART, state)).isEqualTo(1);
        assertThat(PageCache.count(fd, PART, 1, state)).isEqualTo(1);
        assertThat(PageCache.count(fd, 0, SIZE, state)).isBetween(1L, PageCache.pages(0, SIZE) - 1);
        assertThat(FileCalls.pread(fd, at, PART, 0, state)).isEqualTo(PART);
        assertThat(PageCache.count(fd, 1, PART, state)).isEqualTo(PageCache.pages(1, PART));
        assertThat(FileCalls.pread(fd, at, SIZE, 0, state)).isEqualTo(SIZE);
        assertThat(PageCache.count(fd, 0, SIZE, state)).isEqualTo(PageCache.pages(0, SIZE));
        assertThat(PageCache.count(fd, SIZE - 1, 1, state)).isEqualTo(1);
    }

    @Test
    void behindTheEndThereIsNothing() {
        assertThat(PageCache.count(fd, SIZE, 1, state)).isZero();
    }

    @Test
    void pagesAreCountedFromTheirBeginning() {
        long page = Platform.pageBytes();
        assertThat(PageCache.pages(0, 1)).isEqualTo(1);
        assertThat(PageCache.pages(page - 1, 2)).isEqualTo(2);
        assertThat(PageCache.pages(page, page)).isEqualTo(1);
        assertThat(PageCache.pages(1, 3 * page)).isEqualTo(4);
    }

    @Test
    void tellsWhatTheKernelRefuses() {
        assertThat(PageCache.count(-1, 0, 1, state)).isEqualTo(-Errno.EBADF);
    }
}
