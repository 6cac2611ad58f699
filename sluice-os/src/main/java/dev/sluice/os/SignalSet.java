package dev.sluice.os;

import java.lang.foreign.Arena;

/**
 * A {@code sigset_t}: bit {@code signal - 1} of 128 bytes in glibc and musl, of which the kernel reads 8; of 4 bytes on
 * macOS and 16 on FreeBSD. Not thread-safe.
 */
public final class SignalSet {
    static final int BYTES = 128;

    private final long address;

    /** An empty set that lives as long as the arena does. */
    public SignalSet(Arena arena) {
        this.address = arena.allocate(BYTES, Long.BYTES).address();
    }

    public SignalSet add(int signal) {
        long at = byteOf(signal);
        NativeMemory.putByte(at, (byte) (NativeMemory.getByte(at) | bit(signal)));
        return this;
    }

    public SignalSet remove(int signal) {
        long at = byteOf(signal);
        NativeMemory.putByte(at, (byte) (NativeMemory.getByte(at) & ~bit(signal)));
        return this;
    }

    public boolean contains(int signal) {
        return (NativeMemory.getByte(byteOf(signal)) & bit(signal)) != 0;
    }

    /** Where the set is, for {@link Poll#ppoll} and {@link Select#pselect}. */
    public long address() {
        return address;
    }

    private long byteOf(int signal) {
        if (signal < 1 || signal > BYTES * Byte.SIZE) {
            throw new IllegalArgumentException("no signal " + signal);
        }
        return address + (signal - 1) / Byte.SIZE;
    }

    private static int bit(int signal) {
        return 1 << (signal - 1) % Byte.SIZE;
    }
}
