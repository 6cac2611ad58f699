package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
@Timeout(30)
class FileCallsTest {
    private static final long BENEATH =
            FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_MAGICLINKS | FileCalls.RESOLVE_NO_SYMLINKS;

    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final long at = NativeMemory.allocate(4096);
    private final FileStatus status = new FileStatus(Arena.ofAuto());

    @TempDir
    private Path directory;

    private int dirFd;

    @BeforeEach
    void open() {
        int flags = FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
        dirFd = net.own(FileCalls.openat(FileCalls.AT_FDCWD, directory.toString(), flags, 0, state));
    }

    @AfterEach
    void close() {
        net.close();
        NativeMemory.free(at);
    }

    private int openat2(String path) {
        return FileCalls.openat2(dirFd, path, FileCalls.O_RDONLY | FileCalls.O_CLOEXEC, 0, BENEATH, state);
    }

    @Test
    void filesAreWrittenReadAndMeasured() throws IOException {
        int flags = FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_RDWR | FileCalls.O_CLOEXEC;
        int fd = net.own(FileCalls.openat(dirFd, "n\u00e4me", flags, 0640, state));
        assertThat(FileCalls.openat(dirFd, "n\u00e4me", flags, 0640, state)).isEqualTo(-Errno.EEXIST);
        NativeMemory.putLong(at, 0x3837_3635_3433_3231L);
        assertThat(FileCalls.pwrite(fd, at, 8, 5_000_000_000L, state)).isEqualTo(8);
        assertThat(FileCalls.ftruncate(fd, 10, state)).isZero();
        assertThat(FileCalls.pwrite(fd, at, 8, 2, state)).isEqualTo(8);
        assertThat(FileCalls.fdatasync(fd, state)).isZero();
        assertThat(FileCalls.fsync(fd, state)).isZero();
        assertThat(FileCalls.pread(fd, at + 64, 64, 4, state)).isEqualTo(6);
        assertThat(Loopback.text(at + 64, 6)).isEqualTo("345678");
        assertThat(FileCalls.pread(fd, at, 64, 10, state)).isZero();

        Path path = directory.resolve("n\u00e4me");
        Instant modified = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
        Files.setLastModifiedTime(path, FileTime.from(modified));
        assertThat(FileCalls.fstat(fd, status, state)).isZero();
        assertThat(status.size()).isEqualTo(10).isEqualTo(Files.size(path));
        assertThat(status.isRegularFile()).isTrue();
        assertThat(status.isDirectory()).isFalse();
        assertThat(status.mode() & 0777).isEqualTo(0640);
        assertThat(status.modifiedSeconds()).isEqualTo(1_700_000_000);
        assertThat(Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()))
                .isEqualTo(Files.getLastModifiedTime(path).toInstant());
        assertThat(status.inode()).isEqualTo(Files.getAttribute(path, "unix:ino"));
    }

    @Test
    void pathsAreMeasuredAndLinksRead() throws IOException {
        Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));
        Files.createDirectory(directory.resolve("target"));
        assertThat(FileCalls.stat(dirFd, "link", 0, status, state)).isZero();
        assertThat(status.isDirectory()).isTrue();
        assertThat(FileCalls.stat(dirFd, "link", FileCalls.AT_SYMLINK_NOFOLLOW, status, state))
                .isZero();
        assertThat(status.isDirectory()).isFalse();
        assertThat(FileCalls.readlinkat(dirFd, "link", at, 64, state)).isEqualTo(6);
        assertThat(Loopback.text(at, 6)).isEqualTo("target");
        assertThat(FileCalls.readlinkat(dirFd, "target", at, 64, state)).isEqualTo(-Errno.EINVAL);
        assertThat(FileCalls.stat(dirFd, "absent", 0, status, state)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void namesAreMadeMovedAndRemoved() throws IOException {
        assertThat(FileCalls.mkdirat(dirFd, "sub", 0700, state)).isZero();
        assertThat(FileCalls.mkdirat(dirFd, "sub", 0700, state)).isEqualTo(-Errno.EEXIST);
        Files.writeString(directory.resolve("a"), "text");
        assertThat(FileCalls.renameat(dirFd, "a", dirFd, "sub/b", state)).isZero();
        assertThat(Files.readString(directory.resolve("sub/b"))).isEqualTo("text");
        assertThat(FileCalls.renameat(dirFd, "a", dirFd, "b", state)).isEqualTo(-Errno.ENOENT);
        assertThat(FileCalls.renameat(dirFd, "sub/b", dirFd, "x".repeat(5000), state))
                .isEqualTo(-Errno.ENAMETOOLONG);
        assertThat(FileCalls.unlinkat(dirFd, "sub", FileCalls.AT_REMOVEDIR, state))
                .isEqualTo(-Errno.ENOTEMPTY);
        assertThat(FileCalls.unlinkat(dirFd, "sub/b", 0, state)).isZero();
        assertThat(FileCalls.unlinkat(dirFd, "sub", FileCalls.AT_REMOVEDIR, state))
                .isZero();
        assertThat(Files.exists(directory.resolve("sub"))).isFalse();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void roomIsMadeAndDirectAccessTellsItsAlignment() {
        int fd = net.own(FileCalls.openat(dirFd, "room", FileCalls.O_RDWR | FileCalls.O_CREAT, 0600, state));
        assertThat(FileCalls.fallocate(fd, 4096, 8192, state)).isZero();
        assertThat(FileCalls.fstatDirect(fd, status, state)).isZero();
        assertThat(status.size()).isEqualTo(12_288);
        assertThat(status.directAlignment()).isBetween(FileStatus.UNKNOWN, 4096);
        assertThat(FileCalls.fallocate(fd, 0, 0, state)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void pathsThatACallWouldCutAreRefused() {
        assertThat(FileCalls.openat(dirFd, "a\0b", 0, 0, state)).isEqualTo(-Errno.EINVAL);
        assertThat(FileCalls.openat(dirFd, "a/".repeat(3000), 0, 0, state)).isEqualTo(-Errno.ENAMETOOLONG);
        assertThat(FileCalls.openat(dirFd, "x".repeat(300), 0, 0, state)).isEqualTo(-Errno.ENAMETOOLONG);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void nothingLeadsOutOfTheDirectory() throws IOException {
        Files.writeString(directory.resolve("file"), "in");
        Files.createDirectory(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("out"), Path.of("/etc"));
        Files.createSymbolicLink(directory.resolve("here"), Path.of("file"));
        net.own(openat2("file"));
        net.own(openat2("sub/../file"));
        assertThat(openat2("../" + directory.getFileName() + "/file")).isEqualTo(-Errno.EXDEV);
        assertThat(openat2("sub/../../x")).isEqualTo(-Errno.EXDEV);
        assertThat(openat2("/etc/passwd")).isEqualTo(-Errno.EXDEV);
        assertThat(openat2("out/passwd")).isEqualTo(-Errno.ELOOP);
        assertThat(openat2("here")).isEqualTo(-Errno.ELOOP);
        assertThat(FileCalls.openat2(dirFd, "here", 0, 0, FileCalls.RESOLVE_BENEATH, state))
                .isPositive()
                .satisfies(net::own);
        assertThat(FileCalls.openat2(dirFd, "file", 0, 0, 1L << 60, state)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void flagsMeanWhatTheySay() throws IOException {
        Files.writeString(directory.resolve("file"), "in");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        assertThat(FileCalls.openat(dirFd, "file", FileCalls.O_DIRECTORY, 0, state))
                .isEqualTo(-Errno.ENOTDIR);
        assertThat(FileCalls.openat(dirFd, "link", FileCalls.O_NOFOLLOW, 0, state))
                .isNegative();
        int append = net.own(FileCalls.openat(dirFd, "file", FileCalls.O_WRONLY | FileCalls.O_APPEND, 0, state));
        NativeMemory.putByte(at, (byte) '!');
        assertThat(Descriptors.write(append, at, 1, state)).isEqualTo(1);
        assertThat(Files.readString(directory.resolve("file"))).isEqualTo("in!");
        net.own(FileCalls.openat(dirFd, "file", FileCalls.O_WRONLY | FileCalls.O_TRUNC, 0, state));
        assertThat(Files.size(directory.resolve("file"))).isZero();
    }
}
