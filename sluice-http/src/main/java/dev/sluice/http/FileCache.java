package dev.sluice.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Files that were asked for lately: open, and the bytes of small ones. A table without a lock, with one place for each hash of a
 * name; of two names that share a place, the later one has it.
 *
 * <p>Each use looks at the file's status (fstat(2): st_ctime, which nobody can set, and st_nlink), and so sees that it was
 * changed, replaced or removed. It can't see that its name leads elsewhere, since a directory above was renamed or another link
 * to it removed, nor what is written through a mapping of a page that is dirty already. So nothing is good for longer than {@link
 * #GOOD_NANOS}, whatever it looks like: then it is opened and read again.
 */
final class FileCache implements AutoCloseable {
    /** How long a file may be answered with after it was opened. */
    static final long GOOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Places that each newcomer looks at, so that files which nobody asks for again are closed. */
    private static final int SWEPT = 4;

    /** Each holds one reference to its file. */
    private final AtomicReferenceArray<@Nullable KeptFile> places;

    private final AtomicInteger hand = new AtomicInteger();

    /** @param most files kept, and so descriptors; of bytes, {@link KeptFile#SMALL_BYTES} each */
    FileCache(int most) {
        this.places = new AtomicReferenceArray<>(most);
    }

    boolean isEmpty() {
        return places.length() == 0;
    }

    private int place(String path) {
        int hash = path.hashCode();
        return Math.floorMod(hash ^ hash >>> 16, places.length());
    }

    /** The file of that name, with a reference for the caller; null where it isn't kept, or not good any more. */
    @Nullable
    KeptFile find(String path, long nowNanos) {
        if (isEmpty()) {
            return null;
        }
        int place = place(path);
        KeptFile known = places.get(place);
        if (known == null || !known.path.equals(path) || !known.file.tryRetain()) {
            return null;
        }
        if (isOld(known, nowNanos) || known.file.hasChanged()) {
            known.file.release();
            drop(place, known);
            return null;
        }
        return known;
    }

    private static boolean isOld(KeptFile file, long nowNanos) {
        return nowNanos - file.sinceNanos > GOOD_NANOS;
    }

    private void drop(int place, KeptFile known) {
        if (places.compareAndSet(place, known, null)) {
            known.file.release();
        }
    }

    /** Keeps a file; takes a reference of its own. */
    void keep(KeptFile file, long nowNanos) {
        if (isEmpty()) {
            return;
        }
        file.kept = true;
        file.file.retain();
        KeptFile before = places.getAndSet(place(file.path), file);
        if (before != null) {
            before.file.release();
        }
        int first = hand.getAndAdd(SWEPT);
        for (int i = 0; i < SWEPT; i++) {
            int place = Math.floorMod(first + i, places.length());
            KeptFile known = places.get(place);
            if (known != null && isOld(known, nowNanos)) {
                drop(place, known);
            }
        }
    }

    /** Lets go of all; whether there was any. */
    boolean clear() {
        boolean any = false;
        for (int place = 0; place < places.length(); place++) {
            KeptFile known = places.getAndSet(place, null);
            if (known != null) {
                known.file.release();
                any = true;
            }
        }
        return any;
    }

    @Override
    public void close() {
        clear();
    }
}
