package dev.sluice.os;

/**
 * The system calls behind a ring: the machine's ({@link #machine}), or a simulated kernel's. Where only one of them is loaded
 * the compiler calls it directly, so the choice costs nothing.
 *
 * <p>Results are values or {@code -errno}. One thread at a time uses it.
 */
public abstract class UringCalls {
    private final CallState state;

    /** @param state for the memory of small structures, and for buffers, which are the process's own in any case */
    protected UringCalls(CallState state) {
        this.state = state;
    }

    /** The calls of the kernel that this process runs on. */
    public static UringCalls machine(CallState state) {
        return new MachineUring(state);
    }

    final CallState state() {
        return state;
    }

    /** io_uring_setup(2): a ring's descriptor, with the {@code struct io_uring_params} at {@code params} filled. */
    public abstract int setup(int entries, long params);

    /** mmap(2) of one of a ring's parts, by its {@code IORING_OFF_} offset: an address. */
    public abstract long map(int fd, long offset, long bytes);

    /** munmap(2) of what {@link #map} returned. */
    public abstract void unmap(long address, long bytes);

    /** io_uring_enter(2): see {@link Uring#enter}. */
    public abstract int enter(int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes);

    /** io_uring_register(2). */
    public abstract int register(int fd, int operation, long argument, int count);

    /** close(2) of a ring. */
    public abstract void close(int fd);

    /** The clock by which a loop looks at a ring's memory for a while: {@link System#nanoTime}. */
    public abstract long nanoTime();
}
