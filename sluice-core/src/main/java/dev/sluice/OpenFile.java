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

    /** Tells two states of a file apart (inode, modification in nanoseconds, size), for a validator such as an ETag. */
    long version();

    /**
     * Reads at a position into a buffer; may block on the disk.
     *
     * @return bytes read, 0 at the end of the file, or a negative errno
     */
    int read(ByteBuffer into, long position);

    /** The kernel's descriptor, or -1 where the file has none. */
    int descriptor();

    OpenFile retain();

    void release();
}
