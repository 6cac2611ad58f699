package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A group of buffers provided to a ring, from which the kernel picks one when data is there: an idle connection owns
 * none. Since Linux 5.19. The thread of the ring owns it.
 *
 * <pre>
 * struct io_uring_buf     { __u64 addr; __u32 len; __u16 bid; __u16 resv; };              // 16 bytes
 * struct io_uring_buf_reg { __u64 ring_addr; __u32 ring_entries; __u16 bgid; __u16 flags;
 *                           __u64 resv[3]; };                                            // 40 bytes
 * </pre>
 *
 * The ring's tail is the {@code resv} of its first entry.
 */
public final class BufferRing implements AutoCloseable {
    /**
     * Since Linux 6.12: a receive takes of a buffer only what it fills, and the next one goes on behind it, in the order of
     * the completions. The buffer comes back when one lacks {@link Cqe#IORING_CQE_F_BUF_MORE}.
     */
    public static final int IOU_PBUF_RING_INC = 2;

    /** The most buffers of one group. */
    public static final int MAX_COUNT = 1 << 15;

    static final StructLayout BUF = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("addr"),
            ValueLayout.JAVA_INT.withName("len"),
            ValueLayout.JAVA_SHORT.withName("bid"),
            ValueLayout.JAVA_SHORT.withName("resv"));
    static final StructLayout BUF_REG = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("ring_addr"),
            ValueLayout.JAVA_INT.withName("ring_entries"),
            ValueLayout.JAVA_SHORT.withName("bgid"),
            ValueLayout.JAVA_SHORT.withName("flags"),
            MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_LONG).withName("resv"));

    private static final long BUF_BYTES = BUF.byteSize();
    private static final long ADDR = BUF.byteOffset(groupElement("addr"));
    private static final long LEN = BUF.byteOffset(groupElement("len"));
    private static final long BID = BUF.byteOffset(groupElement("bid"));
    private static final long TAIL = BUF.byteOffset(groupElement("resv"));
    private static final long REG_ADDR = BUF_REG.byteOffset(groupElement("ring_addr"));
    private static final long REG_ENTRIES = BUF_REG.byteOffset(groupElement("ring_entries"));
    private static final long REG_BGID = BUF_REG.byteOffset(groupElement("bgid"));
    private static final long REG_FLAGS = BUF_REG.byteOffset(groupElement("flags"));

    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final MemorySegment ALL = NativeMemory.all();

    private final int ringFd;
    private final int group;
    private final int count;
    private final int bufferBytes;
    private final long ring;
    private final long buffers;
    /** The buffers' memory is the ring's own. */
    private final boolean owned;

    private final UringCalls calls;

    private boolean open = true;
    private int tail;

    /** A group whose buffers are filled by one receive each; see the other constructor. */
    public BufferRing(int ringFd, int group, int count, int bufferBytes, UringCalls calls) {
        this(ringFd, group, count, bufferBytes, 0, calls);
    }

    /**
     * Registers a ring for {@code count} buffers (a power of two, at most {@link #MAX_COUNT}). The kernel gets none yet:
     * {@link #add} them. Their memory is taken page by page as the kernel fills it.
     *
     * @param flags {@link #IOU_PBUF_RING_INC} or 0; one that the kernel doesn't know is {@code EINVAL}
     * @throws SysException if the kernel refuses the group, or there is no memory
     */
    public BufferRing(int ringFd, int group, int count, int bufferBytes, int flags, UringCalls calls) {
        this(ringFd, group, count, bufferBytes, 0, flags, calls);
    }

    /**
     * The same over memory of the caller's, which stays put until the group is closed, or its ring; there may be less of it, where
     * fewer buffers are added.
     *
     * @throws SysException if the kernel refuses the group, or there is no memory
     */
    public static BufferRing over(int ringFd, int group, int count, int bufferBytes, long memory, UringCalls calls) {
        return new BufferRing(ringFd, group, count, bufferBytes, memory, 0, calls);
    }

    private BufferRing(int ringFd, int group, int count, int bufferBytes, long given, int flags, UringCalls calls) {
        if (Integer.bitCount(count) != 1 || count > MAX_COUNT || bufferBytes <= 0) {
            throw new IllegalArgumentException("no group of " + count + " buffers of " + bufferBytes + " bytes");
        }
        this.ringFd = ringFd;
        this.group = group;
        this.count = count;
        this.bufferBytes = bufferBytes;
        this.calls = calls;
        this.owned = given == 0;
        CallState state = calls.state();
        // The ring must start at a page, as mappings do; the buffers have one of their own.
        this.ring = SysException.check(MemoryMapping.anonymous(ringBytes(), state), "mmap", ringBytes() + " bytes");
        long memory = owned ? MemoryMapping.anonymous(buffersBytes(), state) : given;
        int registered = memory < 0 ? (int) memory : register(flags);
        if (registered < 0) {
            MemoryMapping.munmap(ring, ringBytes(), state);
            if (owned && memory >= 0) {
                MemoryMapping.munmap(memory, buffersBytes(), state);
            }
            String subject = "buffer ring, fd=" + ringFd + ", group=" + group + ", " + count + "x" + bufferBytes;
            throw new SysException(memory < 0 ? "mmap" : "io_uring_register", subject, -registered);
        }
        this.buffers = memory;
    }

    /**
     * Gives a buffer, or gives it back; the kernel sees it after {@link #publish}. Adding one that the kernel still has
     * corrupts data.
     */
    public void add(int id) {
        if (!open) {
            return;
        }
        long entry = ring + (tail & count - 1) * BUF_BYTES;
        NativeMemory.putLong(entry + ADDR, address(id));
        NativeMemory.putInt(entry + LEN, bufferBytes);
        NativeMemory.putShort(entry + BID, (short) id); // and not the 2 bytes behind it: entry 0 has the tail there
        tail++;
    }

    /** Gives all of them. */
    public void addAll() {
        for (int id = 0; id < count; id++) {
            add(id);
        }
        publish();
    }

    /** Shows the kernel every buffer added so far. */
    public void publish() {
        if (open) {
            SHORT.setRelease(ALL, ring + TAIL, (short) tail);
        }
    }

    /** Where a buffer's bytes are, valid until it is added again. */
    public long address(int id) {
        return buffers + (long) id * bufferBytes;
    }

    public int group() {
        return group;
    }

    public int count() {
        return count;
    }

    public int bufferBytes() {
        return bufferBytes;
    }

    /** Takes the group from the ring and frees its own memory; no receive may be armed on it. */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        // Fails when the ring was closed before, which has taken the group from it already.
        long registration = registration();
        calls.register(ringFd, Uring.IORING_UNREGISTER_PBUF_RING, registration, 1);
        CallState state = calls.state();
        MemoryMapping.munmap(ring, ringBytes(), state);
        if (owned) {
            MemoryMapping.munmap(buffers, buffersBytes(), state);
        }
    }

    private int register(int flags) {
        long registration = registration();
        NativeMemory.putShort(registration + REG_FLAGS, (short) flags);
        NativeMemory.putLong(registration + REG_ADDR, ring);
        NativeMemory.putInt(registration + REG_ENTRIES, count);
        return calls.register(ringFd, Uring.IORING_REGISTER_PBUF_RING, registration, 1);
    }

    private long registration() {
        long registration = calls.state().scratch();
        NativeMemory.clear(registration, BUF_REG.byteSize());
        NativeMemory.putShort(registration + REG_BGID, (short) group);
        return registration;
    }

    private long ringBytes() {
        return count * BUF_BYTES;
    }

    private long buffersBytes() {
        return (long) count * bufferBytes;
    }
}
