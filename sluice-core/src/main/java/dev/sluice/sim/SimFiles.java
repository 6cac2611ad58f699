package dev.sluice.sim;

import dev.sluice.Directory;
import dev.sluice.Files;
import dev.sluice.os.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The files of a host as its sessions see them: on its {@link SimDisk}, through descriptors of its kernel. */
final class SimFiles implements Files {
    private final SimKernel kernel;

    SimFiles(SimKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Directory directory(Path path) {
        kernel.enter();
        SimDisk disk = kernel.host().disk();
        DiskPath.Found found = DiskPath.resolve(disk.root(), path.toString(), true, false);
        int errno = found.errno();
        if (found.node() instanceof DiskDirectory directory) {
            int fd = kernel.openFile(directory);
            if (fd >= 0) {
                return new SimDirectory(kernel, fd, directory);
            }
            errno = -fd;
        } else if (errno == 0) {
            errno = Errno.ENOTDIR;
        }
        throw new UncheckedIOException(new IOException("open " + path + ": " + Errno.describe(errno)
                + " (in a world files are on the host's disk: put them there with host.disk().put(path, bytes))"));
    }
}
