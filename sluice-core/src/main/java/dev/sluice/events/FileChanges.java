package dev.sluice.events;

import java.nio.file.Path;

/**
 * Watches files and directories: one inotify(7) descriptor, of which a user has fs.inotify.max_user_instances (128), so one
 * such source watches many paths. Used inside of its domain.
 */
public interface FileChanges extends Source {
    /**
     * Watches a file, or a directory's entries (not those of its subdirectories). What is watched is the file, not the name:
     * who replaces a file by rename is seen by watching its directory. Twice the same path is once.
     *
     * @throws dev.sluice.os.SysException where there is no such file, or the user has fs.inotify.max_user_watches
     */
    void watch(Path path);

    /** Stops watching a path; does nothing where it isn't watched. */
    void unwatch(Path path);

    /** Reads no more changes until {@link #resume}; the kernel keeps fs.inotify.max_queued_events (16,384). */
    void pause();

    void resume();
}
