package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Poll;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * What a handle's own thread does: wait outside the domain, tell what came inside it, look what to wait for next.
 *
 * <pre>
 *   enter → tell what came → settle → decide → leave → wait
 *     ^                                                  |
 *     +--------------------------------------------------+      until the handle is closed
 * </pre>
 */
final class BlockingCaller implements Runnable {
    private static final int RECEIVE_BYTES = 16 * 1024;

    private final BlockingEngine engine;
    private final EngineCounters counters;
    private final Turnstile turnstile;
    private final BlockingHandle handle;
    private final Runnable first;

    BlockingCaller(BlockingEngine engine, Turnstile turnstile, BlockingHandle handle, Runnable first) {
        this.engine = engine;
        this.counters = engine.counters();
        this.turnstile = turnstile;
        this.handle = handle;
        this.first = first;
    }

    @Override
    public void run() {
        long memory = handle.listener ? 0 : NativeMemory.allocate(RECEIVE_BYTES);
        try {
            handle.call.attach();
            loop(new CallState(), memory);
        } finally {
            handle.call.detach();
            NativeMemory.free(memory);
        }
    }

    private void loop(CallState state, long memory) {
        ByteBuffer buffer = NativeMemory.segment(memory, handle.listener ? 0 : RECEIVE_BYTES)
                .asByteBuffer();
        int waited = BlockingEngine.RUNNING;
        long result = 0;
        boolean started = false;
        while (waited != BlockingEngine.CLOSE) {
            turnstile.enter();
            try {
                if (!started) {
                    started = true;
                    first.run();
                }
                handle.waiting = BlockingEngine.RUNNING;
                tell(waited, result, memory, buffer);
                waited = decide();
            } catch (Throwable e) {
                waited = giveUp(e);
            } finally {
                turnstile.leave();
            }
            result = await(waited, memory, state);
        }
    }

    /** Inside. What to wait for once everything that could be done is done; it is published, so that it can be woken. */
    private int decide() {
        boolean calm = turnstile.settle();
        while (handle.wanted() == BlockingEngine.TELL_END) {
            handle.endWaits = false;
            handle.armed = false;
            handle.completion().receiveEnded(handle.endResult);
            calm = turnstile.settle();
        }
        int wanted = handle.wanted();
        if (wanted == BlockingEngine.CLOSE) {
            engine.closeDescriptor(handle);
            while (!turnstile.settle()) {
                Thread.onSpinWait(); // the thread ends after this; what is left is done here
            }
            return wanted;
        }
        if (!calm) {
            return handle.listener || handle.connectTo != null
                    ? BlockingEngine.RUNNING
                    : BlockingEngine.POLL
                            | BlockingEngine.NOW
                            | (handle.armed ? BlockingEngine.IN : 0)
                            | (handle.outputWaits() ? BlockingEngine.OUT : 0);
        }
        boolean blocks = wanted == BlockingEngine.RECEIVE || wanted == BlockingEngine.ACCEPT;
        if (blocks && engine.nonBlocking(handle, false) < 0) {
            wanted = BlockingEngine.POLL | BlockingEngine.IN;
        }
        handle.waiting = wanted;
        counters.waits++;
        return wanted;
    }

    /** Inside. An error of ours must not leave the descriptor open, nor the thread without an end. */
    private int giveUp(Throwable error) {
        if (!handle.closed) {
            engine.close(handle, true);
            engine.closeDescriptor(handle);
        }
        turnstile.broken(error);
        turnstile.settle();
        return BlockingEngine.CLOSE;
    }

    // ---- outside the domain

    private long await(int wanted, long memory, CallState state) {
        if (wanted == BlockingEngine.RUNNING || wanted == BlockingEngine.CLOSE) {
            return 0;
        }
        if ((wanted & BlockingEngine.NOW) != 0) {
            return poll(wanted, state);
        }
        if (wanted == BlockingEngine.RECEIVE && turnstile.givesWay()) {
            Thread.yield();
        }
        if (!handle.call.begin()) {
            return -Errno.EINTR;
        }
        try {
            return block(wanted, memory, state);
        } finally {
            handle.call.end();
        }
    }

    private long block(int wanted, long memory, CallState state) {
        return switch (wanted) {
            case BlockingEngine.RECEIVE -> Sockets.recv(handle.fd, memory, RECEIVE_BYTES, 0, state);
            case BlockingEngine.ACCEPT -> Sockets.accept4(handle.fd, Sockets.SOCK_CLOEXEC, state);
            case BlockingEngine.CONNECT -> connect(memory, state);
            case BlockingEngine.PARK -> {
                handle.call.park();
                yield -Errno.EINTR;
            }
            default -> poll(wanted, state);
        };
    }

