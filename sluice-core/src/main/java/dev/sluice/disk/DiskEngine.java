package dev.sluice.disk;

import dev.sluice.Availability;
import dev.sluice.storage.Disks;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The table of disk engines: how operations on files are done. */
public enum DiskEngine {
    BLOCKING("blocking", "pread(2) and pwrite(2) where they are called, which holds up the caller"),
    POOL("pool", "the same calls on a bounded pool of threads"),
    IO_URING(
            "io_uring",
            "a ring shared with the kernel: many operations in one system call, registered files and buffers");

    private final String label;
    private final String what;

    DiskEngine(String label, String what) {
        this.label = label;
        this.what = what;
    }

    /** Its name, for people and on command lines. */
    public String label() {
        return label;
    }

    /** What it is, in one line. */
    public String what() {
        return what;
    }

    /** The engine of that name. */
    public static Optional<DiskEngine> named(String label) {
        return Arrays.stream(values()).filter(e -> e.label.equals(label)).findFirst();
    }

    /** The best that this machine can run: {@code io_uring}, or else {@code pool}. */
    public static DiskEngine best() {
        return Disks.best();
    }

    /** Whether this machine can run it, what of it is active, or why not and the cure. */
    public Availability availability() {
        return Disks.availability(this);
    }

    /**
     * Opens a disk that tells its results through an executor.
     *
     * @param told runs tasks one at a time and in their order, where operations are started, and never from inside {@code
     *     execute}: a loop's {@code execute}, a single thread's queue
     * @throws dev.sluice.os.SysException where this machine can't run the engine
     */
    public Disk open(DiskOptions options, Executor told) {
        return Disks.open(this, options, told);
    }

    /**
     * Opens a disk that its owner drives.
     *
     * @throws dev.sluice.os.SysException where this machine can't run the engine
     */
    public DrivenDisk open(DiskOptions options) {
        return Disks.open(this, options);
    }
}
