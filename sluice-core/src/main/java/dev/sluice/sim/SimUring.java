package dev.sluice.sim;

import dev.sluice.UringOptions;
import dev.sluice.engine.UringEngine;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Uring;
import dev.sluice.os.UringCalls;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * io_uring's system calls on a simulated kernel, for the rings of one loop. What this kernel knows, of that which came with
 * Linux 6.1 to 6.17, is the seed's.
 *
 * <p>A wait can't block the world's only thread: it parks the loop and leaves the engine's poll by {@link Parking.Waits}, as
 * if the call had not returned yet; the loop polls again once it is unparked.
 */
final class SimUring extends UringCalls {
    private static final int ALWAYS_KNOWN = Uring.IORING_SETUP_CQSIZE
            | Uring.IORING_SETUP_CLAMP
            | Uring.IORING_SETUP_R_DISABLED
            | Uring.IORING_SETUP_SUBMIT_ALL
            | Uring.IORING_SETUP_COOP_TASKRUN
            | Uring.IORING_SETUP_TASKRUN_FLAG
            | Uring.IORING_SETUP_SINGLE_ISSUER;

    // struct io_uring_params
    private static final int PARAMS_CQ_ENTRIES = 4;
    private static final int PARAMS_FLAGS = 8;
    // struct io_uring_getevents_arg, struct __kernel_timespec
    private static final int ARG_TS = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    // struct io_uring_buf_reg
    private static final int BUF_RING_ENTRIES = 8;
    private static final int BUF_GROUP = 12;
    private static final int BUF_FLAGS = 14;
    private static final int IOU_PBUF_RING_INC = 2;
    // struct io_uring_probe
    private static final int PROBE_BYTES = 16;
    private static final int PROBE_OP_BYTES = 8;
    private static final int PROBE_OP_FLAGS = 2;
    private static final int OP_SUPPORTED = 1;

    private final SimKernel kernel;
    private final Parking parking;
    private final Map<Integer, SimRing> registered = new HashMap<>();
    private final int knownFlags;
    private final boolean knowsInstall;
    private final boolean knowsIncremental;
    private final boolean knowsLimit;

    SimUring(SimKernel kernel, Parking parking) {
        super(new CallState());
        this.kernel = kernel;
        this.parking = parking;
        Dice dice = kernel.world().dice();
        int flags = ALWAYS_KNOWN;
        flags |= dice.chance(0.9) ? Uring.IORING_SETUP_DEFER_TASKRUN : 0; // Linux 6.1
        flags |= dice.chance(0.8) ? Uring.IORING_SETUP_NO_SQARRAY : 0; // Linux 6.6
        this.knownFlags = flags;
        this.knowsInstall = dice.chance(0.8); // Linux 6.8
        this.knowsIncremental = dice.chance(0.7); // Linux 6.12
        this.knowsLimit = dice.chance(0.5); // Linux 6.17
    }

    /** An engine over such a kernel, with small queues, tables and buffers, so that a small world fills them. */
    static UringEngine engine(SimKernel kernel, Parking parking, int turnBytes) {
        return new UringEngine(options(kernel.world().dice()), turnBytes, new SimUring(kernel, parking), kernel);
    }

    private static UringOptions options(Dice dice) {
        int submissions = 1 << dice.below(7);
        int buffers = 2 << dice.below(5);
        return UringOptions.builder()
                .entries(submissions, submissions << dice.below(5))
                .buffers(buffers, (int) dice.spread(16, 64 * 1024 / buffers))
                .direct(dice.any(UringOptions.Direct.values()))
                .incremental(dice.chance(0.7))
                .multishot(dice.chance(0.8))
                .completionsPerPoll((int) dice.spread(8, 512))
                .level(dice.chance(0.8) ? 0 : dice.below(4))
                .zeroCopy(dice.chance(0.3) ? (int) dice.spread(1, 4096) : 0)
                .tablePlaces((int) dice.spread(1, 256))
                .rings(1 + dice.below(4))
                .spin(dice.chance(0.1) ? 1 + dice.below(50) : 0)
                .build();
    }

    boolean knowsLimit() {
        return knowsLimit;
    }

    // ---- set-up

    @Override
    public int setup(int entries, long params) {
        kernel.enter();
        int flags = NativeMemory.getInt(params + PARAMS_FLAGS);
        int cqEntries = (flags & Uring.IORING_SETUP_CQSIZE) != 0
                ? NativeMemory.getInt(params + PARAMS_CQ_ENTRIES)
                : 2 * entries;
        if ((flags & ~knownFlags) != 0 || cqEntries < entries) {
            return -Errno.EINVAL;
        }
        RingMemory memory = new RingMemory(entries, cqEntries, (flags & Uring.IORING_SETUP_NO_SQARRAY) == 0, params);
        SimRing ring = new SimRing(this, kernel, memory, (flags & Uring.IORING_SETUP_R_DISABLED) == 0);
        int fd = registered.isEmpty() ? kernel.openFirst(ring) : kernel.open(ring);
        if (fd < 0) {
            memory.free();
        }
        return fd;
    }

