package dev.sluice.threading;

import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;

/**
 * Opens what is below a directory and nothing else, whatever is renamed or replaced by a link meanwhile: by openat2(2)
 * with {@code RESOLVE_BENEATH} (Linux 5.6), elsewhere by {@link PathWalk}.
 */
final class ConfinedOpen {
    /** A rename anywhere in the system may disturb a look-up that goes through {@code ..}; it is then repeated. */
    private static final int ATTEMPTS = 32;

    private ConfinedOpen() {}

    /** Whether the kernel, and the sandbox if there is one, lets openat2 be used: found by using it. */
    static boolean hasOpenat2(int directory, FileScratch scratch) {
        int flags = FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
        int fd = FileCalls.openat2(directory, ".", flags, 0, FileCalls.RESOLVE_BENEATH, scratch.state);
        if (fd >= 0) {
            Descriptors.close(fd, scratch.state);
        }
        return fd >= 0;
    }

    /** A descriptor, or -errno: {@code -EXDEV} for what leads outside, {@code -ELOOP} for a link not to be followed. */
    static int open(
            int directory, boolean openat2, String relative, int flags, boolean followLinks, FileScratch scratch) {
        String path = relative.isEmpty() ? "." : relative;
        if (openat2) {
            long resolve = FileCalls.RESOLVE_BENEATH
                    | FileCalls.RESOLVE_NO_MAGICLINKS
                    | (followLinks ? 0 : FileCalls.RESOLVE_NO_SYMLINKS);
            for (int i = 0; i < ATTEMPTS; i++) {
                int fd = FileCalls.openat2(directory, path, flags, 0, resolve, scratch.state);
                if (fd != -Errno.EAGAIN && fd != -Errno.EINTR) {
                    return fd;
                }
            }
        }
        return PathWalk.open(directory, path, flags, followLinks, scratch);
    }
}
