package dev.sluice.threading;

import dev.sluice.Directory;
import dev.sluice.Files;
import dev.sluice.os.FileCalls;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The kernel's file system. */
final class KernelFiles implements Files {
    static final KernelFiles INSTANCE = new KernelFiles();

    private KernelFiles() {}

    @Override
    public Directory directory(Path path) {
        FileScratch scratch = FileScratch.take();
        try {
            int flags = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
            int fd = FileCalls.openat(FileCalls.AT_FDCWD, path.toString(), flags, 0, scratch.state);
            SysException.check(fd, "open", path);
            return new KernelDirectory(fd, ConfinedOpen.hasOpenat2(fd, scratch));
        } catch (SysException e) {
            throw new UncheckedIOException(new IOException(e.getMessage(), e));
        } finally {
            scratch.give();
        }
    }
}