    private @Nullable SimRing ring(int fd) {
        return kernel.file(fd) instanceof SimRing ring ? ring : null;
    }

    @Override
    public long map(int fd, long offset, long bytes) {
        SimRing ring = ring(fd);
        return ring == null ? -Errno.EBADF : ring.memory().at(offset);
    }

    @Override
    public void unmap(long address, long bytes) {
        // the memory goes with the ring
    }

    @Override
    public void close(int fd) {
        kernel.close(fd);
    }

    @Override
    public long nanoTime() {
        kernel.enter(); // time passes by looking at the clock
        return kernel.world().now();
    }

    // ---- entering

    @Override
    public int enter(int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes) {
        kernel.enter();
        SimRing ring = (flags & Uring.IORING_ENTER_REGISTERED_RING) != 0 ? registered.get(fd) : ring(fd);
        if (ring == null) {
            return -Errno.EBADF;
        }
        long timeout = -1;
        if ((flags & Uring.IORING_ENTER_EXT_ARG) != 0) {
            long timespec = NativeMemory.getLong(argument + ARG_TS);
            timeout = NativeMemory.getLong(timespec) * NANOS_PER_SECOND + NativeMemory.getLong(timespec + Long.BYTES);
        }
        return ring.enter(submitCount, minComplete, flags, timeout);
    }

    /** Waits for a ring's completions; returns only where it isn't to wait. */
    int park(long nanos) {
        if (nanos == 0) {
            return -Errno.ETIME;
        }
        parking.park(nanos);
        throw new Parking.Waits();
    }

    void unpark() {
        parking.unpark();
    }

    // ---- registering

    @Override
    public int register(int fd, int operation, long argument, int count) {
        kernel.enter();
        SimRing ring = ring(fd);
        if (ring == null) {
            return -Errno.EBADF;
        }
        return switch (operation) {
            case Uring.IORING_REGISTER_ENABLE_RINGS -> {
                ring.enable();
                yield 0;
            }
            case Uring.IORING_REGISTER_RING_FDS -> registerRing(ring, argument);
            case Uring.IORING_UNREGISTER_RING_FDS -> {
                registered.remove(NativeMemory.getInt(argument));
                yield 1;
            }
            case Uring.IORING_REGISTER_PBUF_RING -> registerBuffers(ring, argument);
            case Uring.IORING_UNREGISTER_PBUF_RING ->
                ring.removeBuffers(Short.toUnsignedInt(NativeMemory.getShort(argument + BUF_GROUP)));
            case Uring.IORING_REGISTER_EVENTFD -> {
                Pollable eventFd = kernel.file(NativeMemory.getInt(argument));
                if (eventFd == null) {
                    yield -Errno.EBADF;
                }
                ring.announceOn(eventFd);
                yield 0;
            }
            case Uring.IORING_REGISTER_PROBE -> probe(argument, count);
            case Uring.IORING_REGISTER_FILES2 -> ring.makeTable(NativeMemory.getInt(argument));
            default -> -Errno.EINVAL;
        };
    }

    private int registerRing(SimRing ring, long update) {
        int index = 0;
        while (registered.containsKey(index)) {
            index++;
        }
        registered.put(index, ring);
        NativeMemory.putInt(update, index);
        return 1;
    }

    private int registerBuffers(SimRing ring, long registration) {
        int flags = NativeMemory.getShort(registration + BUF_FLAGS);
        if (flags != 0 && !(flags == IOU_PBUF_RING_INC && knowsIncremental)) {
            return -Errno.EINVAL;
        }
        return ring.addBuffers(
                Short.toUnsignedInt(NativeMemory.getShort(registration + BUF_GROUP)),
                new RingBuffers(
                        NativeMemory.getLong(registration),
                        NativeMemory.getInt(registration + BUF_RING_ENTRIES),
                        flags != 0));
    }

    private int probe(long probe, int count) {
        NativeMemory.putByte(probe, (byte) (count - 1));
        NativeMemory.putByte(probe + 1, (byte) Math.min(count, 255));
        for (int op = 0; op < count; op++) {
            boolean known =
                    op <= Uring.IORING_OP_SENDMSG_ZC || (op == Uring.IORING_OP_FIXED_FD_INSTALL && knowsInstall);
            NativeMemory.putShort(probe + PROBE_BYTES + (long) op * PROBE_OP_BYTES + PROBE_OP_FLAGS, (short)
                    (known ? OP_SUPPORTED : 0));
        }
        return 0;
    }
}
