package dev.sluice.events;

/** Told of changes of files. */
@FunctionalInterface
public interface FileHandler {
    /** A change, in the order in which they happened. Equal ones that follow each other the kernel tells once. */
    void changed(FileChange change) throws Exception;

    /** The kernel's queue was full, and changes are lost: look at all that is watched anew. */
    default void overflowed() throws Exception {}
}
