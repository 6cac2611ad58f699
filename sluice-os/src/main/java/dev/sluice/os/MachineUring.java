package dev.sluice.os;

/** The machine's kernel. */
final class MachineUring extends UringCalls {
    private final CallState state;

    MachineUring(CallState state) {
        super(state);
        this.state = state;
    }

    @Override
    public int setup(int entries, long params) {
        return Uring.setup(entries, params, state);
    }

    @Override
    public long map(int fd, long offset, long bytes) {
        int protection = MemoryMapping.PROT_READ | MemoryMapping.PROT_WRITE;
        int flags = MemoryMapping.MAP_SHARED | MemoryMapping.MAP_POPULATE;
        return MemoryMapping.mmap(bytes, protection, flags, fd, offset, state);
    }

    @Override
    public void unmap(long address, long bytes) {
        MemoryMapping.munmap(address, bytes, state);
    }

    @Override
    public int enter(int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes) {
        return Uring.enter(fd, submitCount, minComplete, flags, argument, argumentBytes, state);
    }

    @Override
    public int register(int fd, int operation, long argument, int count) {
        return Uring.register(fd, operation, argument, count, state);
    }

    @Override
    public void close(int fd) {
        Descriptors.close(fd, state);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
