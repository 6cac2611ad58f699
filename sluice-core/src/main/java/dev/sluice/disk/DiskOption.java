package dev.sluice.disk;

/** How a file is opened; at least one of READ and WRITE. */
public enum DiskOption {
    READ,
    WRITE,
    /** Makes the file where there is none. */
    CREATE,
    /** Makes the file, and fails with EEXIST where there is one. */
    CREATE_NEW,
    /** Cuts an existing file to nothing. */
    TRUNCATE,
    /**
     * Goes past the page cache (O_DIRECT): positions, lengths and addresses are multiples of {@link Disk#alignment}. Fails with
     * EINVAL where the file system has no such access.
     */
    DIRECT,
    /** Reads bring into the page cache what they ask for, and no more (POSIX_FADV_RANDOM), where the system can be told so. */
    RANDOM
}
