package dev.sluice.storage;

import org.jspecify.annotations.Nullable;

/** A file that a disk has open. */
final class DiskFile {
    final int number;
    final int fd;
    /** What positions, lengths and addresses must be multiples of. */
    final int alignment;
    /** Its place in a ring's table of registered descriptors, or -1. */
    final int place;
    /** Operations on it that are under way. */
    int flying;
    /** Its close, which waits for them. */
    @Nullable
    Operation closing;

    DiskFile(int number, int fd, int alignment, int place) {
        this.number = number;
        this.fd = fd;
        this.alignment = alignment;
        this.place = place;
    }
}
