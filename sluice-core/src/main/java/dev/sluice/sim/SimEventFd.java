package dev.sluice.sim;

import dev.sluice.engine.WakeSignal;
import dev.sluice.os.SysException;

/** An eventfd(2) by which a loop is woken; nobody reads it. */
final class SimEventFd extends Pollable implements WakeSignal {
    private final SimKernel kernel;
    private final int fd;
    private boolean written;

    SimEventFd(SimKernel kernel) {
        this.kernel = kernel;
        this.fd = SysException.check(kernel.openFirst(this), "eventfd", "");
    }

    @Override
    public int descriptor() {
        return fd;
    }

    /** Each write tells those who wait, whatever was written before. */
    @Override
    public void wake() {
        written = true;
        wake(IN);
    }

    @Override
    int readiness() {
        return written ? IN | OUT : OUT;
    }

    /** Closes the descriptor; what is under way on it still holds it. */
    @Override
    public void close() {
        if (kernel.file(fd) == this) {
            kernel.close(fd);
        }
    }
}
