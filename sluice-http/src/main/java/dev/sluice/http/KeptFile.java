package dev.sluice.http;

import dev.sluice.OpenFile;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A file that is open, and what was made of it so far; kept by a {@link FileCache} where there is one. Used from any thread. */
final class KeptFile {
    /** A file up to this size is read and leaves together with its head; a longer one is sent from the kernel's cache. */
    static final int SMALL_BYTES = 16 * 1024;

    /**
     * A file must have rested for so long before it is kept: clocks of file systems are coarse, so that two changes of one moment
     * have the same time, and one of them may come after it was opened.
     */
    private static final long RESTED_MILLIS = 2000;

    final String path;
    final OpenFile file;
    final long sinceNanos;

    /** Others are answered with it too. */
    boolean kept;
    /** What these hold is immutable, and written by several threads at once perhaps, which is harmless: all are right. */
    private volatile byte @Nullable [] small;

    private @Nullable Response response;

    /** A file that was just opened. */
    KeptFile(String path, OpenFile file, long sinceNanos) {
        this.path = path;
        this.file = file;
        this.sinceNanos = sinceNanos;
    }

    /** The bytes of a small file; null where it is long, became shorter meanwhile, or the disk would have to be waited for. */
    byte @Nullable [] small() {
        byte[] known = small;
        long size = file.sizeBytes();
        if (known != null || size > SMALL_BYTES || !file.isCached(0, size)) {
            return known;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, bytes.position()) <= 0) {
                return null;
            }
        }
        if (kept && !file.hasChanged()) {
            small = bytes.array();
        }
        return bytes.array();
    }

    /** Whether each further change will be seen. */
    boolean hasRested(long nowMillis) {
        return nowMillis - Math.max(file.changedMillis(), file.modifiedMillis()) >= RESTED_MILLIS;
    }

    /** The answer to a request for the whole file that has no conditions, once there is one. */
    @Nullable
    Response response() {
        return response;
    }

    /** Has it given again, if the bytes in it are kept. */
    void response(Response whole) {
        if (small != null) {
            response = whole;
        }
    }
}
