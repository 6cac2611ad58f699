package dev.sluice.threading;

import dev.sluice.os.CallState;
import dev.sluice.os.Directories;
import dev.sluice.os.FileStatus;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What the calls on files need for their arguments and results, lent for one operation. Any thread may open and release
 * files, virtual ones too, so it belongs to none: a few stand ready, and taking one is an exchange of a reference.
 */
final class FileScratch {
    /** Memory for a read into a heap buffer, which a downcall can't be given. */
    static final int BOUNCE_BYTES = 64 * 1024;

    private static final int READY = 64;
    private static final AtomicReferenceArray<@Nullable FileScratch> POOL = new AtomicReferenceArray<>(READY);

    private final Arena arena = Arena.ofAuto(); // one that doesn't fit into the pool any more is simply dropped
    final CallState state = new CallState();
    final FileStatus status = new FileStatus(arena);
    private long entry;
    private long bounce;

    private FileScratch() {}

    static FileScratch take() {
        int first = start();
        for (int i = 0; i < READY; i++) {
            int slot = (first + i) & (READY - 1);
            if (POOL.getPlain(slot) != null) {
                FileScratch taken = POOL.getAndSet(slot, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return new FileScratch();
    }

    /** Ends the loan. */
    void give() {
        int first = start();
        for (int i = 0; i < READY; i++) {
            int slot = (first + i) & (READY - 1);
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
                return;
            }
        }
    }

    /** Threads start at slots of their own, so that they seldom meet. */
    private static int start() {
        return (int) Thread.currentThread().threadId() & (READY - 1);
    }

    /** The address of a directory's entry. */
    long entry() {
        if (entry == 0) {
            entry = arena.allocate(Directories.ENTRY_BYTES, Long.BYTES).address();
        }
        return entry;
    }

    /** The address of {@link #BOUNCE_BYTES} bytes. */
    long bounce() {
        if (bounce == 0) {
            bounce = arena.allocate(BOUNCE_BYTES, Long.BYTES).address();
        }
        return bounce;
    }
}
