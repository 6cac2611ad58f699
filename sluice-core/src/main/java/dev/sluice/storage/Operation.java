package dev.sluice.storage;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is under way, and what is known of it: from its start until it is carried out it belongs to who carries it
 * out, then to its disk again, which uses it for another. So no operation allocates.
 */
final class Operation {
    enum Kind {
        OPEN,
        CLOSE,
        READ,
        WRITE,
        WRITE_AND_SYNC,
        SYNC,
        SYNC_DATA,
        ALLOCATE,
        TRUNCATE,
        RENAME,
        REMOVE,
        MAKE_DIRECTORY,
        LIST
    }

    final EngineDisk disk;
    Kind kind = Kind.READ;

    @Nullable
    DiskFile file;

    @Nullable
    LongConsumer done;

    /** A count or a negative errno; of an open the descriptor. */
    long result;

    /** The next in whatever list it is in. */
    @Nullable
    Operation next;

    // ---- what is asked for

    @Nullable
    ByteBuffer buffer;

    /** Of the buffer's first byte that takes part, and how many do. */
    long address;

    int length;
    /** Where in the file; or how long it shall be. */
    long position;
    /** How much room is asked for. */
    long room;
    /** Of an open. */
    int openFlags;

    boolean direct;
    /** Whether the kernel shall read nothing ahead. */
    boolean random;

    @Nullable
    String path;

    @Nullable
    String otherPath;

    @Nullable
    List<String> names;

    // ---- what an open finds

    int alignment;
    /** Its place in a ring's table of registered descriptors, or -1. */
    int place;

    // ---- while it is in a ring

    int slot;
    /** What is to be removed is one. */
    boolean isDirectory;

    long nativePath;
    long nativeOther;

    Operation(EngineDisk disk) {
        this.disk = disk;
    }

    DiskFile file() {
        return Objects.requireNonNull(file);
    }

    String path() {
        return Objects.requireNonNull(path);
    }

    String otherPath() {
        return Objects.requireNonNull(otherPath);
    }

    /** Forgets what it holds on to. */
    void clear() {
        file = null;
        done = null;
        buffer = null;
        path = null;
        otherPath = null;
        names = null;
    }
}
