package dev.sluice.sim;

import dev.sluice.OpenFile;
import dev.sluice.engine.Chunk;
import dev.sluice.engine.EngineCounters;
import dev.sluice.engine.FilePart;
import dev.sluice.engine.Handle;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.LoopEngine;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SysException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * An engine of completions straight from the world: the kernel works on what was started while the loop does something
 * else, as behind a ring, and the results are told later, in any order that the contract of an engine allows. What is under
 * test with it is everything above an engine.
 */
final class SimEngine implements LoopEngine {
    private static final int RECEIVE_BYTES = 64 * 1024;
    /** Bytes that wait to be told, of one connection, before the kernel takes more. */
    private static final int UNTOLD_BYTES = 64 * 1024;

    private static final long WORK_LEAST_NANOS = 200;
    private static final long WORK_MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long ACCEPT_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** One poll tells so many at most before it looks at the clock again. */
    private static final int TOLD_MOST = 256;

    private final SimKernel kernel;
    private final World world;
    private final Parking parking;
    private final int turnBytes;
    private final EngineCounters counters = new EngineCounters();
    private final SimCompletions done;
    private final long scratch = NativeMemory.allocate(RECEIVE_BYTES);

    SimEngine(SimKernel kernel, Parking parking, int turnBytes) {
        this.kernel = kernel;
        this.world = kernel.world();
        this.parking = parking;
        this.turnBytes = turnBytes;
        this.done = new SimCompletions(world.dice(), ByteBuffer.allocateDirect(RECEIVE_BYTES));
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return handle(kernel.listen(address, options));
    }

    @Override
    public Handle listenOn(int descriptor) {
        SysException.check(kernel.setNonBlocking(descriptor), "fcntl", "fd=" + descriptor);
        return handle(descriptor);
    }

    private SimHandle handle(int fd) {
        Pollable file = kernel.file(fd);
        if (file == null) {
            throw new SysException("handle", "fd=" + fd, Errno.EBADF);
        }
        return new SimHandle(this, kernel, fd, file);
    }

    @Override
    public void accept(Handle listener) {
        arm((SimHandle) listener);
    }

    @Override
    public void stopAccepting(Handle listener) {
        disarm((SimHandle) listener);
    }

    @Override
    public boolean acceptNow(Handle listener) {
        SimHandle h = (SimHandle) listener;
        int fd = kernel.accept(h.fd);
        if (fd >= 0) {
            counters.accepts++;
            h.completion().accepted(handle(fd));
        }
        return fd >= 0 || fd == -Errno.EINTR;
    }

    @Override
    public Handle adopt(Handle foreign) {
        SimHandle old = (SimHandle) foreign;
        old.file.unwatch(old);
        return new SimHandle(this, kernel, old.fd, old.file);
    }

    @Override
    public Handle connect(SocketAddress remote) {
        int fd = SysException.check(kernel.socket(remote), "socket", remote);
        SimHandle h = handle(fd);
        h.connecting = true;
        int result = kernel.connect(fd, remote);
        if (result != -Errno.EINPROGRESS) {
            h.connecting = false;
            complete(() -> done.connected(h, result));
        }
        return h;
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        arm((SimHandle) handle);
    }

    @Override
    public void stopReceiving(Handle handle) {
        disarm((SimHandle) handle);
    }

    private void arm(SimHandle h) {
        h.disarming = false;
        if (!h.closing && !h.inputEnded) {
            h.armed = true;
            lookAtInput(h);
        }
    }

    /** The kernel may still be at it: what it takes until it sees the cancellation is told. */
    private void disarm(SimHandle h) {
        if (!h.armed || world.dice().nextBoolean()) {
            h.armed = false;
            return;
        }
        h.disarming = true;
        later(() -> {
            if (h.disarming) {
                h.disarming = false;
                h.armed = false;
            }
        });
    }

    @Override
    public void send(Handle handle, Chunk first) {
        SimHandle h = (SimHandle) handle;
        assert !h.sends() : "one send at a time";
        h.chain = first;
        lookAtOutput(h);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        SimHandle h = (SimHandle) handle;
        assert !h.sends() : "one send at a time";
        h.part = new FilePart(file, position, count);
        lookAtOutput(h);
    }

