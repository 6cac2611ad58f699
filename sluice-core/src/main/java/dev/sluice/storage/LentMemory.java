package dev.sluice.storage;

import dev.sluice.disk.Disk;
import dev.sluice.engine.RingPort;
import dev.sluice.os.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that is registered with a ring, so that the kernel needn't look its pages up and hold them with each operation: slabs,
 * cut into blocks of powers of two, which are lent again when they come back. For the ring's thread.
 *
 * <p>Registered pages are locked, and count for RLIMIT_MEMLOCK. A slab that it refuses is lent all the same, and used as any other
 * memory.
 */
final class LentMemory {
    private static final int SLAB_BYTES = 1 << 20;
    /** Places in the table of registered buffers. */
    private static final int SLABS = 64;

    private static final int SIZES = 32;
    private static final int UNREGISTERED = -1;

    /** Memory of one registration, or of none. */
    private record Slab(Arena arena, MemorySegment memory, long address, long end, int number) {}

    private final RingPort port;
    private final List<Slab> slabs = new ArrayList<>();
    private final List<ArrayDeque<ByteBuffer>> free = new ArrayList<>();
    private long cut;

    LentMemory(RingPort port) {
        this.port = port;
        for (int i = 0; i < SIZES; i++) {
            free.add(new ArrayDeque<>(0));
        }
    }

    /** A cleared buffer of so many bytes, aligned to a page. */
    ByteBuffer lend(int bytes) {
        int size = sizeOf(Math.max(bytes, Disk.PAGE_BYTES));
        ByteBuffer block = free.get(size).pollLast();
        block = block == null ? cut(1 << size) : block.clear();
        return block.capacity() == bytes ? block : block.slice(0, bytes);
    }

    /** The power of two that has so many bytes at least. */
    private static int sizeOf(int bytes) {
        if (bytes > 1 << 30) {
            throw new IllegalArgumentException("a buffer of " + bytes + " bytes: lend 1 GiB at most");
        }
        return Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1);
    }

    private ByteBuffer cut(int bytes) {
        if (slabs.isEmpty() || slabs.getLast().end - slabs.getLast().address - cut < bytes) {
            slabs.add(slab(Math.max(bytes, SLAB_BYTES)));
            cut = 0;
        }
        Slab slab = slabs.getLast();
        cut += bytes;
        return block(slab, cut - bytes, bytes);
    }

    private static ByteBuffer block(Slab slab, long offset, int bytes) {
        return slab.memory.asSlice(offset, bytes).asByteBuffer();
    }

    private Slab slab(int bytes) {
        Arena arena = Arena.ofShared();
        MemorySegment memory = arena.allocate(bytes, Disk.PAGE_BYTES);
        int number = register(memory, slabs.size());
        return new Slab(arena, memory, memory.address(), memory.address() + bytes, number);
    }

    private int register(MemorySegment memory, int number) {
        boolean table = number > 0 || Uring.registerSparseBuffers(port.descriptor(), SLABS, port.calls()) == 0;
        boolean registered = table
                && number < SLABS
                && Uring.registerBuffer(port.descriptor(), number, memory.address(), memory.byteSize(), port.calls())
                        == 1;
        return registered ? number : UNREGISTERED;
    }

    void takeBack(ByteBuffer lent) {
        lent.clear();
        int size = sizeOf(Math.max(lent.capacity(), Disk.PAGE_BYTES));
        long address = MemorySegment.ofBuffer(lent).address();
        Slab slab = find(address, 1L << size);
        if (slab == null) {
            throw new IllegalArgumentException("a buffer that this disk didn't lend");
        }
        boolean whole = lent.capacity() == 1 << size;
        free.get(size).addLast(whole ? lent : block(slab, address - slab.address, 1 << size));
    }

    /** The number of the registered buffer that memory lies in, or a negative one. */
    int registration(long address, long bytes) {
        Slab slab = find(address, bytes);
        return slab == null ? UNREGISTERED : slab.number;
    }

    private @Nullable Slab find(long address, long bytes) {
        for (int i = 0; i < slabs.size(); i++) { // one or two, nearly always
            Slab slab = slabs.get(i);
            if (address >= slab.address && address + bytes <= slab.end) {
                return slab;
            }
        }
        return null;
    }

    /** After the ring's end. */
    void close() {
        slabs.forEach(slab -> slab.arena.close());
        slabs.clear();
    }
}
