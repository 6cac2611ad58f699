package dev.sluice;

import java.nio.ByteBuffer;

/**
 * An open regular file, counted by its users: opened with one reference, closed when the last one is released.
 * References may be taken and released on any thread.
 */
public interface OpenFile {
    long sizeBytes();

    /** Last modification, milliseconds since the epoch. */
    long modifiedMillis();

    /**
     * Last change of its bytes or attributes before it was opened, milliseconds since the epoch: as {@link #modifiedMillis}, but
     * nobody can set it.
     */
    default long changedMillis() {
        return modifiedMillis();
    }

    /** Looks whether its bytes or attributes changed since it was opened, or no name leads to it any more. */
    default boolean hasChanged() {
        return false;
    }

    /** Tells two states of a file apart (inode, modification in nanoseconds, size), for a validator such as an ETag. */
    long version();

    /**
     * Reads at a position into a buffer; may block on the disk.
     *
     * @return bytes read, 0 at the end of the file, or a negative errno
     */
    int read(ByteBuffer into, long position);

    /**
     * Looks whether a read there would find in the page cache what it wants, without waiting for the disk. A page of each run
     * may be looked at for all of it, and what was found may count for some milliseconds. False where the system can't tell.
     */
    default boolean isCached(long position, long count) {
        return true;
    }

    /** Has the kernel read nothing ahead for it from now on (posix_fadvise(2), POSIX_FADV_RANDOM), where it can be told so. */
    default void randomAccess() {}

    /** The kernel's descriptor, or -1 where the file has none. */
    int descriptor();

    OpenFile retain();

    /** As {@link #retain}, unless the last reference is gone: then false. */
    default boolean tryRetain() {
        retain();
        return true;
    }

    void release();
}
