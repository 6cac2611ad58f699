package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Socket addresses to and from the kernel's structures, {@code netinet/in.h} and {@code sys/un.h}:
 *
 * <pre>
 * struct sockaddr_in  { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr;
 *                       char sin_zero[8]; };                                                                        //
 * 16
 * struct sockaddr_in6 { sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo;
 *                       struct in6_addr sin6_addr; uint32_t sin6_scope_id; };                                     // 28
 * struct sockaddr_un  { sa_family_t sun_family; char sun_path[108]; };          // 110; 106 on macOS and FreeBSD
 * </pre>
 *
 * The family is two bytes on Linux; on macOS and FreeBSD a byte of length comes first and the family has one byte.
 */
public final class SocketAddresses {
    /** Room for an address of any family: sizeof(struct sockaddr_storage). */
    public static final int MAX_BYTES = 128;

    /** The longest path of a Unix domain socket in bytes, without its terminating NUL. */
    public static final int MAX_PATH_BYTES = Platform.pick(107, 103, 103);

    private static final ValueLayout.OfShort NET_SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final boolean HAS_LENGTH_BYTE = Platform.isMacos() || Platform.isFreebsd();

    static final StructLayout SOCKADDR_IN = MemoryLayout.structLayout(
            ValueLayout.JAVA_SHORT.withName("sin_family"),
            NET_SHORT.withName("sin_port"),
            MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_BYTE).withName("sin_addr"),
            MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_BYTE).withName("sin_zero"));
    static final StructLayout SOCKADDR_IN6 = MemoryLayout.structLayout(
            ValueLayout.JAVA_SHORT.withName("sin6_family"),
            NET_SHORT.withName("sin6_port"),
            ValueLayout.JAVA_INT.withName("sin6_flowinfo"),
            MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("sin6_addr"),
            ValueLayout.JAVA_INT.withName("sin6_scope_id"));
    static final StructLayout SOCKADDR_UN = MemoryLayout.structLayout(
            ValueLayout.JAVA_SHORT.withName("sun_family"),
            MemoryLayout.sequenceLayout(MAX_PATH_BYTES + 1, ValueLayout.JAVA_BYTE)
                    .withName("sun_path"));

    private static final long IN_PORT = SOCKADDR_IN.byteOffset(groupElement("sin_port"));
    private static final long IN_ADDR = SOCKADDR_IN.byteOffset(groupElement("sin_addr"));
    private static final long IN6_ADDR = SOCKADDR_IN6.byteOffset(groupElement("sin6_addr"));
    private static final long IN6_SCOPE = SOCKADDR_IN6.byteOffset(groupElement("sin6_scope_id"));
    private static final int UN_PATH = (int) SOCKADDR_UN.byteOffset(groupElement("sun_path"));

    private SocketAddresses() {}

    /** The family in which an address is encoded: {@code AF_INET}, {@code AF_INET6} or {@code AF_UNIX}. */
    public static int family(SocketAddress address) {
        // No switch here and in encode: one over types is code that the JDK generates at its first use, in 2 ms each.
        if (address instanceof UnixDomainSocketAddress) {
            return Sockets.AF_UNIX;
        }
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return inet.getAddress() instanceof Inet6Address ? Sockets.AF_INET6 : Sockets.AF_INET;
        }
        throw new IllegalArgumentException("not a resolved internet or Unix address: " + address);
    }

    /** {@link #encode(SocketAddress, int, long)} in the address's own family. */
    public static int encode(SocketAddress address, long to) {
        return encode(address, family(address), to);
    }

    /**
     * Writes an address for a socket of the given family to at most {@link #MAX_BYTES} bytes and returns the length. An
     * IPv4 address becomes an IPv4-mapped one for an {@code AF_INET6} socket.
     *
     * @throws IllegalArgumentException if the address is unresolved, doesn't fit the family, or its path is too long
     */
    public static int encode(SocketAddress address, int family, long to) {
        NativeMemory.clear(to, MAX_BYTES);
        if (family == Sockets.AF_UNIX && address instanceof UnixDomainSocketAddress unix) {
            return encodeUnix(unix, to);
        }
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            if (family == Sockets.AF_INET && inet.getAddress() instanceof Inet4Address v4) {
                return encodeInet(v4, inet.getPort(), to);
            }
            if (family == Sockets.AF_INET6) {
                return encodeInet6(inet.getAddress(), inet.getPort(), to);
            }
        }
        throw new IllegalArgumentException(address + " is no address of family " + family);
    }

    /** The length of an encoded address of {@code AF_INET} or {@code AF_INET6}. */
    public static int internetBytes(int family) {
        return (int) (family == Sockets.AF_INET6 ? SOCKADDR_IN6.byteSize() : SOCKADDR_IN.byteSize());
    }

    /**
     * Reads an address that the kernel wrote. An unnamed Unix domain socket has the empty path.
     *
     * @throws IllegalArgumentException if the family is none of the three
     */
    public static SocketAddress decode(long from, int length) {
        int family = length == 0 ? Sockets.AF_UNIX : familyAt(from);
        if (family == Sockets.AF_INET) {
            return new InetSocketAddress(inetAddress(from + IN_ADDR, 4, 0), portAt(from));
        }
        if (family == Sockets.AF_INET6) {
            int scope = NativeMemory.getInt(from + IN6_SCOPE);
            return new InetSocketAddress(inetAddress(from + IN6_ADDR, 16, scope), portAt(from));
        }
        if (family == Sockets.AF_UNIX) {
            return decodeUnix(from, length);
        }
        throw new IllegalArgumentException("an address of the unknown family " + family);
    }

    private static int encodeInet(Inet4Address address, int port, long to) {
        int length = (int) SOCKADDR_IN.byteSize();
        putHeader(to, Sockets.AF_INET, length);
        putPort(to, port);
        NativeMemory.copy(address.getAddress(), 0, 4, to + IN_ADDR);
        return length;
    }

    private static int encodeInet6(InetAddress address, int port, long to) {
        int length = (int) SOCKADDR_IN6.byteSize();
        putHeader(to, Sockets.AF_INET6, length);
        putPort(to, port);
        byte[] bytes = address.getAddress();
        if (address instanceof Inet6Address v6) {
            NativeMemory.copy(bytes, 0, 16, to + IN6_ADDR);
            NativeMemory.putInt(to + IN6_SCOPE, v6.getScopeId());
        } else if (!address.isAnyLocalAddress()) {
            // ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); 0.0.0.0 stays ::, which binds to both families.
            NativeMemory.putShort(to + IN6_ADDR + 10, (short) -1);
            NativeMemory.copy(bytes, 0, 4, to + IN6_ADDR + 12);
        }
        return length;
    }

    private static int encodeUnix(UnixDomainSocketAddress address, long to) {
        byte[] path = address.getPath().toString().getBytes(StandardCharsets.UTF_8);
        if (path.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("the path of a Unix domain socket has at most " + MAX_PATH_BYTES
                    + " bytes, this one has " + path.length + ": " + address);
        }
        int length = path.length == 0 ? UN_PATH : UN_PATH + path.length + 1;
        putHeader(to, Sockets.AF_UNIX, length);
        NativeMemory.copy(path, 0, path.length, to + UN_PATH);
        return length;
    }

    private static UnixDomainSocketAddress decodeUnix(long from, int length) {
        byte[] path = new byte[Math.max(Math.min(length, MAX_BYTES) - UN_PATH, 0)];
        NativeMemory.copy(from + UN_PATH, path, 0, path.length);
        if (path.length > 0 && path[0] == 0) {
            path[0] = '@'; // Linux's abstract namespace, as ss(8) and netstat(8) write it; a Path can't hold a NUL.
        }
        int end = 0;
        while (end < path.length && path[end] != 0) {
            end++;
        }
        return UnixDomainSocketAddress.of(new String(Arrays.copyOf(path, end), StandardCharsets.UTF_8));
    }

    private static InetAddress inetAddress(long from, int bytes, int scope) {
        byte[] raw = new byte[bytes];
        NativeMemory.copy(from, raw, 0, bytes);
        try {
            return scope == 0 ? InetAddress.getByAddress(raw) : Inet6Address.getByAddress(null, raw, scope);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are always an address", e);
        }
    }

    private static void putHeader(long to, int family, int length) {
        if (HAS_LENGTH_BYTE) {
            NativeMemory.putByte(to, (byte) length);
            NativeMemory.putByte(to + 1, (byte) family);
        } else {
            NativeMemory.putShort(to, (short) family);
        }
    }

    private static int familyAt(long from) {
        return HAS_LENGTH_BYTE ? NativeMemory.getByte(from + 1) : NativeMemory.getShort(from);
    }

    private static void putPort(long to, int port) {
        // Network order; sin6_port is where sin_port is.
        NativeMemory.putShort(to + IN_PORT, Short.reverseBytes((short) port));
    }

    private static int portAt(long from) {
        return Short.toUnsignedInt(Short.reverseBytes(NativeMemory.getShort(from + IN_PORT)));
    }
}
