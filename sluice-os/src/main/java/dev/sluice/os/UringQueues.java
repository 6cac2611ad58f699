package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A ring's two queues, mapped and shared with the kernel. One thread owns them: all calls come from it. After
 * {@link #close} there are no entries and no completions.
 *
 * <p>Orderings, as io_uring(7) demands: we store the submission tail and the completion head with release, and load
 * what the kernel writes (submission head, completion tail, flags) with acquire.
 */
public final class UringQueues implements AutoCloseable {
    private static final int SUPPORTED_FLAGS = Uring.IORING_SETUP_SQPOLL
            | Uring.IORING_SETUP_CQSIZE
            | Uring.IORING_SETUP_CLAMP
            | Uring.IORING_SETUP_ATTACH_WQ
            | Uring.IORING_SETUP_R_DISABLED
            | Uring.IORING_SETUP_SUBMIT_ALL
            | Uring.IORING_SETUP_COOP_TASKRUN
            | Uring.IORING_SETUP_TASKRUN_FLAG
            | Uring.IORING_SETUP_SINGLE_ISSUER
            | Uring.IORING_SETUP_DEFER_TASKRUN
            | Uring.IORING_SETUP_NO_SQARRAY;

    private static final int IORING_SQ_NEED_WAKEUP = 1;
    private static final int IORING_SQ_CQ_OVERFLOW = 1 << 1;
    private static final int IORING_SQ_TASKRUN = 1 << 2;

    private static final long SQE_BYTES = Sqe.LAYOUT.byteSize();
    private static final long CQE_BYTES = Cqe.LAYOUT.byteSize();

    /** {@code struct io_uring_getevents_arg { __u64 sigmask; __u32 sigmask_sz; __u32 min_wait_usec; __u64 ts; }}. */
    static final StructLayout GETEVENTS_ARG = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("sigmask"),
            ValueLayout.JAVA_INT.withName("sigmask_sz"),
            ValueLayout.JAVA_INT.withName("min_wait_usec"),
            ValueLayout.JAVA_LONG.withName("ts"));

    /** {@code struct io_uring_rsrc_update { __u32 offset; __u32 resv; __aligned_u64 data; }}. */
    static final StructLayout RSRC_UPDATE = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("offset"),
            ValueLayout.JAVA_INT.withName("resv"),
            ValueLayout.JAVA_LONG.withName("data"));

    private static final long ARG_TS = GETEVENTS_ARG.byteOffset(groupElement("ts"));
    private static final long UPDATE_OFFSET = RSRC_UPDATE.byteOffset(groupElement("offset"));
    private static final long UPDATE_DATA = RSRC_UPDATE.byteOffset(groupElement("data"));

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final MemorySegment ALL = NativeMemory.all();

    private final UringMapping mapping;
    private final UringCalls calls;
    private final boolean polled;
    private final long argument;
    private final long sqHead;
    private final long sqTail;
    private final long sqFlags;
    private final long sqes;
    private final int sqEntries;
    private final int sqMask;
    private final long cqHead;
    private final long cqTail;
    private final long cqOverflow;
    private final long cqes;
    private final int cqMask;

    private boolean open = true;
    private int nextTail;
    private int knownHead;
    private int completionHead;
    private int registeredFd = -1;

    /**
     * Makes a ring.
     *
     * @param sqEntries submission entries, which the kernel rounds up to a power of two
     * @param cqEntries completion entries, likewise, or 0 for twice the submission entries
     * @param flags {@code IORING_SETUP_} flags; one that the kernel doesn't know is {@code EINVAL}
     * @param calls used for this ring from now on, so they belong to the ring's thread
     * @throws SysException if the kernel refuses, or there is no memory to map
     * @throws IllegalArgumentException if a flag changes the size of entries or who submits, which isn't supported here
     */
    public UringQueues(int sqEntries, int cqEntries, int flags, UringCalls calls) {
        this(sqEntries, cqEntries, flags, 0, calls);
    }

    /**
     * Makes a ring, perhaps one with {@link Uring#IORING_SETUP_SQPOLL}.
     *
     * @param idleMillis how long SQPOLL's thread looks for entries before it sleeps; then an {@link #enter} wakes it
     */
    public UringQueues(int sqEntries, int cqEntries, int flags, int idleMillis, UringCalls calls) {
        if ((flags & ~SUPPORTED_FLAGS) != 0) {
            throw new IllegalArgumentException(
                    "unsupported set-up flags 0x" + Integer.toHexString(flags & ~SUPPORTED_FLAGS));
        }
        this.mapping = UringMapping.map(sqEntries, cqEntries, flags, idleMillis, calls);
        this.calls = calls;
        this.polled = (flags & Uring.IORING_SETUP_SQPOLL) != 0;
        this.argument = NativeMemory.allocate(GETEVENTS_ARG.byteSize() + Timespec.LAYOUT.byteSize());
        this.sqHead = mapping.sqField("head");
        this.sqTail = mapping.sqField("tail");
        this.sqFlags = mapping.sqField("flags");
        this.sqes = mapping.sqes();
        this.sqEntries = NativeMemory.getInt(mapping.sqField("ring_entries"));
        this.sqMask = NativeMemory.getInt(mapping.sqField("ring_mask"));
        this.cqHead = mapping.cqField("head");
        this.cqTail = mapping.cqField("tail");
        this.cqOverflow = mapping.cqField("overflow");
        this.cqes = mapping.cqField("cqes");
        this.cqMask = NativeMemory.getInt(mapping.cqField("ring_mask"));
        this.nextTail = NativeMemory.getInt(sqTail);
        this.knownHead = nextTail;
        this.completionHead = NativeMemory.getInt(cqHead);
    }

    /** The ring's own descriptor, for {@link Uring#register} and {@link Sqe#messageRing}. */
    public int fd() {
        return mapping.fd();
    }

    /** The {@code IORING_FEAT_} flags of this kernel. */
    public int features() {
        return mapping.features();
    }

    /** The submission entries that there are. */
    public int sqEntries() {
        return sqEntries;
    }

    /** The completion entries that there are; more completions than that overflow. */
    public int cqEntries() {
        return cqMask + 1;
    }

    /** The address of a cleared entry that the next {@link #enter} submits, or 0 if the queue is full: enter first. */
    public long nextSqe() {
        if (nextTail - knownHead >= sqEntries) {
            if (!open) {
                return 0;
            }
            knownHead = (int) INT.getAcquire(ALL, sqHead);
            if (nextTail - knownHead >= sqEntries) {
                return 0;
            }
        }
        long sqe = sqes + (nextTail & sqMask) * SQE_BYTES;
        nextTail++;
        Sqe.clear(sqe);
        return sqe;
    }

    /** How many entries {@link #nextSqe} hands out before the queue is full. */
    public int free() {
        return open ? sqEntries - (nextTail - (int) INT.getAcquire(ALL, sqHead)) : 0;
    }

    /** The entries handed out that the kernel has not consumed. */
    public int unsubmitted() {
        return open ? nextTail - (int) INT.getAcquire(ALL, sqHead) : 0;
    }

    /**
     * Submits every entry handed out, and waits for {@code minComplete} completions unless fewer were consumed than
     * submitted.
     *
     * @param flags {@link Uring#IORING_ENTER_GETEVENTS} or 0; with DEFER_TASKRUN completions appear only with it
     * @param timeoutNanos how long to wait at most, negative for ever; needs {@link Uring#IORING_FEAT_EXT_ARG}
     * @return the entries consumed, or -errno: {@code -ETIME} and {@code -EINTR} are told only when nothing was
     * consumed,
     *     {@code -EBUSY} and {@code -EAGAIN} ask to reap completions first, {@code -EBADR} says that completions were
     * lost
     */
    public int enter(int minComplete, int flags, long timeoutNanos) {
        if (!open) {
            return -Errno.EBADF;
        }
        INT.setRelease(ALL, sqTail, nextTail);
        knownHead = (int) INT.getAcquire(ALL, sqHead);
        int all = flags;
        long argumentBytes = 0;
        if (timeoutNanos >= 0) {
            Timespec.put(argument + GETEVENTS_ARG.byteSize(), timeoutNanos);
            NativeMemory.putLong(argument + ARG_TS, argument + GETEVENTS_ARG.byteSize());
            argumentBytes = GETEVENTS_ARG.byteSize();
            all |= Uring.IORING_ENTER_EXT_ARG;
        }
        if (polled && sleeps()) {
            all |= Uring.IORING_ENTER_SQ_WAKEUP;
        }
        int fd = mapping.fd();
        if (registeredFd >= 0) {
            fd = registeredFd;
            all |= Uring.IORING_ENTER_REGISTERED_RING;
        }
        long pointer = argumentBytes == 0 ? 0 : argument;
        return calls.enter(fd, nextTail - knownHead, minComplete, all, pointer, argumentBytes);
    }

    /** With SQPOLL: shows its thread the entries handed out; whether it sleeps, so that an {@link #enter} must wake it. */
    public boolean publish() {
        INT.setRelease(ALL, sqTail, nextTail);
        return sleeps();
    }

    private boolean sleeps() {
        VarHandle.fullFence(); // the tail is stored before the flag is read, as the kernel does it the other way round
        return ((int) INT.getAcquire(ALL, sqFlags) & IORING_SQ_NEED_WAKEUP) != 0;
    }

    /** Whether a thread of the kernel takes the entries (SQPOLL). */
    public boolean isPolled() {
        return polled;
    }

    /** The completions that can be read now with {@link #cqe}. */
    public int ready() {
        return open ? (int) INT.getAcquire(ALL, cqTail) - completionHead : 0;
    }

    /** The address of the {@code index}th of the {@link #ready} completions, valid until {@link #advance} passes it. */
    public long cqe(int index) {
        return cqes + (completionHead + index & cqMask) * CQE_BYTES;
    }

    /** Gives the first {@code count} completions' entries back to the kernel. */
    public void advance(int count) {
        if (open) {
            completionHead += count;
            INT.setRelease(ALL, cqHead, completionHead);
        }
    }

    /** Whether completions wait in the kernel for entries to come free: enter with GETEVENTS brings them. */
    public boolean overflowed() {
        return open && ((int) INT.getAcquire(ALL, sqFlags) & IORING_SQ_CQ_OVERFLOW) != 0;
    }

    /** Whether the kernel has work to run in an enter; told only with {@link Uring#IORING_SETUP_TASKRUN_FLAG}. */
    public boolean taskrunPending() {
        return open && ((int) INT.getAcquire(ALL, sqFlags) & IORING_SQ_TASKRUN) != 0;
    }

    /** Completions lost for good, because the kernel found no memory for them or lacks IORING_FEAT_NODROP; mod 2^32. */
    public int lostCompletions() {
        return open ? (int) INT.getAcquire(ALL, cqOverflow) : 0;
    }

    /**
     * Registers the ring with the calling thread, since Linux 5.18, so that each enter saves looking its descriptor up.
     *
     * @return 1, or -errno after which enters go on as before
     */
    public int registerRingFd() {
        long update = calls.state().scratch();
        NativeMemory.putInt(update + UPDATE_OFFSET, -1); // any free slot
        NativeMemory.putInt(update + UPDATE_OFFSET + Integer.BYTES, 0);
        NativeMemory.putLong(update + UPDATE_DATA, mapping.fd());
        int result = calls.register(mapping.fd(), Uring.IORING_REGISTER_RING_FDS, update, 1);
        if (result == 1) {
            registeredFd = NativeMemory.getInt(update + UPDATE_OFFSET);
        }
        return result;
    }

    /** Starts a ring made with {@link Uring#IORING_SETUP_R_DISABLED}; the calling thread becomes its issuer. */
    public int enable() {
        return calls.register(mapping.fd(), Uring.IORING_REGISTER_ENABLE_RINGS, 0, 0);
    }

    /**
     * Cancels what is in flight and frees the rings. The memory of operations must outlive them, so reap them first.
     */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        knownHead = nextTail - sqEntries; // full for nextSqe
        if (registeredFd >= 0) {
            long update = calls.state().scratch();
            NativeMemory.putInt(update + UPDATE_OFFSET, registeredFd);
            NativeMemory.putInt(update + UPDATE_OFFSET + Integer.BYTES, 0);
            NativeMemory.putLong(update + UPDATE_DATA, 0);
            // From another thread this fails, and the owner's end gives the slot back instead.
            calls.register(mapping.fd(), Uring.IORING_UNREGISTER_RING_FDS, update, 1);
        }
        mapping.unmap(calls);
        NativeMemory.free(argument);
    }
}
