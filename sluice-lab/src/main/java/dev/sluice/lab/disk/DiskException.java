package dev.sluice.lab.disk;

/** A comparison that can't go on; the message is one line for the user. */
public sealed class DiskException extends Exception permits DiskException.Refused {
    private static final long serialVersionUID = 1L;

    DiskException(String message) {
        super(message);
    }

    DiskException(String message, Throwable cause) {
        super(message, cause);
    }

    /** One way to the file that this machine or file system doesn't have; the others go on. */
    static final class Refused extends DiskException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }
}
