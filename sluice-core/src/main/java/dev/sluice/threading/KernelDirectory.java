package dev.sluice.threading;

import dev.sluice.Directory;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Directories;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.FileStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A directory of the kernel; its descriptor is the root of every look-up. */
final class KernelDirectory implements Directory {
    // A FIFO without O_NONBLOCK would wait for its writer, and a terminal without O_NOCTTY would become ours.
    private static final int OPEN =
            FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC;

    // openat2 refuses O_PATH with flags that it would ignore.
    private static final int INSPECT = FileCalls.O_PATH == 0 ? OPEN : FileCalls.O_PATH | FileCalls.O_CLOEXEC;

    private static final Lookup IS_DIRECTORY = new Lookup(Outcome.DIRECTORY, null, "");
    private static final Lookup IS_SPECIAL = new Lookup(Outcome.SPECIAL, null, "neither a file nor a directory");
    private static final Lookup HAS_NUL = new Lookup(Outcome.NOT_FOUND, null, "no name holds a NUL");

    private final SharedDescriptor shared;
    private final boolean openat2;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over the descriptor; {@code openat2} is false where it is not there, or not to be used. */
    KernelDirectory(int fd, boolean openat2) {
        this.shared = new SharedDescriptor(fd);
        this.openat2 = openat2;
    }

    @Override
    public Lookup open(String relative, boolean followLinks) {
        if (relative.indexOf('\0') >= 0) {
            return HAS_NUL;
        }
        retain();
        FileScratch scratch = FileScratch.take();
        try {
            int fd = ConfinedOpen.open(shared.fd, openat2, relative, OPEN, followLinks, scratch);
            return fd < 0 ? failed(-fd) : inspect(fd, scratch);
        } finally {
            scratch.give();
            shared.release();
        }
    }

    /** Takes over the descriptor of what was opened. */
    private static Lookup inspect(int fd, FileScratch scratch) {
        FileStatus status = scratch.status;
        int result = FileCalls.fstat(fd, status, scratch.state);
        if (result == 0 && status.isRegularFile()) {
            // On a regular file the flag means nothing but to io_uring, which then fails reads that need the disk.
            result = Descriptors.fcntl(fd, Descriptors.F_SETFL, 0, scratch.state);
            if (result == 0) {
                return new Lookup(Outcome.FILE, new KernelFile(fd, status), "");
            }
        }
        Descriptors.close(fd, scratch.state);
        if (result < 0) {
            return failed(-result);
        }
        return status.isDirectory() ? IS_DIRECTORY : IS_SPECIAL;
    }

    private static Lookup failed(int errno) {
        return new Lookup(outcome(errno), null, Errno.describe(errno));
    }

    private static Outcome outcome(int errno) {
        if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ENAMETOOLONG || errno == Errno.EILSEQ) {
            return Outcome.NOT_FOUND;
        }
        if (errno == Errno.EXDEV || errno == Errno.ELOOP || errno == Errno.EACCES || errno == Errno.EPERM) {
            return Outcome.FORBIDDEN;
        }
        // ENXIO for a socket, ENODEV for a device without driver, EOPNOTSUPP for a socket on the BSDs.
        if (errno == Errno.ENXIO || errno == Errno.ENODEV || errno == Errno.EOPNOTSUPP) {
            return Outcome.SPECIAL;
        }
        boolean exhausted = errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM;
        return exhausted ? Outcome.EXHAUSTED : Outcome.ERROR;
    }

    @Override
    public Listing list(String relative, boolean followLinks, int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("limit " + limit);
        }
        if (relative.indexOf('\0') >= 0) {
            return unlisted(Errno.ENOENT);
        }
        retain();
        FileScratch scratch = FileScratch.take();
        try {
            int flags = OPEN | FileCalls.O_DIRECTORY;
            int fd = ConfinedOpen.open(shared.fd, openat2, relative, flags, followLinks, scratch);
            if (fd < 0) {
                return unlisted(-fd);
            }
            long stream = Directories.fdopendir(fd, scratch.state);
            if (stream < 0) {
                Descriptors.close(fd, scratch.state);
                return unlisted((int) -stream);
            }
            try {
                List<String> names = new ArrayList<>();
                int result = firstNames(stream, limit, names, scratch);
                return result < 0
                        ? unlisted(-result)
                        : new Listing(
                                Outcome.DIRECTORY, entries(fd, names, followLinks ? relative : null, scratch), "");
            } finally {
                Directories.closedir(stream, scratch.state);
            }
        } finally {
            scratch.give();
            shared.release();
        }
    }

    private static Listing unlisted(int errno) {
        return Listing.none(outcome(errno), Errno.describe(errno));
    }

    /** Adds the first names in order, in memory for no more than that: 0 or a negative errno. */
    private static int firstNames(long stream, int limit, List<String> names, FileScratch scratch) {
        PriorityQueue<String> first = new PriorityQueue<>(Comparator.reverseOrder());
        long entry = scratch.entry();
        int result;
        while ((result = Directories.read(stream, entry, scratch.state)) == Directories.ENTRY) {
            String name = Directories.name(entry);
            if (name != null && !name.equals(".") && !name.equals("..")) {
                first.add(name);
                if (first.size() > limit) {
                    first.poll();
                }
            }
        }
        names.addAll(first);
        Collections.sort(names);
        return result;
    }

    /**
     * What the names stand for.
     *
     * @param relative the way to the directory, from which links are followed; null where they are not
     */
    private List<Entry> entries(int fd, List<String> names, @Nullable String relative, FileScratch scratch) {
        List<Entry> entries = new ArrayList<>(names.size());
        FileStatus status = scratch.status;
        for (String name : names) {
            int result = FileCalls.stat(fd, name, FileCalls.AT_SYMLINK_NOFOLLOW, status, scratch.state);
            if (result < 0) {
                continue; // removed meanwhile
            }
            if (status.isDirectory()
                    || status.isRegularFile()
                    || (relative != null && leadsInside(below(relative, name), scratch))) {
                long millis = TimeUnit.SECONDS.toMillis(status.modifiedSeconds())
                        + TimeUnit.NANOSECONDS.toMillis(status.modifiedNanos());
                entries.add(new Entry(name, status.isDirectory(), status.size(), millis));
            }
        }
        return Collections.unmodifiableList(entries);
    }

    /** Whether a link leads to a file or directory inside, of which the status then tells. */
    private boolean leadsInside(String path, FileScratch scratch) {
        int target = ConfinedOpen.open(shared.fd, openat2, path, INSPECT, true, scratch);
        if (target < 0) {
            return false;
        }
        int result = FileCalls.fstat(target, scratch.status, scratch.state);
        Descriptors.close(target, scratch.state);
        return result == 0 && (scratch.status.isDirectory() || scratch.status.isRegularFile());
    }

    private static String below(String relative, String name) {
        return relative.isEmpty() ? name : relative + "/" + name;
    }

    private void retain() {
        if (!shared.tryRetain()) {
            throw new IllegalStateException("the directory is closed");
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            shared.release();
        }
    }
}
