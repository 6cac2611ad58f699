package dev.sluice.sim;

/** A symbolic link. */
final class DiskLink extends DiskNode {
    final String target;

    DiskLink(long number, long modifiedNanos, String target) {
        super(number, modifiedNanos);
        this.target = target;
    }
}
