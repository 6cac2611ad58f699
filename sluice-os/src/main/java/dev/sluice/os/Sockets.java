package dev.sluice.os;

import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;

/**
 * Sockets: socket(2), bind(2), listen(2), accept4(2), connect(2), recv(2), send(2), shutdown(2) and their kin. Options
 * are in {@link Sockopt}, scattered input and passed descriptors in {@link SocketMessages}.
 *
 * <p>Results are values or {@code -errno}. Data calls may be interrupted ({@code -EINTR}) and wait unless the socket or
 * {@link #MSG_DONTWAIT} says otherwise. Memory belongs to the caller.
 */
public final class Sockets {
    public static final int AF_UNSPEC = 0;
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = Platform.pick(10, 30, 28);

    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    /** A stream of whole messages; not for {@link #AF_UNIX} on macOS. */
    public static final int SOCK_SEQPACKET = 5;

    /** Linux's and FreeBSD's; macOS has no such flags, there {@link #socket} and {@link #accept4} call fcntl(2). */
    public static final int SOCK_NONBLOCK = Platform.pick(0x800, 0x2000_0000, 0x2000_0000);

    public static final int SOCK_CLOEXEC = Platform.pick(0x8_0000, 0x1000_0000, 0x1000_0000);

    public static final int MSG_OOB = 0x1;
    public static final int MSG_PEEK = 0x2;
    public static final int MSG_DONTWAIT = Platform.pick(0x40, 0x80, 0x80);
    /** No SIGPIPE; the virtual machine ignores that signal, a process without one doesn't. */
    public static final int MSG_NOSIGNAL = Platform.pick(0x4000, 0x8_0000, 0x2_0000);

    public static final int MSG_WAITALL = Platform.pick(0x100, 0x40, 0x40);
    public static final int MSG_TRUNC = Platform.pick(0x20, 0x10, 0x10);
    public static final int MSG_CTRUNC = Platform.pick(0x8, 0x20, 0x20);
    /** Linux only. */
    public static final int MSG_MORE = Platform.pick(0x8000, 0, 0);

    public static final int MSG_CMSG_CLOEXEC = Platform.pick(0x4000_0000, 0, 0x4_0000);
    /** Linux only. */
    public static final int MSG_ZEROCOPY = Platform.pick(0x400_0000, 0, 0);

    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;
    public static final int SHUT_RDWR = 2;

    private static final MemorySegment SOCKET = Native.function("socket");
    private static final MemorySegment SOCKETPAIR = Native.function("socketpair");
    private static final MemorySegment BIND = Native.function("bind");
    private static final MemorySegment LISTEN = Native.function("listen");
    private static final MemorySegment ACCEPT = Native.function("accept");
    private static final MemorySegment ACCEPT4 = Native.function("accept4");
    private static final MemorySegment CONNECT = Native.function("connect");
    private static final MemorySegment GETSOCKNAME = Native.function("getsockname");
    private static final MemorySegment GETPEERNAME = Native.function("getpeername");
    private static final MemorySegment SHUTDOWN = Native.function("shutdown");
    private static final MemorySegment RECV = Native.function("recv");
    private static final MemorySegment SEND = Native.function("send");

    private static final int NR_SENDTO = Platform.ARCH == Platform.Arch.AARCH64 ? 206 : 44;
    private static final int NR_RECVFROM = Platform.ARCH == Platform.Arch.AARCH64 ? 207 : 45;

    private Sockets() {}

