package dev.sluice.source;

import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The addresses that datagrams came from lately, by the kernel's bytes: most come from few, and decoding makes three objects. */
final class PeerAddresses {
    private static final int SIZE = 256;
    /** A sockaddr_in has 16 bytes, a sockaddr_in6 28. */
    private static final int WORDS = 4;

    private final long[] keys = new long[SIZE * WORDS];
    private final @Nullable InetSocketAddress[] addresses = new InetSocketAddress[SIZE];

    /** The internet address at {@code at}, of which {@code length} bytes are the kernel's. */
    InetSocketAddress find(long at, int length) {
        long first = NativeMemory.getLong(at);
        long second = NativeMemory.getLong(at + 8);
        long third = length > 16 ? NativeMemory.getLong(at + 16) : 0;
        long fourth = length > 24 ? NativeMemory.getInt(at + 24) : 0;
        long hash = ((first * 31 + second) * 31 + third) * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 56);
        int key = slot * WORDS;
        InetSocketAddress known = addresses[slot];
        if (known != null
                && keys[key] == first
                && keys[key + 1] == second
                && keys[key + 2] == third
                && keys[key + 3] == fourth) {
            return known;
        }
        InetSocketAddress address = (InetSocketAddress) SocketAddresses.decode(at, length);
        keys[key] = first;
        keys[key + 1] = second;
        keys[key + 2] = third;
        keys[key + 3] = fourth;
        addresses[slot] = address;
        return address;
    }
}
