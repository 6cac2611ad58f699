package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class InotifyTest {
    private final Arena arena = Arena.ofConfined();
    private final CallState state = new CallState(arena);
    private final int fd = Inotify.init(Inotify.IN_NONBLOCK | Inotify.IN_CLOEXEC, state);

    @AfterEach
    void close() {
        Descriptors.close(fd, state);
        arena.close();
    }

    @Test
    void anEventHasItsWatchItsKindAndItsName(@TempDir Path folder) throws Exception {
        int watch = Inotify.add(fd, folder.toString(), Inotify.IN_CREATE, state);
        assertThat(watch).isPositive();
        Files.createFile(folder.resolve("naïve"));
        long buffer = arena.allocate(4096, 8).address();
        long n = Descriptors.read(fd, buffer, 4096, state);
        assertThat(n).isEqualTo(Inotify.bytes(buffer));
        assertThat(Inotify.watch(buffer)).isEqualTo(watch);
        assertThat(Inotify.mask(buffer)).isEqualTo(Inotify.IN_CREATE);
        assertThat(Inotify.name(buffer)).isEqualTo("naïve");
        assertThat(Inotify.remove(fd, watch, state)).isZero();
        assertThat(Descriptors.read(fd, buffer, 4096, state)).isEqualTo(Inotify.EVENT_BYTES);
        assertThat(Inotify.mask(buffer)).isEqualTo(Inotify.IN_IGNORED);
        assertThat(Inotify.name(buffer)).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        assertThat(Inotify.add(fd, "/no/such/file", Inotify.IN_CREATE, state)).isEqualTo(-Errno.ENOENT);
        assertThat(Inotify.add(fd, "a\0b", Inotify.IN_CREATE, state)).isEqualTo(-Errno.EINVAL);
    }
}