    private long connect(long memory, CallState state) {
        SocketAddress remote = handle.connectTo;
        if (remote == null) {
            return -Errno.EINTR;
        }
        int family = SocketAddresses.family(remote);
        int length = SocketAddresses.encode(remote, family, memory);
        int result = Sockets.connect(handle.fd, memory, length, state);
        if (result == -Errno.EISCONN) {
            return 0; // an interrupted connect went on without us and succeeded
        }
        if (result == -Errno.EALREADY) {
            // The BSDs don't wait for an interrupted connect a second time.
            int ready = Poll.pollOne(handle.fd, Poll.POLLOUT, -1, state);
            return ready <= 0 ? ready : -Math.abs(Sockopt.takeError(handle.fd, state));
        }
        return result;
    }

    private long poll(int wanted, CallState state) {
        int events = ((wanted & BlockingEngine.IN) != 0 ? Poll.POLLIN : 0)
                | ((wanted & BlockingEngine.OUT) != 0 ? Poll.POLLOUT : 0);
        return Poll.pollOne(handle.fd, events, (wanted & BlockingEngine.NOW) != 0 ? 0 : -1, state);
    }

    // ---- inside the domain

    private void tell(int waited, long result, long memory, ByteBuffer buffer) {
        if (waited == BlockingEngine.RUNNING || waited == BlockingEngine.PARK) {
            return;
        }
        counters.systemCalls++;
        if (handle.closing) {
            if (waited == BlockingEngine.ACCEPT && result >= 0) {
                accepted((int) result); // nobody else will answer it
            }
            return;
        }
        switch (waited) {
            case BlockingEngine.RECEIVE -> received(result, buffer);
            case BlockingEngine.ACCEPT -> accepted((int) result);
            case BlockingEngine.CONNECT -> connected((int) result);
            default -> ready((int) result, memory, buffer);
        }
    }

    private void received(long n, ByteBuffer buffer) {
        counters.receives++;
        if (n > 0) {
            counters.receivedBytes += n;
            handle.completion().received(buffer.clear().limit((int) n));
        } else if (n != -Errno.EINTR && n != -Errno.EAGAIN) {
            ended((int) n);
        }
    }

    private void ended(int result) {
        if (handle.armed) {
            handle.armed = false;
            handle.completion().receiveEnded(result);
        } else {
            handle.endWaits = true;
            handle.endResult = result;
            handle.hungUp = true;
        }
    }

    private void accepted(int fd) {
        if (fd >= 0) {
            handle.full = false;
            counters.accepts++;
            handle.completion().accepted(engine.adopt(fd));
        } else if (!handle.full && (fd == -Errno.EMFILE || fd == -Errno.ENFILE)) {
            handle.full = true;
        } else if (fd != -Errno.EINTR && fd != -Errno.EAGAIN) {
            counters.acceptFailures++;
            handle.completion().acceptFailed(fd);
        }
    }

    /** A newcomer waits, though there may be no descriptor for it; without waiting, should it have gone meanwhile. */
    private void acceptWaiting() {
        counters.systemCalls++;
        int switched = engine.nonBlocking(handle, true);
        accepted(switched < 0 ? switched : Sockets.accept4(handle.fd, Sockets.SOCK_CLOEXEC, engine.state()));
    }

    private void connected(int result) {
        if (result != -Errno.EINTR) {
            handle.connectTo = null;
            handle.completion().connected(result);
        }
    }

    private void ready(int revents, long memory, ByteBuffer buffer) {
        if (revents <= 0) {
            return; // interrupted, or asked in passing and nothing there
        }
        counters.readyEvents++;
        if (handle.listener) {
            if (handle.armed) {
                acceptWaiting();
            }
            return;
        }
        boolean broken = (revents & (Poll.POLLERR | Poll.POLLHUP)) != 0;
        if (handle.outputWaits() && (broken || (revents & Poll.POLLOUT) != 0)) {
            engine.trySend(handle);
        }
        if (handle.armed && (broken || (revents & Poll.POLLIN) != 0)) {
            counters.systemCalls++;
            received(Sockets.recvNow(handle.fd, memory, RECEIVE_BYTES, 0, engine.state()), buffer);
        } else if (broken && !handle.outputWaits() && !handle.sentWaits) {
            hungUp();
        }
    }

    /** A reset, or the ends of both sides, while nothing is armed: the reset is told at once, since it ends everything. */
    private void hungUp() {
        counters.systemCalls++;
        int error = Sockopt.takeError(handle.fd, engine.state());
        handle.hungUp = true;
        if (error != 0) {
            handle.completion().receiveEnded(-Math.abs(error));
        }
    }
}
