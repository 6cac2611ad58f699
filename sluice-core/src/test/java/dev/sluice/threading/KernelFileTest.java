package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.os.CallState;
import dev.sluice.os.FileCalls;
import dev.sluice.os.FileStatus;
import dev.sluice.os.PageCache;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
@Timeout(30)
class KernelFileTest {
    private static final int SIZE = 1 << 20;

    private final CallState state = new CallState();

    @TempDir
    private Path directory;

    /** By counting its pages, and by looking at some of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void seesSoonThatAFileWasDropped(boolean counts) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[SIZE]);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        KernelFile file = open(path);
        try {
            file.counts = counts;
            assertThat(file.isCached(0, SIZE)).isTrue();
            assumeThat(file.counts).as("the kernel counts").isEqualTo(counts);
            assertThat(PageCache.drop(file.descriptor(), state)).isZero();
            assumeThat(FileCalls.preadNow(file.descriptor(), SIZE / 2, state))
                    .as("this file system forgets")
                    .isNegative();
            while (file.isCached(0, SIZE)) { // what was found counts until its tick is over
                Thread.onSpinWait();
            }
            assertThat(file.isCached(0, 0)).isTrue();
        } finally {
            file.release();
        }
    }

    private KernelFile open(Path path) {
        FileStatus status = new FileStatus(Arena.ofAuto());
        int fd = FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), FileCalls.O_RDONLY, 0, state);
        assertThat(FileCalls.fstat(fd, status, state)).isZero();
        return new KernelFile(fd, status);
    }
}
