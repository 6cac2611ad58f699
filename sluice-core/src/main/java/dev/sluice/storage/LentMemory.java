package dev.sluice.storage;

import dev.sluice.disk.Disk;
import dev.sluice.engine.RingPort;
import dev.sluice.os.Uring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that disks lend: blocks of powers of two, which are lent again when they come back. For one thread at a time.
 *
 * <p>With a ring, blocks are cut out of slabs that are registered with it, so that the kernel needn't look their pages up and hold
 * them with each operation. Registered pages are locked, and count for RLIMIT_MEMLOCK. A slab that it refuses is lent all the same,
 * and used as any other memory. Without a ring each block is a slab of its own, and the collector's in the end.
 *
 * <p>The address of a lent buffer is kept, since the JDK makes objects to tell it.
 */
final class LentMemory {
    private static final int SLAB_BYTES = 1 << 20;
    /** Places in the table of registered buffers. */
    private static final int SLABS = 64;

    private static final int SIZES = 32;
    private static final int UNREGISTERED = -1;

    /** Memory of one registration, or of none. */
    private record Slab(Arena arena, MemorySegment memory, long address, long end, int number) {}

    private record Block(ByteBuffer buffer, long address, int size) {}

    private final @Nullable RingPort port;
    private final List<Slab> slabs = new ArrayList<>();
    private final List<ArrayDeque<Block>> free = new ArrayList<>();
    private final IdentityHashMap<ByteBuffer, Block> lent = new IdentityHashMap<>();
    private long cut;
    private boolean closed;

    /** @param port the ring that it is registered with */
    LentMemory(@Nullable RingPort port) {
        this.port = port;
        for (int i = 0; i < SIZES; i++) {
            free.add(new ArrayDeque<>(0));
        }
    }

    /** A cleared buffer of so many bytes, aligned to a page. */
    ByteBuffer lend(int bytes) {
        int size = sizeOf(Math.max(bytes, Disk.PAGE_BYTES));
        Block block = free.get(size).pollLast();
        if (block == null) {
            block = cut(size);
        }
        ByteBuffer whole = block.buffer.clear();
        ByteBuffer buffer = whole.capacity() == bytes ? whole : whole.slice(0, bytes);
        lent.put(buffer, block);
        return buffer;
    }

    /** The power of two that has so many bytes at least. */
    private static int sizeOf(int bytes) {
        if (bytes > 1 << 30) {
            throw new IllegalArgumentException("a buffer of " + bytes + " bytes: lend 1 GiB at most");
        }
        return Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1);
    }

    private Block cut(int size) {
        int bytes = 1 << size;
        if (slabs.isEmpty() || slabs.getLast().end - slabs.getLast().address - cut < bytes) {
            slabs.add(slab(port == null ? bytes : Math.max(bytes, SLAB_BYTES)));
            cut = 0;
        }
        Slab slab = slabs.getLast();
        MemorySegment memory = slab.memory.asSlice(cut, bytes);
        cut += bytes;
        return new Block(memory.asByteBuffer(), memory.address(), size);
    }

    private Slab slab(int bytes) {
        Arena arena = port == null ? Arena.ofAuto() : Arena.ofShared();
        MemorySegment memory = arena.allocate(bytes, Disk.PAGE_BYTES);
        int number = port == null ? UNREGISTERED : register(port, memory, slabs.size());
        return new Slab(arena, memory, memory.address(), memory.address() + bytes, number);
    }

    private static int register(RingPort port, MemorySegment memory, int number) {
        boolean table = number > 0 || Uring.registerSparseBuffers(port.descriptor(), SLABS, port.calls()) == 0;
        boolean registered = table
                && number < SLABS
                && Uring.registerBuffer(port.descriptor(), number, memory.address(), memory.byteSize(), port.calls())
                        == 1;
        return registered ? number : UNREGISTERED;
    }

    void takeBack(ByteBuffer buffer) {
        Block block = lent.remove(buffer);
        if (block != null) {
            free.get(block.size).addLast(block);
        } else if (!closed) {
            throw new IllegalArgumentException("a buffer that this disk hasn't lent");
        }
    }

    /** The address of a buffer's position. */
    long address(ByteBuffer buffer) {
        Block block = lent.get(buffer);
        return block == null ? MemorySegment.ofBuffer(buffer).address() : block.address + buffer.position();
    }

    /** The number of the registered buffer that memory lies in, or a negative one. */
    int registration(long address, long bytes) {
        for (int i = 0; i < slabs.size(); i++) { // one or two, nearly always
            Slab slab = slabs.get(i);
            if (address >= slab.address && address + bytes <= slab.end) {
                return slab.number;
            }
        }
        return UNREGISTERED;
    }

    /** Nothing uses it any more; after the end of its ring. */
    void close() {
        closed = true;
        if (port != null) {
            slabs.forEach(slab -> slab.arena.close());
        }
        slabs.clear();
        free.forEach(ArrayDeque::clear);
        lent.clear();
    }
}
