package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import java.lang.foreign.Arena;
import java.net.SocketAddress;

/** What the rings of one loop share. */
final class UringShared implements AutoCloseable {
    final Arena arena = Arena.ofShared();
    final CallState state = new CallState(arena);
    final EngineCounters counters = new EngineCounters();
    final UringWake wake = new UringWake();
    final NativeBlocks addresses = new NativeBlocks(SocketAddresses.MAX_BYTES, 256);
    /** What one connection may receive in one turn; before Linux 6.17 only the buffers bound that. */
    final int turnBytes;
    /** An option's value: 1. */
    final long one = arena.allocate(Integer.BYTES, Integer.BYTES).address();
    /** A {@code struct linger} that makes of a close a reset: on, for 0 seconds. */
    final long lingerNot = arena.allocate(2L * Integer.BYTES, Integer.BYTES).address();

    /** Where a peer's address is left. */
    final long peerName = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES).address();

    UringShared(int turnBytes) {
        this.turnBytes = turnBytes;
        NativeMemory.putInt(one, 1);
        NativeMemory.putInt(lingerNot, 1);
    }

    int peerFamily() {
        return NativeMemory.getShort(peerName);
    }

    SocketAddress peer() {
        return SocketAddresses.decode(peerName, SocketAddresses.MAX_BYTES);
    }

    @Override
    public void close() {
        wake.close();
        addresses.close();
        arena.close();
    }
}