    @Override
    public void shutdownOutput(Handle handle) {
        SimHandle h = (SimHandle) handle;
        if (!h.closing) {
            kernel.shutdownOutput(h.fd);
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        SimHandle h = (SimHandle) handle;
        if (h.closing) {
            return;
        }
        h.closing = true;
        h.armed = false;
        boolean drop = world.dice().nextBoolean();
        later(() -> {
            h.chain = null;
            h.part = null;
            if (reset) {
                kernel.resetOnClose(h.fd);
            }
            kernel.close(h.fd);
            complete(() -> done.closed(h, drop));
        });
    }

    // ---- the kernel's side

    /** Something changed about a handle's socket. */
    void woken(SimHandle h) {
        if (h.connecting) {
            later(() -> lookAtConnect(h));
        }
        lookAtInput(h);
        lookAtOutput(h);
    }

    /** A completion of received bytes was told: there is room for more. */
    void told(SimHandle h) {
        lookAtInput(h);
    }

    private void later(Runnable work) {
        later(0, work);
    }

    private void later(long nanos, Runnable work) {
        world.in(nanos + world.dice().spread(WORK_LEAST_NANOS, WORK_MOST_NANOS), work);
    }

    private void complete(Runnable completion) {
        completion.run();
        parking.unpark();
    }

    private void lookAtConnect(SimHandle h) {
        if (!h.connecting || h.closing || h.socket().isConnecting()) {
            return;
        }
        h.connecting = false;
        int error = h.socket().takeError();
        complete(() -> done.connected(h, -error));
        lookAtInput(h);
        lookAtOutput(h);
    }

    private void lookAtInput(SimHandle h) {
        if (h.armed && !h.inputDue && !h.connecting && !h.inputEnded) {
            h.inputDue = true;
            later(() -> {
                h.inputDue = false;
                if (h.armed && !h.inputEnded && !h.closing) {
                    takeInput(h);
                }
            });
        }
    }

    private void takeInput(SimHandle h) {
        if (h.isListener()) {
            takeNewcomer(h);
            return;
        }
        int room = Math.min(UNTOLD_BYTES, turnBytes) - h.untold;
        if (room <= 0) {
            return; // told() looks again
        }
        int n = (int) kernel.receive(h.fd, scratch, Math.min(room, RECEIVE_BYTES));
        if (n > 0) {
            byte[] bytes = new byte[n];
            NativeMemory.copy(scratch, bytes, 0, n);
            h.untold += n;
            counters.receives++;
            counters.receivedBytes += n;
            complete(() -> done.received(h, ByteBuffer.wrap(bytes)));
            lookAtInput(h);
        } else if (n == -Errno.EINTR) {
            lookAtInput(h);
        } else if (n != -Errno.EAGAIN) {
            h.armed = false;
            h.inputEnded = true;
            complete(() -> done.receiveEnded(h, n));
        }
    }

    private void takeNewcomer(SimHandle listener) {
        int fd = kernel.accept(listener.fd);
        if (fd >= 0) {
            counters.accepts++;
            SimHandle peer = handle(fd);
            complete(() -> done.accepted(listener, peer));
            lookAtInput(listener);
        } else if (fd == -Errno.EINTR) {
            lookAtInput(listener);
        } else if (fd != -Errno.EAGAIN && listener.file.readiness() != 0) {
            counters.acceptFailures++;
            complete(() -> done.acceptFailed(listener, fd));
            world.in(ACCEPT_AGAIN_NANOS, () -> lookAtInput(listener));
        }
    }

    private void lookAtOutput(SimHandle h) {
        if (h.sends() && !h.outputDue && !h.connecting) {
            h.outputDue = true;
            boolean reads = h.part != null && h.part.file() instanceof SimOpenFile;
            later(reads ? kernel.host().disk().operationNanos() : 0, () -> {
                h.outputDue = false;
                if (h.sends()) {
                    takeOutput(h);
                }
            });
        }
    }

    private void takeOutput(SimHandle h) {
        Chunk chain = h.chain;
        FilePart part = h.part;
        long n = -Errno.EAGAIN;
        if (chain != null) {
            n = kernel.gather(h.fd, chain);
        } else if (part != null) {
            n = kernel.sendFile(h.fd, part.file(), part.position(), part.count());
        }
        if (n == -Errno.EINTR) {
            lookAtOutput(h);
        } else if (n != -Errno.EAGAIN) {
            h.chain = null;
            h.part = null;
            counters.sends++;
            counters.sentBytes += Math.max(n, 0);
            long result = n;
            complete(() -> done.sent(h, result));
        }
    }

    // ---- the loop's side

    @Override
    public void poll(long timeoutNanos) {
        counters.waits++;
        kernel.enter();
        boolean woken = parking.takeWake();
        if (done.isEmpty() && !woken) {
            parking.park(timeoutNanos);
            return;
        }
        int most = world.dice().chance(0.2) ? 1 + world.dice().below(3) : TOLD_MOST;
        for (int i = 0; i < most && done.tellOne(); i++) {
            counters.readyEvents++;
        }
    }

    @Override
    public void wake() {
        parking.wake();
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        NativeMemory.free(scratch);
    }
}
