package dev.sluice.sim;

/** What a name of a {@link SimDisk} stands for. */
abstract sealed class DiskNode permits DiskFile, DiskDirectory, DiskLink {
    /** The inode's number: never given out twice. */
    final long number;

    /** By its host's wall clock, since the epoch. */
    long modifiedNanos;
    /** Names that it has now; 0 for what was removed and is still open. */
    int names;
    /** How often it was given one. */
    int namings;
    /** Open files that stand for it. */
    int opened;

    DiskNode(long number, long modifiedNanos) {
        this.number = number;
        this.modifiedNanos = modifiedNanos;
    }
}
