package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Sets a ring up and maps its memory, after io_uring_setup(2):
 *
 * <pre>
 * struct io_sqring_offsets { __u32 head, tail, ring_mask, ring_entries, flags, dropped, array, resv1;
 *                            __u64 user_addr; };                                                        //  40 bytes
 * struct io_cqring_offsets { __u32 head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1;
 *                            __u64 user_addr; };                                                        //  40 bytes
 * struct io_uring_params   { __u32 sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd;
 *                            __u32 resv[3];
 *                            struct io_sqring_offsets sq_off; struct io_cqring_offsets cq_off; };       // 120 bytes
 * </pre>
 */
final class UringMapping {
    static final StructLayout SQ_OFFSETS = fields(
                    "head", "tail", "ring_mask", "ring_entries", "flags", "dropped", "array", "resv1")
            .withName("sq_off");
    static final StructLayout CQ_OFFSETS = fields(
                    "head", "tail", "ring_mask", "ring_entries", "overflow", "cqes", "flags", "resv1")
            .withName("cq_off");
    static final StructLayout PARAMS = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("sq_entries"),
            ValueLayout.JAVA_INT.withName("cq_entries"),
            ValueLayout.JAVA_INT.withName("flags"),
            ValueLayout.JAVA_INT.withName("sq_thread_cpu"),
            ValueLayout.JAVA_INT.withName("sq_thread_idle"),
            ValueLayout.JAVA_INT.withName("features"),
            ValueLayout.JAVA_INT.withName("wq_fd"),
            MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_INT).withName("resv"),
            SQ_OFFSETS,
            CQ_OFFSETS);

    private static final long IORING_OFF_SQ_RING = 0;
    private static final long IORING_OFF_CQ_RING = 0x800_0000L;
    private static final long IORING_OFF_SQES = 0x1000_0000L;

    private final int fd;
    private final int features;
    private final long params;
    private final long sqRing;
    private final long sqRingBytes;
    private final long cqRing;
    private final long cqRingBytes;
    private final long sqes;
    private final long sqesBytes;

    private UringMapping(int fd, long params, UringCalls calls) {
        this.fd = fd;
        this.params = params;
        this.features = NativeMemory.getInt(params + offset("features"));
        int sqEntries = NativeMemory.getInt(params + offset("sq_entries"));
        int cqEntries = NativeMemory.getInt(params + offset("cq_entries"));
        long sqBytes = sqOffset("array") + (long) sqEntries * Integer.BYTES;
        long cqBytes = cqOffset("cqes") + cqEntries * Cqe.LAYOUT.byteSize();
        boolean single = (features & Uring.IORING_FEAT_SINGLE_MMAP) != 0;
        this.sqRingBytes = single ? Math.max(sqBytes, cqBytes) : sqBytes;
        this.cqRingBytes = cqBytes;
        this.sqesBytes = sqEntries * Sqe.LAYOUT.byteSize();
        this.sqRing = calls.map(fd, IORING_OFF_SQ_RING, sqRingBytes);
        this.cqRing = single ? sqRing : calls.map(fd, IORING_OFF_CQ_RING, cqRingBytes);
        this.sqes = calls.map(fd, IORING_OFF_SQES, sqesBytes);
    }

    /** @param idleMillis with SQPOLL: how long its thread looks for entries before it sleeps */
    static UringMapping map(int sqEntries, int cqEntries, int flags, int idleMillis, UringCalls calls) {
        long params = NativeMemory.allocate(PARAMS.byteSize());
        int all = cqEntries > 0 ? flags | Uring.IORING_SETUP_CQSIZE : flags;
        NativeMemory.putInt(params + offset("flags"), all);
        NativeMemory.putInt(params + offset("cq_entries"), cqEntries);
        NativeMemory.putInt(params + offset("sq_thread_idle"), idleMillis);
        int fd = calls.setup(sqEntries, params);
        if (fd < 0) {
            NativeMemory.free(params);
            throw new SysException("io_uring_setup", sqEntries + ", flags=0x" + Integer.toHexString(all), -fd);
        }
        UringMapping mapping = new UringMapping(fd, params, calls);
        if (mapping.sqRing < 0 || mapping.cqRing < 0 || mapping.sqes < 0) {
            int errno = (int) -Math.min(mapping.sqRing, Math.min(mapping.cqRing, mapping.sqes));
            mapping.unmap(calls);
            throw new SysException("mmap", "io_uring fd=" + fd, errno);
        }
        if ((all & Uring.IORING_SETUP_NO_SQARRAY) == 0) {
            mapping.fillArray(NativeMemory.getInt(params + offset("sq_entries")));
        }
        return mapping;
    }

    int fd() {
        return fd;
    }

    int features() {
        return features;
    }

    long sqes() {
        return sqes;
    }

    /** The address of a field of the submission ring. */
    long sqField(String name) {
        return sqRing + sqOffset(name);
    }

    /** The address of a field of the completion ring. */
    long cqField(String name) {
        return cqRing + cqOffset(name);
    }

    void unmap(UringCalls calls) {
        if (sqes >= 0) {
            calls.unmap(sqes, sqesBytes);
        }
        if (cqRing >= 0 && cqRing != sqRing) {
            calls.unmap(cqRing, cqRingBytes);
        }
        if (sqRing >= 0) {
            calls.unmap(sqRing, sqRingBytes);
        }
        NativeMemory.free(params);
        calls.close(fd);
    }

    /** Entries are submitted in the order of their slots, so the array of indexes is the identity for good. */
    private void fillArray(int entries) {
        long array = sqField("array");
        for (int i = 0; i < entries; i++) {
            NativeMemory.putInt(array + (long) i * Integer.BYTES, i);
        }
    }

    private long sqOffset(String field) {
        long at = PARAMS.byteOffset(groupElement("sq_off"), groupElement(field));
        return Integer.toUnsignedLong(NativeMemory.getInt(params + at));
    }

    private long cqOffset(String field) {
        long at = PARAMS.byteOffset(groupElement("cq_off"), groupElement(field));
        return Integer.toUnsignedLong(NativeMemory.getInt(params + at));
    }

    private static long offset(String field) {
        return PARAMS.byteOffset(PathElement.groupElement(field));
    }

    private static StructLayout fields(String... names) {
        MemoryLayout[] all = new MemoryLayout[names.length + 1];
        for (int i = 0; i < names.length; i++) {
            all[i] = ValueLayout.JAVA_INT.withName(names[i]);
        }
        all[names.length] = ValueLayout.JAVA_LONG.withName("user_addr");
        return MemoryLayout.structLayout(all);
    }
}
