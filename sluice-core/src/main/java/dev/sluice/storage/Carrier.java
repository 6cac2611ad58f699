package dev.sluice.storage;

/** Who carries operations out for disks of several threads. */
interface Carrier {
    /** Carries it out, and calls {@link EngineDisk#completed}; from any thread. */
    void carry(Operation op);

    /** A disk doesn't need it any more; nothing of that disk is under way. */
    void release();
}
