package dev.sluice.events;

import java.nio.file.Path;

/**
 * A change of a file.
 *
 * @param kind what happened
 * @param path of the file: the watched one, or an entry of a watched directory
 */
public record FileChange(Kind kind, Path path) {
    /** What happened to a file. */
    public enum Kind {
        CREATED,
        /** Bytes were written or cut off. */
        MODIFIED,
        /** Whoever had it open for writing closed it: now it is whole, if it ever is. */
        WRITTEN,
        /** Its owner, mode, times or number of names. */
        ATTRIBUTES,
        DELETED,
        /** It went away from this name. */
        MOVED_FROM,
        /** It came to this name, in place of a file that bore it. */
        MOVED_TO,
        /** The watched path itself is gone, and is watched no more. */
        UNWATCHED
    }
}
