package dev.sluice.threading;

import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A descriptor that is closed when its last user lets go, so that no call ever meets a number that the kernel has given
 * to another file meanwhile. Made with one user; safe for use from any thread.
 */
final class SharedDescriptor {
    private static final VarHandle USERS;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(SharedDescriptor.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final int fd;
    private volatile int users = 1;

    SharedDescriptor(int fd) {
        this.fd = fd;
    }

    /** Takes part in the use; false where the descriptor is closed already. */
    boolean tryRetain() {
        int now;
        do {
            now = users;
            if (now <= 0) {
                return false;
            }
        } while (!USERS.compareAndSet(this, now, now + 1));
        return true;
    }

    boolean isOpen() {
        return users > 0;
    }

    /** Ends a use; the last one closes. */
    void release() {
        int before = (int) USERS.getAndAdd(this, -1);
        if (before <= 0) {
            USERS.getAndAdd(this, 1);
            throw new IllegalStateException("released more often than retained: fd=" + fd);
        }
        if (before == 1) {
            close();
        }
    }

    private void close() {
        FileScratch scratch = FileScratch.take();
        try {
            // Nothing was written: EIO and EINTR lose nothing, and the descriptor is gone all the same.
            int result = Descriptors.close(fd, scratch.state);
            assert result != -Errno.EBADF : "closed behind our back: fd=" + fd;
        } finally {
            scratch.give();
        }
    }
}
