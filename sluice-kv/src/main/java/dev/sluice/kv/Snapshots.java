package dev.sluice.kv;

import org.jspecify.annotations.Nullable;

/** What BGSAVE starts and LASTSAVE and INFO tell of: the log's compaction. Used in the store's own order. */
public interface Snapshots {
    /** Starts one in the background; false where one is under way. */
    boolean start();

    boolean isRunning();

    /** When the last one ended well, in milliseconds since the epoch; when the store was opened, where there was none yet. */
    long lastSuccessMillis();

    /** Why the last one failed; null where it didn't. */
    @Nullable
    String lastFailure();
}
