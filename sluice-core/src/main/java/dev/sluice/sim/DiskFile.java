package dev.sluice.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file's bytes, as calls see them in the kernel's cache and as the disk keeps them. The cache is written back by pages; a
 * page that is on its way when the machine crashes arrives by sectors.
 */
final class DiskFile extends DiskNode {
    static final int PAGE_BYTES = 4096;
    static final int SECTOR_BYTES = 512;
    private static final long NOT_CUT = Long.MAX_VALUE;

    /** Pages of the cache and of the disk; null is a hole. One that both hold is the same array, until it is written to. */
    private List<byte @Nullable []> cached = new ArrayList<>();

    private List<byte @Nullable []> durable = new ArrayList<>();
    private final BitSet dirty = new BitSet();
    private long size;
    private long durableSize;
    /** The least size since the last sync. */
    private long cutTo = NOT_CUT;
    /** It was made longer without being written to. */
    private boolean lengthened;
    /** Write-backs that failed so far: what fsync(2) tells each open file once. */
    private int failures;

    private boolean failureTold;
    /** Pages that were read, and found in the cache by who looks. */
    private final BitSet warm = new BitSet();

    private long changes;

    DiskFile(long number, long modifiedNanos) {
        super(number, modifiedNanos);
    }

    long size() {
        return size;
    }

    /** How often its bytes became others, or seemed to. */
    long changes() {
        return changes;
    }

    /** A read brought other bytes than are there. */
    void misread() {
        changes++;
    }

    int pageCount() {
        int count = 0;
        for (byte[] page : cached) {
            count += page == null ? 0 : 1;
        }
        return count;
    }

    /** Pages that a write there would have to find room for. */
    int pagesFor(long position, int length) {
        int count = 0;
        for (int i = page(position); i <= page(position + length - 1); i++) {
            count += i < cached.size() && cached.get(i) != null ? 0 : 1;
        }
        return count;
    }

    private static int page(long position) {
        return Math.toIntExact(position / PAGE_BYTES);
    }

    // ---- the cache

    /** Whether all of a part is known to be in the cache; what lies behind the end is. */
    boolean isWarm(long position, long length) {
        long end = Math.min(position + length, size);
        return position >= end || warm.nextClearBit(page(position)) > page(end - 1);
    }

    /** Has it known from now on. */
    void warm(long position, long length) {
        long end = Math.min(position + length, size);
        if (position < end) {
            warm.set(page(position), page(end - 1) + 1);
        }
    }

    /** Reads what is there: bytes read, 0 behind the end. */
    int read(byte[] into, int offset, int length, long position) {
        int count = (int) Math.max(0, Math.min(length, size - position));
        for (int done = 0; done < count; ) {
            long at = position + done;
            int from = (int) (at % PAGE_BYTES);
            int n = Math.min(count - done, PAGE_BYTES - from);
            byte[] page = at / PAGE_BYTES < cached.size() ? cached.get(page(at)) : null;
            if (page == null) {
                Arrays.fill(into, offset + done, offset + done + n, (byte) 0);
            } else {
                System.arraycopy(page, from, into, offset + done, n);
            }
            done += n;
        }
        return count;
    }

    /**
     * Writes all of it.
     *
     * @param writtenBack whether a dirty page reached the disk before it is written to again
     */
    void write(byte[] bytes, int offset, int length, long position, BooleanSupplier writtenBack) {
        for (int done = 0; done < length; ) {
            long at = position + done;
            int from = (int) (at % PAGE_BYTES);
            int n = Math.min(length - done, PAGE_BYTES - from);
            int index = page(at);
            if (dirty.get(index) && cutTo == NOT_CUT && writtenBack.getAsBoolean()) {
                keep(index);
            }
            System.arraycopy(bytes, offset + done, owned(index), from, n);
            done += n;
        }
        size = Math.max(size, position + length);
        changes++;
    }

    /** A page that the cache alone holds, and that is dirty from now on. */
    private byte[] owned(int index) {
        byte[] page = get(cached, index);
        if (page == null) {
            page = new byte[PAGE_BYTES];
        } else if (page == get(durable, index)) {
            page = page.clone();
        }
        set(cached, index, page);
        dirty.set(index);
        return page;
    }

    private static byte @Nullable [] get(List<byte @Nullable []> pages, int index) {
        return index < pages.size() ? pages.get(index) : null;
    }

    private static void set(List<byte @Nullable []> pages, int index, byte @Nullable [] page) {
        while (pages.size() <= index) {
            pages.add(null);
        }
        pages.set(index, page);
    }

