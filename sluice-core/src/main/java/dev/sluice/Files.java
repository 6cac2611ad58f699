package dev.sluice;

import java.nio.file.Path;

/** The file system as a session sees it: the kernel's, or a simulation's. Safe for use from any thread. */
public interface Files {
    /**
     * Opens a directory below which, and only below which, files can be opened.
     *
     * @throws java.io.UncheckedIOException where it is not a directory or can't be read
     */
    Directory directory(Path path);
}
