package dev.sluice;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open directory that confines what is opened through it: containment is checked by the kernel on the opened file
 * ({@code openat2(2)} with {@code RESOLVE_BENEATH}), never on the string. Safe for use from any thread.
 */
public interface Directory extends AutoCloseable {
    /** How a look-up ended. */
    enum Outcome {
        FILE,
        DIRECTORY,
        NOT_FOUND,
        /** Outside the directory, a link that is not followed, or no permission. */
        FORBIDDEN,
        /** Neither file nor directory: a device, a socket, a pipe. */
        SPECIAL,
        /** No descriptor or memory is left for it now; it may be found again when there is. The detail says what. */
        EXHAUSTED,
        /** Another error of the kernel; the detail says which. */
        ERROR
    }

    /** A look-up's result. The caller owns {@code file} and releases it. */
    record Lookup(Outcome outcome, @Nullable OpenFile file, String detail) {}

    /** An entry of a listing. */
    record Entry(String name, boolean directory, long sizeBytes, long modifiedMillis) {}

    /**
     * Opens a regular file below this directory.
     *
     * @param relative names separated by '/', without a leading one; must hold no NUL
     * @param followLinks whether symbolic links inside the directory that stay inside it are followed
     */
    Lookup open(String relative, boolean followLinks);

    /**
     * A directory's entries, sorted by name.
     *
     * @param outcome DIRECTORY where there are any to be told; NOT_FOUND also for what is no directory
     * @param entries empty otherwise
     */
    record Listing(Outcome outcome, List<Entry> entries, String detail) {
        /** None, and why. */
        public static Listing none(Outcome why, String detail) {
            return new Listing(why, List.of(), detail);
        }
    }

    /** Lists a directory below this one; at most {@code limit} entries. What can't be read to its end is an ERROR, not a part. */
    Listing list(String relative, boolean followLinks, int limit);

    @Override
    void close();
}
