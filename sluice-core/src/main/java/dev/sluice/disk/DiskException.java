package dev.sluice.disk;

import dev.sluice.os.Errno;
import java.io.IOException;

/** An operation of a {@link Disk} failed: for who has to throw what it was told. */
public final class DiskException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * The failure in words.
     *
     * @param what was to be done, and to which file
     * @param result a negative errno, as the disk told it
     */
    public DiskException(String what, long result) {
        super(what + " failed: " + Errno.describe((int) -result));
    }
}