    /** A descriptor; {@code type} may hold {@link #SOCK_NONBLOCK} and {@link #SOCK_CLOEXEC}. */
    public static int socket(int domain, int type, int protocol, CallState state) {
        int bare = Platform.isMacos() ? type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) : type;
        int fd = state.result(Native.intCall(SOCKET, state, domain, bare, protocol));
        return Platform.isMacos() ? withFlags(fd, type, state) : fd;
    }

    /** Two connected sockets as {@code first | second << 32}, or -errno. */
    public static long socketpair(int domain, int type, int protocol, CallState state) {
        long pair = state.scratch();
        int bare = Platform.isMacos() ? type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) : type;
        int result = state.result(Native.intCall(SOCKETPAIR, state, domain, bare, protocol, pair));
        if (result < 0) {
            return result;
        }
        int first = NativeMemory.getInt(pair);
        int second = NativeMemory.getInt(pair + Integer.BYTES);
        if (Platform.isMacos()) {
            withFlags(first, type, state);
            withFlags(second, type, state);
        }
        return Descriptors.pair(first, second);
    }

    /** Binds to an encoded address. */
    public static int bind(int fd, long address, int length, CallState state) {
        return state.result(Native.intCall(BIND, state, fd, address, length));
    }

    /** Binds to an address of the socket's family. */
    public static int bind(int fd, SocketAddress address, int family, CallState state) {
        long at = state.scratch();
        return bind(fd, at, SocketAddresses.encode(address, family, at), state);
    }

    /** Listens; the kernel cuts {@code backlogCount} to its limit (net.core.somaxconn, kern.ipc.soacceptqueue). */
    public static int listen(int fd, int backlogCount, CallState state) {
        return state.result(Native.intCall(LISTEN, state, fd, backlogCount));
    }

    /** Accepts without asking for the peer's address, which {@link #peerAddress} gives when it is wanted. */
    public static int accept4(int fd, int flags, CallState state) {
        return accept4(fd, 0, 0, flags, state);
    }

    /**
     * Accepts a connection. {@code address} has room for {@link SocketAddresses#MAX_BYTES} and {@code lengthAddress} is
     * an int that says so before and the address's length after the call; both may be 0.
     */
    public static int accept4(int fd, long address, long lengthAddress, int flags, CallState state) {
        if (Platform.isMacos()) {
            int accepted = state.result(Native.intCall(ACCEPT, state, fd, address, lengthAddress));
            return withFlags(accepted, flags, state);
        }
        return state.result(Native.intCall(ACCEPT4, state, fd, address, lengthAddress, flags));
    }

    /** Connects to an encoded address; {@code -EINPROGRESS} on a non-blocking socket. */
    public static int connect(int fd, long address, int length, CallState state) {
        return state.result(Native.intCall(CONNECT, state, fd, address, length));
    }

    /** Connects to an address of the socket's family. */
    public static int connect(int fd, SocketAddress address, int family, CallState state) {
        long at = state.scratch();
        return connect(fd, at, SocketAddresses.encode(address, family, at), state);
    }

    /** The bytes received, 0 at the peer's end, or -errno. */
    public static long recv(int fd, long address, long length, int flags, CallState state) {
        return state.result(Native.longCall(RECV, state, fd, address, length, flags));
    }

    /** The bytes that the kernel took, perhaps fewer than {@code length}, or -errno. */
    public static long send(int fd, long address, long length, int flags, CallState state) {
        return state.result(Native.longCall(SEND, state, fd, address, length, flags));
    }

    /** As {@link #recv}, but never waits ({@link #MSG_DONTWAIT} goes along), and costs less for that. */
    public static long recvNow(int fd, long address, long length, int flags, CallState state) {
        return now(RECV, NR_RECVFROM, fd, address, length, flags, state);
    }

    /** As {@link #send}, but never waits ({@link #MSG_DONTWAIT} goes along), and costs less for that. */
    public static long sendNow(int fd, long address, long length, int flags, CallState state) {
        return now(SEND, NR_SENDTO, fd, address, length, flags, state);
    }

    /**
     * Goes past the C library's wrapper on Linux, whose system calls have numbers that last. The wrapper is a cancellation point
     * (pthreads(7)), and glibc before 2.41 makes a thread cancellable and takes that back by two atomic operations a call.
     */
    private static long now(
            MemorySegment function, int number, int fd, long address, long length, int flags, CallState state) {
        int f = flags | MSG_DONTWAIT;
        return state.result(
                Platform.isLinux()
                        ? Native.shortLongCall(Native.SYSCALL, state, number, fd, address, length, f, 0, 0)
                        : Native.shortLongCall(function, state, fd, address, length, f, 0, 0, 0));
    }

    public static int shutdown(int fd, int how, CallState state) {
        return state.result(Native.intCall(SHUTDOWN, state, fd, how));
    }

    /** Writes the socket's own address; pointers as for {@link #accept4(int, long, long, int, CallState)}. */
    public static int getsockname(int fd, long address, long lengthAddress, CallState state) {
        return state.result(Native.intCall(GETSOCKNAME, state, fd, address, lengthAddress));
    }

    /** Writes the peer's address; pointers as for {@link #accept4(int, long, long, int, CallState)}. */
    public static int getpeername(int fd, long address, long lengthAddress, CallState state) {
        return state.result(Native.intCall(GETPEERNAME, state, fd, address, lengthAddress));
    }

    /**
     * The address that the socket is bound to.
     *
     * @throws SysException if the kernel doesn't say
     */
    public static SocketAddress localAddress(int fd, CallState state) {
        long length = lengthSlot(state);
        SysException.check(getsockname(fd, state.scratch(), length, state), "getsockname", "fd=" + fd);
        return SocketAddresses.decode(state.scratch(), NativeMemory.getInt(length));
    }

    /**
     * The address that the socket is connected to.
     *
     * @throws SysException if the kernel doesn't say, {@code ENOTCONN} after a reset for one
     */
    public static SocketAddress peerAddress(int fd, CallState state) {
        long length = lengthSlot(state);
        SysException.check(getpeername(fd, state.scratch(), length, state), "getpeername", "fd=" + fd);
        return SocketAddresses.decode(state.scratch(), NativeMemory.getInt(length));
    }

    /** A socklen_t behind the address in the scratch memory, holding the address's room. */
    private static long lengthSlot(CallState state) {
        long length = state.scratch() + SocketAddresses.MAX_BYTES;
        NativeMemory.putInt(length, SocketAddresses.MAX_BYTES);
        return length;
    }

    /** macOS's substitute for the flags: a fork between the two calls can leak the descriptor, which we can't help. */
    private static int withFlags(int fd, int flags, CallState state) {
        if (fd >= 0 && (flags & SOCK_NONBLOCK) != 0) {
            Descriptors.setNonBlocking(fd, true, state);
        }
        if (fd >= 0 && (flags & SOCK_CLOEXEC) != 0) {
            Descriptors.setCloseOnExec(fd, true, state);
        }
        return fd;
    }
}
