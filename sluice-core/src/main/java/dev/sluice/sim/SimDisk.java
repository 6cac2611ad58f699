package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A host's disk and the file system on it. What is written stands in the kernel's cache until it is synced; a crash of the host
 * loses the cache, and {@link Faults} say what had reached the disk by then:
 *
 * <ul>
 *   <li>A file's sync makes its bytes and its size durable. It says nothing about its name (fsync(2)).
 *   <li>A directory's sync makes durable all changes of names so far, anywhere: they reach the disk in their order, as through
 *       the journals of ext4 and XFS. A rename is one change, and not ordered with the bytes of what it names.
 *   <li>Of what is not synced each page of 4 KiB reaches the disk, or is lost ({@link Faults.Kind#LOST_WRITE}), or reaches it in
 *       part, by sectors of 512 bytes ({@link Faults.Kind#TORN_WRITE}), in any order; changes of names are lost from some one
 *       on ({@link Faults.Kind#LOST_ENTRIES}). Without these faults a crash loses nothing.
 *   <li>A sync that fails ({@link Faults.Kind#SYNC_ERROR}) says so once, to each open file; what it lost counts as clean, and
 *       the next sync succeeds, as in Linux.
 * </ul>
 *
 * Hard links, permissions and special files don't exist on it; calls with them are refused.
 *
 * <p>Methods that are public look at it or change it from outside, as whoever carries the disk away: at once, without faults,
 * and durably. Programs use it through {@link Host#files} and {@link Host#disk(java.util.concurrent.Executor)}. For the world's
 * thread.
 */
public final class SimDisk {
    private static final long SLOW_LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SLOW_MOST_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** A loop that reads a file itself is held up for so long at most. */
    private static final long BLOCKED_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long CACHED_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final double CACHED = 0.9;
    private static final Double[] WRITE_BACKS = {0.0, 0.02, 0.5};

    /** A byte of a file, by its number, of which a bit has flipped. */
    private record Flip(long file, long position) {}

    private final Set<Flip> flips = new HashSet<>();
    private final Host host;
    private final World world;
    private final DiskJournal journal = new DiskJournal();
    private final DiskDirectory root;
    private final DiskPath paths;
    private final double writesBack;
    private Latency latency;
    private double cached = CACHED;
    private long capacityPages = Long.MAX_VALUE;
    private long usedPages;
    private long lastNumber = 1;

    SimDisk(Host host) {
        this.host = host;
        this.world = host.world;
        this.root = new DiskDirectory(lastNumber, host.wallNanos());
        this.paths = new DiskPath(root);
        this.writesBack = world.dice().any(WRITE_BACKS);
        this.latency = new Latency(
                world.dice().any(Latency.Shape.values()),
                world.dice().spread(1_000, 5_000_000),
                world.dice().spread(1_000, 2_000_000));
    }

    // ---- the device

    /** How long an operation takes that reaches the device; drawn by the seed until it is set. */
    public SimDisk latency(Latency value) {
        this.latency = value;
        return this;
    }

    /** How likely the cache has what a read wants that nothing is known of; nine in ten unless it is set. */
    public SimDisk cached(double chance) {
        this.cached = chance;
        return this;
    }

    /** How much all files may hold together, in whole pages of 4 KiB; without a bound unless set. */
    public SimDisk capacity(long bytes) {
        this.capacityPages = bytes / DiskFile.PAGE_BYTES;
        return this;
    }

    /** What all files take, removed ones that are still open included. */
    public long usedBytes() {
        return usedPages * DiskFile.PAGE_BYTES;
    }

    /** What one operation takes that need not hold up anybody. */
    long operationNanos() {
        return world.strikes(Faults.Kind.DISK_SLOW)
                ? world.dice().spread(SLOW_LEAST_NANOS, SLOW_MOST_NANOS)
                : latency.draw(world.dice());
    }

    /** Lets the time pass that a call takes which waits for the disk: most find in the cache what they want. */
    void block() {
        boolean found = world.dice().chance(cached) && !world.strikes(Faults.Kind.DISK_SLOW);
        long nanos = found ? world.dice().between(1, CACHED_NANOS) : operationNanos();
        world.elapse(Math.min(nanos, BLOCKED_MOST_NANOS));
    }

    /** The same for a read, where the cache may be known to have what it wants. */
    void block(DiskFile file, long position, int length) {
        if (file.isWarm(position, length)) {
            world.elapse(dice().between(1, CACHED_NANOS));
        } else {
            block();
        }
    }

    /** Whether the cache has a part of a file; if so, it keeps it. */
    boolean isCached(DiskFile file, long position, long length) {
        if (!file.isWarm(position, length)) {
            if (!dice().chance(cached) || world.strikes(Faults.Kind.DISK_SLOW)) {
                return false;
            }
            file.warm(position, length);
        }
        return true;
    }

    boolean strikes(Faults.Kind kind) {
        boolean strikes = world.strikes(kind);
        if (strikes) {
            world.tell(host, Story.NO_CONNECTION, "its disk: " + kind.label(), 0);
        }
        return strikes;
    }

    Dice dice() {
        return world.dice();
    }

    DiskPath paths() {
        return paths;
    }

    DiskDirectory root() {
        return root;
    }

    // ---- from outside

    /** Puts a file there, with the directories above it; in the place of one that is there already. */
    public SimDisk put(String path, byte[] content) {
        DiskPath.Place place = place(path);
        DiskNode node = place.node();
        if (node instanceof DiskFile file) {
            usedPages -= file.pageCount();
            file.truncate(0);
            fill(file, content);
        } else {
            DiskFile file = new DiskFile(++lastNumber, host.wallNanos());
            fill(file, content);
            enter(place, file);
        }
        return this;
    }

    private void fill(DiskFile file, byte[] content) {
        file.write(content, 0, content.length, 0, () -> false);
        file.sync();
        file.modifiedNanos = host.wallNanos();
        usedPages += file.pageCount();
    }

    /** Puts an empty directory there, with those above it. */
    public SimDisk putDirectory(String path) {
        enter(place(path), new DiskDirectory(++lastNumber, host.wallNanos()));
        return this;
    }

    /** Puts a symbolic link there. */
    public SimDisk putLink(String path, String target) {
        enter(place(path), new DiskLink(++lastNumber, host.wallNanos(), target));
        return this;
    }

    private DiskPath.Place place(String path) {
        return paths.make(path, () -> new DiskDirectory(++lastNumber, host.wallNanos()));
    }

    private void enter(DiskPath.Place place, DiskNode node) {
        if (place.node() != null) {
            throw new IllegalArgumentException(place.name() + " is there already");
        }
        change(new DiskJournal.Entry(place.directory(), place.name(), node));
        journal.commit(journal.count());
    }

    /** What a file holds now, as calls see it. */
    public byte[] content(String path) {
        DiskFile file = file(path);
        byte[] bytes = new byte[Math.toIntExact(file.size())];
        file.read(bytes, 0, bytes.length, 0);
        return bytes;
    }

    private DiskFile file(String path) {
        if (paths.find(path) instanceof DiskFile file) {
            return file;
        }
        throw new IllegalArgumentException(host.name() + " has no file " + path);
    }

    public boolean exists(String path) {
        return paths.find(path) != null;
    }

    /** The names in a directory, in order. */
    public List<String> names(String path) {
        if (paths.find(path) instanceof DiskDirectory directory) {
            return new ArrayList<>(directory.entries.keySet());
        }
        throw new IllegalArgumentException(host.name() + " has no directory " + path);
    }

    /** Lets a file have another name, in the place of one that has it already; open files stay what they are. */
    public SimDisk move(String from, String to) {
        DiskFile file = file(from);
        DiskPath.Place source = paths.place(from);
        DiskPath.Place target = place(to);
        if (target.node() == file) {
            return this;
        }
        if (target.node() instanceof DiskDirectory) {
            throw new IllegalArgumentException(to + " is a directory");
        }
        change(
                new DiskJournal.Entry(source.directory(), source.name(), null),
                new DiskJournal.Entry(target.directory(), target.name(), file));
        journal.commit(journal.count());
        return this;
    }

    /** The inode's number of a file: it keeps it whatever its name is, and no other ever has it. */
    public long number(String path) {
        return file(path).number;
    }

    /** Whether a fault ever flipped a bit of that byte, in the file of that number or in a read of it. */
    public boolean hasFlipped(long file, long position) {
        return flips.contains(new Flip(file, position));
    }

    /** Flips a bit of a file, counted from the first byte's lowest. */
    public SimDisk flip(String path, long bit) {
        rot(file(path), bit);
        return this;
    }

    private void rot(DiskFile file, long bit) {
        file.rot(bit);
        flips.add(new Flip(file.number, bit / 8));
    }

    // ---- calls on files

    int read(DiskFile file, byte[] into, int offset, int length, long position) {
        if (position < 0) {
            return -Errno.EINVAL;
        }
        if (strikes(Faults.Kind.READ_ERROR)) {
            return -Errno.EIO;
        }
        if (file.size() > 0 && strikes(Faults.Kind.ROTTEN_BIT)) {
            rot(file, dice().between(0, file.size() * 8 - 1));
        }
        int n = file.read(into, offset, someOf(length), position);
        if (n > 0 && strikes(Faults.Kind.FLIPPED_BIT)) {
            int at = dice().below(n);
            into[offset + at] ^= (byte) (1 << dice().below(8));
            flips.add(new Flip(file.number, position + at));
            file.misread();
        }
        return n;
    }

    private int someOf(int length) {
        return length > 1 && strikes(Faults.Kind.DISK_SHORT) ? (int) dice().spread(1, length) : length;
    }

    int write(DiskFile file, byte[] bytes, long position) {
        if (position < 0) {
            return -Errno.EINVAL;
        }
        if (bytes.length == 0) {
            return 0;
        }
        if (strikes(Faults.Kind.WRITE_ERROR)) {
            return -Errno.EIO;
        }
        int length = withRoom(file, someOf(bytes.length), position);
        int pages = file.pagesFor(position, length);
        if (length == 0 || pages > 0 && strikes(Faults.Kind.DISK_FULL)) {
            return -Errno.ENOSPC;
        }
        usedPages += pages;
        file.write(bytes, 0, length, position, () -> dice().chance(writesBack));
        file.modifiedNanos = host.wallNanos();
        return length;
    }

    /** How much of a write there is room for: all up to the first page that there is none for. */
    private int withRoom(DiskFile file, int length, long position) {
        int fits = length;
        while (fits > 0 && usedPages + file.pagesFor(position, fits) > capacityPages) {
            long lastPage = (position + fits - 1) / DiskFile.PAGE_BYTES * DiskFile.PAGE_BYTES;
            fits = (int) Math.max(0, lastPage - position);
        }
        return fits;
    }

    int truncate(DiskFile file, long size) {
        if (size < 0) {
            return -Errno.EINVAL;
        }
        if (strikes(Faults.Kind.WRITE_ERROR)) {
            return -Errno.EIO;
        }
        usedPages -= file.pageCount();
        file.truncate(size);
        usedPages += file.pageCount();
        file.modifiedNanos = host.wallNanos();
        return 0;
    }

    /** fallocate(2): writes there find room from then on. */
    int allocate(DiskFile file, long position, int length) {
        if (position < 0 || length <= 0) {
            return -Errno.EINVAL;
        }
        int pages = file.pagesFor(position, length);
        if (usedPages + pages > capacityPages || pages > 0 && strikes(Faults.Kind.DISK_FULL)) {
            return -Errno.ENOSPC;
        }
        usedPages += pages;
        file.allocate(position, length);
        file.modifiedNanos = host.wallNanos();
        return 0;
    }

    int sync(DiskNode node) {
        boolean fails = strikes(Faults.Kind.SYNC_ERROR);
        if (node instanceof DiskFile file) {
            if (fails) {
                file.failSync(dice());
            } else {
                file.sync();
            }
            return 0; // the open file tells of failures
        }
        if (fails) {
            return -Errno.EIO;
        }
        journal.commit(journal.count());
        return 0;
    }

    // ---- calls on names

    /** Makes an empty file at a place that is free. */
    int create(DiskPath.Place place) {
        if (strikes(Faults.Kind.DISK_FULL)) {
            return -Errno.ENOSPC;
        }
        change(new DiskJournal.Entry(place.directory(), place.name(), new DiskFile(++lastNumber, host.wallNanos())));
        return 0;
    }

    int makeDirectory(String path) {
        DiskPath.Place place = paths.place(path);
        if (place.errno() != 0) {
            return -place.errno();
        }
        if (place.node() != null) {
            return -Errno.EEXIST;
        }
        if (strikes(Faults.Kind.DISK_FULL)) {
            return -Errno.ENOSPC;
        }
        change(new DiskJournal.Entry(
                place.directory(), place.name(), new DiskDirectory(++lastNumber, host.wallNanos())));
        return 0;
    }

    /** unlink(2) and rmdir(2). */
    int remove(String path) {
        DiskPath.Place place = paths.place(path);
        DiskNode node = place.node();
        if (place.errno() != 0 || node == null) {
            return -(place.errno() == 0 ? Errno.ENOENT : place.errno());
        }
        if (node instanceof DiskDirectory directory && !directory.entries.isEmpty()) {
            return -Errno.ENOTEMPTY;
        }
        if (strikes(Faults.Kind.WRITE_ERROR)) {
            return -Errno.EIO;
        }
        change(new DiskJournal.Entry(place.directory(), place.name(), null));
        return 0;
    }

    /** rename(2): takes the place of a file that is there. */
    int rename(String from, String to) {
        DiskPath.Place source = paths.place(from);
        DiskPath.Place target = paths.place(to);
        DiskNode node = source.node();
        DiskNode replaced = target.node();
        if (source.errno() != 0 || node == null) {
            return -(source.errno() == 0 ? Errno.ENOENT : source.errno());
        }
        if (target.errno() != 0) {
            return -target.errno();
        }
        if (node == replaced) {
            return 0;
        }
        if (node instanceof DiskDirectory moved && paths.isWithin(moved, target.directory())) {
            return -Errno.EINVAL;
        }
        if (replaced instanceof DiskDirectory directory) {
            if (!(node instanceof DiskDirectory)) {
                return -Errno.EISDIR;
            }
            if (!directory.entries.isEmpty()) {
                return -Errno.ENOTEMPTY;
            }
        } else if (replaced != null && node instanceof DiskDirectory) {
            return -Errno.ENOTDIR;
        }
        if (strikes(Faults.Kind.WRITE_ERROR)) {
            return -Errno.EIO;
        }
        change(
                new DiskJournal.Entry(source.directory(), source.name(), null),
                new DiskJournal.Entry(target.directory(), target.name(), node));
        return 0;
    }

    /** Changes entries together, for calls; the disk follows when it is synced, or sooner. */
    private void change(DiskJournal.Entry... entries) {
        for (DiskJournal.Entry entry : entries) {
            DiskNode after = entry.node();
            if (after != null) {
                after.names++;
                after.namings++;
            }
        }
        for (DiskJournal.Entry entry : entries) {
            DiskDirectory directory = entry.directory();
            DiskNode before = directory.entries.get(entry.name());
            DiskDirectory.set(directory.entries, entry.name(), entry.node());
            directory.modifiedNanos = host.wallNanos();
            if (before != null) {
                before.names--;
                forgetUnnamed(before);
            }
        }
        journal.add(entries);
        if (dice().chance(writesBack)) {
            journal.commit(journal.count());
        }
    }

    /** Makes room where a file has neither a name nor an opener left. */
    void forgetUnnamed(@Nullable DiskNode node) {
        if (node instanceof DiskFile file && file.names == 0 && file.opened == 0) {
            usedPages -= file.pageCount();
        }
    }

    // ---- the crash

    /** The machine stops: what the cache held is gone, but for what the faults let through. */
    void crash() {
        int changes = journal.count();
        boolean loses = changes > 0 && strikes(Faults.Kind.LOST_ENTRIES);
        journal.commit(loses ? dice().below(changes) : changes);
        journal.clear();
        root.crash();
        usedPages = 0;
        crashFiles(root);
    }

    private void crashFiles(DiskDirectory directory) {
        for (DiskNode node : directory.entries.values()) {
            if (node instanceof DiskFile file) {
                file.crash(this);
                usedPages += file.pageCount();
            } else if (node instanceof DiskDirectory below) {
                crashFiles(below);
            }
        }
    }
}