    void truncate(long newSize) {
        if (newSize < size) {
            cut(cached, newSize);
            int last = page(newSize);
            if (newSize % PAGE_BYTES != 0 && get(cached, last) != null) {
                byte[] page = owned(last);
                Arrays.fill(page, (int) (newSize % PAGE_BYTES), PAGE_BYTES, (byte) 0);
            }
            dirty.clear(cached.size(), Math.max(cached.size(), dirty.length()));
            cutTo = Math.min(cutTo, newSize);
        } else if (newSize > size) {
            lengthened = true;
        }
        size = newSize;
        changes++;
    }

    /** Takes pages where there are holes, up to that end at least. */
    void allocate(long position, int length) {
        for (int i = page(position); i <= page(position + length - 1); i++) {
            if (get(cached, i) == null) {
                owned(i);
            }
        }
        lengthened |= position + length > size;
        size = Math.max(size, position + length);
        changes++;
    }

    private static void cut(List<byte @Nullable []> pages, long size) {
        int count = page(size + PAGE_BYTES - 1);
        if (count < pages.size()) {
            pages.subList(count, pages.size()).clear();
        }
    }

    /** Flips one bit, of what the disk keeps and of what the cache holds of that. */
    void rot(long bit) {
        int index = page(bit / 8);
        byte[] kept = get(durable, index);
        byte[] seen = get(cached, index);
        int mask = 1 << (int) (bit % 8);
        int at = (int) (bit / 8 % PAGE_BYTES);
        if (kept != null) {
            kept[at] ^= (byte) mask;
        }
        if (seen != null && seen != kept) {
            seen[at] ^= (byte) mask;
        }
        changes++;
    }

    // ---- durability

    /** Makes all of it durable. */
    void sync() {
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            set(durable, i, get(cached, i));
        }
        cut(durable, size);
        synced();
    }

    /**
     * A sync that fails: some of the dirty pages never reach the disk, and count as clean, so that the next sync has nothing
     * to complain of.
     */
    void failSync(Dice dice) {
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            if (dice.nextBoolean()) {
                set(durable, i, get(cached, i));
            }
        }
        cut(durable, size);
        synced();
        failures++;
        failureTold = false;
    }

    private void synced() {
        dirty.clear();
        durableSize = size;
        cutTo = NOT_CUT;
        lengthened = false;
    }

    /** What an open file has been told of, when it is opened: errseq_sample() leaves to it what nobody was told yet. */
    int failuresTold() {
        return failureTold ? failures : 0;
    }

    int failures() {
        return failures;
    }

    void tellFailure() {
        failureTold = true;
    }

    private void keep(int index) {
        set(durable, index, get(cached, index));
        dirty.clear(index);
        durableSize = Math.max(durableSize, endOf(index, PAGE_BYTES));
    }

    private long endOf(int index, int bytes) {
        return Math.min(size, (long) index * PAGE_BYTES + bytes);
    }

    /** Decides what reached the disk of what was not synced; nothing else is left of it. */
    void crash(SimDisk disk) {
        boolean uncut = cutTo < durableSize && disk.strikes(Faults.Kind.LOST_WRITE);
        if (cutTo < durableSize && !uncut) {
            durableSize = cutTo;
            zeroBehindEnd();
        }
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            boolean behindCut = uncut && (long) (i + 1) * PAGE_BYTES > cutTo; // reached the disk no sooner than the cut
            if (behindCut || disk.strikes(Faults.Kind.LOST_WRITE)) {
                continue;
            }
            if (disk.strikes(Faults.Kind.TORN_WRITE)) {
                tear(i, disk.dice());
            } else {
                set(durable, i, get(cached, i));
                durableSize = Math.max(durableSize, endOf(i, PAGE_BYTES));
            }
        }
        if (lengthened && !uncut && size > durableSize && !disk.strikes(Faults.Kind.LOST_WRITE)) {
            durableSize = size;
        }
        zeroBehindEnd();
        cached = new ArrayList<>(durable);
        warm.clear();
        size = durableSize;
        synced();
        failures = 0;
        changes++;
    }

    private void tear(int index, Dice dice) {
        byte[] page = get(cached, index);
        byte[] old = get(durable, index);
        byte[] torn = old == null ? new byte[PAGE_BYTES] : old.clone();
        for (int from = 0; page != null && from < PAGE_BYTES; from += SECTOR_BYTES) {
            if (dice.nextBoolean()) {
                System.arraycopy(page, from, torn, from, SECTOR_BYTES);
                durableSize = Math.max(durableSize, endOf(index, from + SECTOR_BYTES));
            }
        }
        set(durable, index, torn);
    }

    /** What the disk holds behind the end would else be seen once the file grows. */
    private void zeroBehindEnd() {
        cut(durable, durableSize);
        int last = page(durableSize);
        byte[] page = get(durable, last);
        if (page != null) {
            byte[] whole = page.clone();
            Arrays.fill(whole, (int) (durableSize % PAGE_BYTES), PAGE_BYTES, (byte) 0);
            set(durable, last, whole);
        }
    }
}
