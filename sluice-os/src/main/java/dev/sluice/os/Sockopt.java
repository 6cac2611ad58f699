package dev.sluice.os;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * setsockopt(2) and getsockopt(2), with the options of socket(7), tcp(7) and ipv6(7). An option that the running system
 * doesn't have is -1, for which the kernel answers {@code ENOPROTOOPT}.
 *
 * <pre>struct linger { int l_onoff; int l_linger; };  // 8 bytes, sys/socket.h</pre>
 */
public final class Sockopt {
    public static final int SOL_SOCKET = Platform.pick(1, 0xffff, 0xffff);
    public static final int IPPROTO_IP = 0;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_IPV6 = 41;

    public static final int SO_REUSEADDR = Platform.pick(2, 0x4, 0x4);
    public static final int SO_TYPE = Platform.pick(3, 0x1008, 0x1008);
    public static final int SO_ERROR = Platform.pick(4, 0x1007, 0x1007);
    public static final int SO_SNDBUF = Platform.pick(7, 0x1001, 0x1001);
    public static final int SO_RCVBUF = Platform.pick(8, 0x1002, 0x1002);
    public static final int SO_KEEPALIVE = Platform.pick(9, 0x8, 0x8);
    /** In seconds everywhere: macOS's SO_LINGER counts ticks, its SO_LINGER_SEC is taken instead. */
    public static final int SO_LINGER = Platform.pick(13, 0x1080, 0x80);

    /** FreeBSD's SO_REUSEPORT_LB, which spreads connections as Linux's SO_REUSEPORT does; macOS's doesn't spread. */
    public static final int SO_REUSEPORT = Platform.pick(15, 0x200, 0x1_0000);

    public static final int SO_RCVTIMEO = Platform.pick(20, 0x1006, 0x1006);
    public static final int SO_SNDTIMEO = Platform.pick(21, 0x1005, 0x1005);
    /** The peer's address, as getpeername(2) tells it. */
    public static final int SO_PEERNAME = Platform.pick(28, -1, -1);

    public static final int SO_ACCEPTCONN = Platform.pick(30, 0x2, 0x2);
    public static final int SO_BUSY_POLL = Platform.pick(46, -1, -1);
    public static final int SO_INCOMING_CPU = Platform.pick(49, -1, -1);
    public static final int SO_ZEROCOPY = Platform.pick(60, -1, -1);
    public static final int SO_NOSIGPIPE = Platform.pick(-1, 0x1022, 0x800);

    public static final int TCP_NODELAY = 1;
    /** TCP_NOPUSH on macOS and FreeBSD. */
    public static final int TCP_CORK = Platform.pick(3, 4, 4);

    public static final int TCP_KEEPIDLE = Platform.pick(4, 0x10, 256);
    public static final int TCP_KEEPINTVL = Platform.pick(5, 0x101, 512);
    public static final int TCP_KEEPCNT = Platform.pick(6, 0x102, 1024);
    public static final int TCP_DEFER_ACCEPT = Platform.pick(9, -1, -1);
    public static final int TCP_QUICKACK = Platform.pick(12, -1, -1);
    public static final int TCP_USER_TIMEOUT = Platform.pick(18, -1, -1);
    public static final int TCP_FASTOPEN = Platform.pick(23, 0x105, 1025);

    public static final int IPV6_V6ONLY = Platform.pick(26, 27, 27);

    static final StructLayout LINGER = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("l_onoff"), ValueLayout.JAVA_INT.withName("l_linger"));

    private static final MemorySegment SETSOCKOPT = Native.function("setsockopt");
    private static final MemorySegment GETSOCKOPT = Native.function("getsockopt");

    private Sockopt() {}

    /** Sets an option from memory. */
    public static int setsockopt(int fd, int level, int option, long address, int length, CallState state) {
        return state.result(Native.intCall(SETSOCKOPT, state, fd, level, option, address, length));
    }

    /** Sets an option whose value is an int. */
    public static int setsockopt(int fd, int level, int option, int value, CallState state) {
        long at = state.scratch();
        NativeMemory.putInt(at, value);
        return setsockopt(fd, level, option, at, Integer.BYTES, state);
    }

    /** Reads an option to memory; {@code lengthAddress} is an int with the room before and the length after. */
    public static int getsockopt(int fd, int level, int option, long address, long lengthAddress, CallState state) {
        return state.result(Native.intCall(GETSOCKOPT, state, fd, level, option, address, lengthAddress));
    }

    /** An option whose value is a non-negative int, or -errno. */
    public static int getsockopt(int fd, int level, int option, CallState state) {
        long at = state.scratch();
        NativeMemory.putInt(at, 0);
        NativeMemory.putInt(at + Integer.BYTES, Integer.BYTES);
        int result = getsockopt(fd, level, option, at, at + Integer.BYTES, state);
        return result < 0 ? result : NativeMemory.getInt(at);
    }

    /** What close(2) does with unsent data: {@code -1} restores the kernel's way, 0 seconds makes it a reset (RST). */
    public static int setLinger(int fd, int seconds, CallState state) {
        long at = state.scratch();
        NativeMemory.putInt(at, seconds < 0 ? 0 : 1);
        NativeMemory.putInt(at + Integer.BYTES, Math.max(seconds, 0));
        return setsockopt(fd, SOL_SOCKET, SO_LINGER, at, (int) LINGER.byteSize(), state);
    }

    /** The socket's pending error as a positive errno (0 for none), which this call clears; or -errno. */
    public static int takeError(int fd, CallState state) {
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, state);
    }
}
