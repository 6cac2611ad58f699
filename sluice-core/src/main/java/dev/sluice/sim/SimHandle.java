package dev.sluice.sim;

import dev.sluice.engine.Chunk;
import dev.sluice.engine.FilePart;
import dev.sluice.engine.Handle;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@link SimEngine} knows of one socket. */
final class SimHandle extends Handle implements Pollable.Watcher {
    final SimEngine engine;
    private final SimKernel kernel;
    final int fd;
    final Pollable file;
    /** Accepting or receiving is armed. */
    boolean armed;
    /** Disarmed, but the kernel has not seen that yet. */
    boolean disarming;

    boolean inputEnded;
    boolean connecting;
    /** The kernel is about to look at its input, or at its output. */
    boolean inputDue;

    boolean outputDue;
    boolean closing;
    /** Bytes that were received and not yet told. */
    int untold;

    @Nullable
    Chunk chain;

    @Nullable
    FilePart part;

    SimHandle(SimEngine engine, SimKernel kernel, int fd, Pollable file) {
        this.engine = engine;
        this.kernel = kernel;
        this.fd = fd;
        this.file = file;
        file.watch(this);
    }

    SimSocket socket() {
        return (SimSocket) file;
    }

    boolean isListener() {
        return file instanceof SimListener;
    }

    boolean sends() {
        return chain != null || part != null;
    }

    @Override
    public void woken(int key) {
        engine.woken(this);
    }

    @Override
    public SocketAddress localAddress() {
        return kernel.localAddress(fd);
    }

    @Override
    public SocketAddress remoteAddress() {
        return kernel.remoteAddress(fd);
    }

    @Override
    public int descriptor() {
        return closing ? -1 : fd;
    }
}
