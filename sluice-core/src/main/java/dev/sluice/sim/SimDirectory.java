package dev.sluice.sim;

import dev.sluice.Directory;
import dev.sluice.os.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An open directory of a host's disk. */
final class SimDirectory implements Directory {
    private static final Lookup IS_DIRECTORY = new Lookup(Outcome.DIRECTORY, null, "");
    private static final Lookup HAS_NUL = new Lookup(Outcome.NOT_FOUND, null, "no name holds a NUL");

    private final SimKernel kernel;
    private final int fd;
    private final DiskDirectory directory;
    private boolean closed;

    /** Takes over the descriptor. */
    SimDirectory(SimKernel kernel, int fd, DiskDirectory directory) {
        this.kernel = kernel;
        this.fd = fd;
        this.directory = directory;
    }

    @Override
    public Lookup open(String relative, boolean followLinks) {
        requireOpen();
        kernel.enter();
        SimDisk disk = kernel.host().disk();
        disk.block();
        if (relative.indexOf('\0') >= 0) {
            return HAS_NUL;
        }
        if (disk.strikes(Faults.Kind.READ_ERROR)) {
            return failed(Errno.EIO);
        }
        DiskPath.Found found = DiskPath.resolve(directory, relative, followLinks, true);
        if (found.node() instanceof DiskDirectory) {
            return IS_DIRECTORY;
        }
        if (!(found.node() instanceof DiskFile file)) {
            return failed(found.errno());
        }
        int descriptor = kernel.openFile(file);
        return descriptor < 0 ? failed(-descriptor) : new Lookup(Outcome.FILE, new SimOpenFile(kernel, descriptor), "");
    }

    private static Lookup failed(int errno) {
        return new Lookup(outcome(errno), null, Errno.describe(errno));
    }

    private static Outcome outcome(int errno) {
        if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ENAMETOOLONG) {
            return Outcome.NOT_FOUND;
        }
        return errno == Errno.EXDEV || errno == Errno.ELOOP ? Outcome.FORBIDDEN : Outcome.ERROR;
    }

    @Override
    public Listing list(String relative, boolean followLinks, int limit) {
        requireOpen();
        if (limit < 0) {
            throw new IllegalArgumentException("limit " + limit);
        }
        kernel.enter();
        SimDisk disk = kernel.host().disk();
        disk.block();
        DiskPath.Found found = relative.indexOf('\0') >= 0
                ? new DiskPath.Found(null, Errno.ENOENT)
                : DiskPath.resolve(directory, relative, followLinks, true);
        if (!(found.node() instanceof DiskDirectory listed)) {
            return unlisted(found.node() == null ? found.errno() : Errno.ENOTDIR);
        }
        if (disk.strikes(Faults.Kind.READ_ERROR)) {
            return unlisted(Errno.EIO);
        }
        List<Entry> entries = new ArrayList<>();
        int names = 0;
        for (Map.Entry<String, DiskNode> each : listed.entries.entrySet()) {
            if (names++ == limit) {
                break;
            }
            DiskNode node = each.getValue();
            if (node instanceof DiskLink && followLinks) {
                node = DiskPath.resolve(directory, below(relative, each.getKey()), true, true)
                        .node();
            }
            if (node instanceof DiskFile || node instanceof DiskDirectory) {
                entries.add(entry(each.getKey(), node));
            }
        }
        return new Listing(Outcome.DIRECTORY, Collections.unmodifiableList(entries), "");
    }

    private static Listing unlisted(int errno) {
        return Listing.none(outcome(errno), Errno.describe(errno));
    }

    private static String below(String relative, String name) {
        return relative.isEmpty() ? name : relative + "/" + name;
    }

    private static Entry entry(String name, DiskNode node) {
        long size = node instanceof DiskFile file ? file.size() : 0;
        return new Entry(name, node instanceof DiskDirectory, size, TimeUnit.NANOSECONDS.toMillis(node.modifiedNanos));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the directory is closed");
        }
        kernel.requireAlive();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kernel.close(fd);
        }
    }
}
