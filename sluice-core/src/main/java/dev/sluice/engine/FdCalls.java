package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import java.net.SocketAddress;

/**
 * What an engine asks a kernel about a descriptor: the machine's ({@link KernelCalls}), or a simulated one.
 * Where only one of them is loaded the compiler calls it directly, so the choice costs nothing.
 *
 * <p>Results are values or {@code -errno}, as the man page of the call says; no call waits. For the engine's thread.
 */
public abstract class FdCalls {
    /**
     * Opens a socket that is bound, listens, and doesn't block.
     *
     * @throws dev.sluice.os.SysException naming the call that failed and the address
     */
    public abstract int listen(SocketAddress address, ListenOptions options);

    /** Has calls on a descriptor return at once (O_NONBLOCK). */
    public abstract int setNonBlocking(int fd);

    /** poll(2), without a wait: whether {@link #accept} has something to tell. */
    public boolean mayAccept(int listener) {
        return true;
    }

    /** accept4(2): a newcomer that doesn't block. */
    public abstract int accept(int listener);

    /** socket(2): a stream socket for that kind of address, which doesn't block. */
    public abstract int socket(SocketAddress remote);

    /** connect(2). */
    public abstract int connect(int fd, SocketAddress remote);

    /** recv(2) into memory at an address. */
    public abstract long receive(int fd, long address, long length);

    /**
     * send(2) of memory at an address, without a signal where the peer is gone.
     *
     * @param more whether more follows at once (MSG_MORE)
     */
    public abstract long send(int fd, long address, long length, boolean more);

    /** writev(2) of as many chunks of a chain as one call takes. */
    public abstract long gather(int fd, Chunk first);

    /** sendfile(2) of a part of a file; {@code -ENODATA} where the file is shorter than that. */
    public abstract long sendFile(int fd, OpenFile file, long position, long count);

    /** A pipe's ends as {@link dev.sluice.os.Descriptors#pair}, which don't block; a negative errno where there is none, or none like it. */
    public long pipe() {
        return -Errno.ENOSYS;
    }

    /** splice(2) into a pipe, or out of one. */
    public long splice(int from, int to, long count) {
        return -Errno.ENOSYS;
    }

    /** Another number for the same open descriptor, not inherited; a negative errno where there is none. */
    public int duplicate(int fd) {
        return -Errno.ENOSYS;
    }

    /** shutdown(2) of the sending side. */
    public abstract int shutdownOutput(int fd);

    /** SO_ERROR: the socket's pending error, which is taken by asking; 0 where there is none. */
    public abstract int takeError(int fd);

    /** Has the next {@link #close} reset the connection (SO_LINGER 0). */
    public abstract int resetOnClose(int fd);

    /** close(2). */
    public abstract int close(int fd);

    /** getsockname(2). */
    public abstract SocketAddress localAddress(int fd);

    /**
     * getpeername(2).
     *
     * @throws dev.sluice.os.SysException if the kernel doesn't say, {@code ENOTCONN} after a reset for one
     */
    public abstract SocketAddress remoteAddress(int fd);

    /** RLIMIT_NOFILE: how many descriptors the process may have now. */
    public abstract long descriptorLimit();

    /** A new descriptor to be woken by, which the caller closes. */
    public abstract WakeSignal wakeSignal();

    /** Frees what the calls use; none follows. */
    public abstract void release();
}
