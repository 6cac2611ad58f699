package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log's files, and operations on them that go on with the next step once they are done, or else tell what failed: for one
 * owner, whose failure is the same for all of its steps.
 */
final class LogDirectory {
    /** Is told what could not be done, as in {@code sync of log-000003}, and the errno. */
    interface Failure {
        void failed(String what, int errno);
    }

    static final EnumSet<DiskOption> READ = EnumSet.of(DiskOption.READ);
    static final EnumSet<DiskOption> CHANGE = EnumSet.of(DiskOption.READ, DiskOption.WRITE);
    static final EnumSet<DiskOption> MAKE = EnumSet.of(DiskOption.WRITE, DiskOption.CREATE, DiskOption.TRUNCATE);
    static final String UNFINISHED = ".tmp";
    static final String DAMAGED = ".damaged";
    private static final Pattern NAME = Pattern.compile("(log|snapshot)-(\\d{6,9})");

    private final Disk disk;
    private final String path;
    private final Failure failure;

    LogDirectory(Disk disk, String path, Failure failure) {
        this.disk = disk;
        this.path = path;
        this.failure = failure;
    }

    /** The same files, and another owner. */
    LogDirectory with(Failure other) {
        return new LogDirectory(disk, path, other);
    }

    /** The same files and owner, by another disk. */
    LogDirectory on(Disk other) {
        return new LogDirectory(other, path, failure);
    }

    Disk disk() {
        return disk;
    }

    String path() {
        return path;
    }

    // ---- names

    static String name(SegmentHeader.Kind kind, int index) {
        return String.format(Locale.ROOT, "%s-%06d", kind == SegmentHeader.Kind.SEGMENT ? "log" : "snapshot", index);
    }

    static boolean isOf(SegmentHeader.Kind kind, String name) {
        return NAME.matcher(name).matches() && name.startsWith(kind == SegmentHeader.Kind.SEGMENT ? "log" : "snapshot");
    }

    static int index(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(2)) : -1;
    }

    private String at(String name) {
        return path + "/" + name;
    }

    // ---- steps

    void fail(String what, int errno) {
        failure.failed(what, errno);
    }

    LongConsumer orFail(String what, LongConsumer next) {
        return result -> {
            if (result < 0) {
                failure.failed(what, (int) -result);
            } else {
                next.accept(result);
            }
        };
    }

    void open(String name, EnumSet<DiskOption> options, LongConsumer next) {
        disk.open(at(name), options, orFail("opening " + name, next));
    }

    /** As {@link #open}, and a refusal is told as what it is. */
    void tryToOpen(String name, EnumSet<DiskOption> options, LongConsumer next) {
        disk.open(at(name), options, next);
    }

    void close(int file, Runnable next) {
        disk.close(file, orFail("closing a file", done -> next.run()));
    }

    /** Reads a buffer full, or to the file's end. */
    void read(int file, String name, ByteBuffer into, long position, Runnable next) {
        disk.read(file, into, position, orFail("reading " + name, n -> {
            if (n == 0 || !into.hasRemaining()) {
                next.run();
            } else {
                read(file, name, into, position + n, next);
            }
        }));
    }

    /** Reads at once, so many bytes at least: a direct read can't go on where another has ended. */
    void readBlock(int file, String name, ByteBuffer into, long position, int least, Runnable next) {
        disk.read(file, into, position, orFail("reading " + name, n -> {
            if (n < least) {
                failure.failed("reading " + name, Errno.EIO);
            } else {
                next.run();
            }
        }));
    }

    /** Writes a buffer's all. */
    void write(int file, String name, ByteBuffer from, long position, Runnable next) {
        disk.write(file, from, position, orFail("write to " + name, n -> {
            if (!from.hasRemaining()) {
                next.run();
            } else if (n == 0) {
                failure.failed("write to " + name, Errno.EIO);
            } else {
                write(file, name, from, position + n, next);
            }
        }));
    }

    void sync(int file, String name, Runnable next) {
        disk.sync(file, orFail("sync of " + name, done -> next.run()));
    }

    void rename(String from, String to, Runnable next) {
        disk.rename(at(from), at(to), orFail("renaming " + from, done -> next.run()));
    }

    void remove(String name, Runnable next) {
        disk.remove(at(name), result -> {
            if (result < 0 && result != -Errno.ENOENT) {
                failure.failed("removing " + name, (int) -result);
            } else {
                next.run();
            }
        });
    }

    void removeAll(List<String> names, Runnable next) {
        if (names.isEmpty()) {
            next.run();
        } else {
            remove(names.getFirst(), () -> removeAll(names.subList(1, names.size()), next));
        }
    }

    /** Adds all names. */
    void list(List<String> into, Runnable next) {
        disk.list(path, into, orFail("listing " + path, count -> next.run()));
    }

    /** Makes the names as they are now durable. */
    void syncNames(Runnable next) {
        disk.open(
                path,
                READ,
                orFail(
                        "opening " + path,
                        directory -> disk.sync(
                                (int) directory, orFail("sync of " + path, done -> close((int) directory, next)))));
    }

    /** Makes room; a file system that can't is no failure. */
    void allocate(int file, String name, long length, Runnable next) {
        disk.allocate(file, 0, length, result -> {
            if (result < 0 && result != -Errno.EOPNOTSUPP && result != -Errno.ENOSYS) {
                failure.failed("making room for " + name, (int) -result);
            } else {
                next.run();
            }
        });
    }
}
