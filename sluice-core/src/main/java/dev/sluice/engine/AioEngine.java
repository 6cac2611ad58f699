package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.OpenFile;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The JDK's {@link AsynchronousSocketChannel} (I/O completion ports on Windows): the portable proactor.
 *
 * <pre>
 *   JDK's internal thread ──(completion handlers as tasks)──▶ {@link AioTasks} ──▶ poll: run them: each writes its
 *   result into its handle and queues the handle ──▶ tell the results of this turn ──▶ arm again what is still armed
 * </pre>
 *
 * A read or write that can be done at once runs its handler inside the call that started it; since handlers only
 * queue, the result is told from poll all the same. The handlers are made once for each engine, with the handle as
 * attachment.
 *
 * <p>An armed receive owns one buffer of {@value #RECEIVE_BYTES} bytes. The JDK can't cancel a read: one that ends
 * after {@link #stopReceiving} keeps its bytes here until receiving is armed again. Each turn tells a connection one
 * receive, which is its budget.
 *
 * <p>What the JDK lacks: Unix-domain sockets (EAFNOSUPPORT), moving a channel to another group, and SO_LINGER: a
 * close with {@code reset} is an orderly end here, unless bytes of the peer are unread, when the kernel resets by
 * itself (RFC 9293 section 3.6.1).
 *
 * <p>Chunks must lie in memory that never goes away under the JDK: malloc(3), or the global arena. It leaves a shared
 * arena acquired for good where a pending write fails.
 *
 * <p>System calls are counted as they are asked for: one for each accept, read and write.
 */
public final class AioEngine implements LoopEngine {
    private static final int RECEIVE_BYTES = 8 * 1024;
    private static final int ACCEPTS_PER_TURN = 64;
    /** The internal thread has nothing to do any more; this bounds the wait for it to notice. */
    private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final AioTasks tasks = new AioTasks();
    private final AsynchronousChannelGroup group;
    private final DirectBuffers inputs = new DirectBuffers(RECEIVE_BYTES);
    private final EngineCounters counters = new EngineCounters();
    private final AioResults results = new AioResults();
    private final AioOutput output = new AioOutput(results, counters);
    private final AioSockets sockets;
    private final Read onRead = new Read();

    /**
     * An engine with a channel group of its own.
     *
     * @throws SysException where no group can be opened (EMFILE …)
     */
    public AioEngine() {
        ChannelSockets.prepare(AioHandle.Listener.class, AioHandle.Peer.class);
        try {
            this.group = AsynchronousChannelGroup.withCachedThreadPool(tasks, 0);
        } catch (IOException e) {
            throw new SysException("AsynchronousChannelGroup.withCachedThreadPool", "", ChannelErrors.errno(e));
        }
        this.sockets = new AioSockets(group, tasks, results, counters);
    }

    /** Every JDK has asynchronous channels; says whose. */
    public static Availability availability() {
        return Availability.yes(
                "the JDK's " + AsynchronousChannelProvider.provider().getClass().getSimpleName());
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return sockets.listen(address, options);
    }

    /** Not possible: the JDK wraps no descriptor that it did not open. */
    @Override
    public Handle listenOn(int descriptor) {
        throw new UnsupportedOperationException("aio can't listen on descriptor " + descriptor
                + " that was opened elsewhere: take --accept reuseport, or --model epoll");
    }

    /** Not possible: a channel belongs to its group for good. */
    @Override
    public Handle adopt(Handle foreign) {
        throw new UnsupportedOperationException(
                "aio can't hand a connection to another loop: take --accept reuseport, or --model nio");
    }

    @Override
    public void accept(Handle listener) {
        AioHandle.Listener h = (AioHandle.Listener) listener;
        if (!h.closed) {
            h.receiving = true;
            sockets.accept(h);
        }
    }

    @Override
    public void stopAccepting(Handle listener) {
        ((AioHandle) listener).receiving = false;
    }

    @Override
    public boolean acceptNow(Handle listener) {
        tasks.run();
        return sockets.tellOne((AioHandle.Listener) listener);
    }

    @Override
    public Handle connect(SocketAddress remote) {
        return sockets.connect(remote);
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        AioHandle.Peer h = (AioHandle.Peer) handle;
        if (h.closed || h.receiving) {
            return;
        }
        h.receiving = true;
        if (h.readWaits) {
            results.add(h);
        } else {
            armRead(h);
        }
    }

    private void armRead(AioHandle.Peer h) {
        if (h.reading || h.inputLent) {
            return;
        }
        ByteBuffer buffer = h.input;
        if (buffer == null) {
            buffer = inputs.acquire();
            h.input = buffer;
        }
        h.reading = true;
        h.pending++;
        counters.systemCalls++;
        counters.receives++;
        h.socket.read(buffer.clear(), h, onRead);
    }

    @Override
    public void stopReceiving(Handle handle) {
        ((AioHandle) handle).receiving = false;
    }

    @Override
    public void send(Handle handle, Chunk first) {
        output.send((AioHandle.Peer) handle, first);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        output.sendFile((AioHandle.Peer) handle, file, position, count);
    }

    @Override
    public void shutdownOutput(Handle handle) {
        AioHandle.Peer h = (AioHandle.Peer) handle;
        if (!h.closed) {
            counters.systemCalls++;
            ChannelSockets.refusable(h.socket::shutdownOutput);
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        AioHandle h = (AioHandle) handle;
        if (h.closed) {
            return;
        }
        h.closed = true;
        h.receiving = false;
        counters.systemCalls++;
        ChannelSockets.close(h.channel, reset);
        if (h instanceof AioHandle.Listener listener && listener.newcomer != null) {
            ChannelSockets.close(listener.newcomer, false); // came, and was not told yet
            listener.newcomer = null;
        }
        results.add(h);
    }

    // ---- what the JDK says; on the loop's thread

    private final class Read implements CompletionHandler<Integer, AioHandle.Peer> {
        @Override
        public void completed(Integer count, AioHandle.Peer h) {
            read(h, Math.max(count, 0)); // -1 is the end of the stream
        }

        @Override
        public void failed(Throwable error, AioHandle.Peer h) {
            read(h, -ChannelErrors.errno(error));
        }

        private void read(AioHandle.Peer h, int result) {
            h.reading = false;
            h.pending--;
            h.readWaits = true;
            h.readResult = result;
            results.add(h);
        }
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        tasks.enter();
        counters.waits++;
        tasks.run();
        if (!tasks.takeWoken() && results.isEmpty() && timeoutNanos != 0) {
            await(timeoutNanos);
        }
        tellQueued();
    }

    private void await(long timeoutNanos) {
        long deadline = System.nanoTime() + Math.max(timeoutNanos, 0);
        long left = timeoutNanos;
        do {
            tasks.await(left);
            tasks.run();
            left = timeoutNanos < 0 ? -1 : deadline - System.nanoTime();
        } while (!tasks.takeWoken() && results.isEmpty() && (timeoutNanos < 0 || left > 0));
    }

    /** Tells what is queued now; what is queued meanwhile waits for the next turn. */
    private void tellQueued() {
        for (int n = results.count(); n > 0; n--) {
            AioHandle h = results.remove();
            counters.readyEvents++;
            switch (h) {
                case AioHandle.Listener listener -> sockets.tell(listener, ACCEPTS_PER_TURN);
                case AioHandle.Peer peer -> tell(peer);
            }
            if (h.closed && h.pending == 0 && !h.closedTold && !h.queued) {
                h.closedTold = true;
                release(h);
                h.completion().closed();
            }
        }
    }

    private void release(AioHandle h) {
        if (h instanceof AioHandle.Peer peer && peer.input != null) {
            inputs.release(peer.input);
            peer.input = null;
        }
    }

    private void tell(AioHandle.Peer h) {
        if (h.connectedWaits && !h.closed) {
            h.connectedWaits = false;
            h.completion().connected(h.connectedResult);
        }
        if (h.sentWaits) {
            h.sentWaits = false;
            if (!h.closed) {
                h.completion().sent(h.sentResult);
            }
        }
        if (h.readWaits && !h.closed && (h.receiving || h.readResult < 0)) {
            tellRead(h, h.readResult);
        }
    }

    private void tellRead(AioHandle.Peer h, int result) {
        h.readWaits = false;
        if (result <= 0) {
            h.receiving = false;
            release(h);
            h.completion().receiveEnded(result);
            return;
        }
        ByteBuffer input = Objects.requireNonNull(h.input, "a read without a buffer");
        counters.receivedBytes += result;
        h.inputLent = true;
        h.completion().received(input.flip());
        h.inputLent = false;
        if (h.receiving) {
            armRead(h);
        } else {
            release(h);
        }
    }

    @Override
    public void wake() {
        tasks.wake();
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    /** Also waits for the JDK's internal thread. */
    @Override
    public void close() {
        ChannelSockets.refusable(group::shutdownNow);
        inputs.close();
        output.close();
        try {
            tasks.joinInternal(JOIN_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
