package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.UringCalls;
import java.lang.foreign.Arena;
import java.net.SocketAddress;

/** What the rings of one loop share. */
final class UringShared implements AutoCloseable {
    final Arena arena;
    /** What the rings ask their kernel. */
    final UringCalls ringCalls;
    /** What is asked about ordinary descriptors. */
    final FdCalls fdCalls;

    final EngineCounters counters = new EngineCounters();
    final UringWake wake;
    final NativeBlocks addresses = new NativeBlocks(SocketAddresses.MAX_BYTES, 256);
    /** What one connection may receive in one turn; before Linux 6.17 only the buffers bound that. */
    final int turnBytes;
    /** An option's value: 1. */
    final long one;
    /** A {@code struct linger} that makes of a close a reset: on, for 0 seconds. */
    final long lingerNot;
    /** Where an operation finds a descriptor, and leaves another. */
    final long descriptor;
    /** Where a peer's address is left. */
    final long peerName;

    private UringShared(int turnBytes, UringCalls ringCalls, FdCalls fdCalls, Arena arena) {
        this.turnBytes = turnBytes;
        this.ringCalls = ringCalls;
        this.fdCalls = fdCalls;
        this.arena = arena;
        this.wake = new UringWake(fdCalls.wakeSignal());
        this.one = arena.allocate(Integer.BYTES, Integer.BYTES).address();
        this.descriptor = arena.allocate(Integer.BYTES, Integer.BYTES).address();
        this.lingerNot = arena.allocate(2L * Integer.BYTES, Integer.BYTES).address();
        this.peerName = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES).address();
        NativeMemory.putInt(one, 1);
        NativeMemory.putInt(lingerNot, 1);
    }

    /** On the machine's kernel. */
    static UringShared onMachine(int turnBytes) {
        Arena arena = Arena.ofShared();
        return new UringShared(turnBytes, UringCalls.machine(new CallState()), new KernelCalls(), arena);
    }

    /** On a kernel of one's own. */
    static UringShared on(UringCalls ringCalls, FdCalls fdCalls, int turnBytes) {
        return new UringShared(turnBytes, ringCalls, fdCalls, Arena.ofShared());
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
        fdCalls.release();
        arena.close();
    }
}
