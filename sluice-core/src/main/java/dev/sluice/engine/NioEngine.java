package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.OpenFile;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The JDK's {@link Selector}: the portable reactor. It works as {@link ReadinessEngine} does over a level-triggered
 * poller, but holds channels instead of descriptors, so it runs wherever Java does and calls nothing of {@code
 * dev.sluice.os} but the table of error numbers.
 *
 * <pre>
 *   poll:  tell what completed at once → apply changed interests → select → for each ready key: accept, read or write
 *          → tell closed for handles whose descriptor the select has really closed
 * </pre>
 *
 * A registered channel's descriptor stays open after {@code close} until its selector has dropped the cancelled key,
 * which happens in a select (java.nio.channels.SelectableChannel); so {@code closed} follows the select after the
 * close.
 *
 * <p>System calls are counted as they are asked for: one for each select, accept, read and write.
 */
public final class NioEngine implements LoopEngine {
    private static final int RECEIVE_BYTES = 64 * 1024;
    private static final int ACCEPTS_PER_TURN = 64;

    private final Selector selector;
    private final int turnBytes;
    private final ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final EngineCounters counters = new EngineCounters();
    private final NioResults results = new NioResults();
    private final NioOutput output = new NioOutput(counters);
    private final NioInterests interests;
    private final NioSockets sockets;
    private final ArrayDeque<NioHandle> closing = new ArrayDeque<>();
    private final Consumer<SelectionKey> onReady = this::ready;

    /**
     * An engine with a selector of its own.
     *
     * @param turnBytes what one connection may receive in one turn
     * @throws SysException where no selector can be opened (EMFILE …)
     */
    public NioEngine(int turnBytes) {
        this.turnBytes = turnBytes;
        ChannelSockets.prepare(NioHandle.Listener.class, NioHandle.Peer.class);
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new SysException("Selector.open", "", ChannelErrors.errno(e));
        }
        this.interests = new NioInterests(selector);
        this.sockets = new NioSockets(interests, results, counters);
    }

    /** Every JDK has a selector; says which. */
    public static Availability availability() {
        return Availability.yes(
                "the JDK's " + SelectorProvider.provider().getClass().getSimpleName());
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return sockets.listen(address, options);
    }

    /** Not possible: the JDK wraps no descriptor that it did not open. */
    @Override
    public Handle listenOn(int descriptor) {
        throw new UnsupportedOperationException("nio can't listen on descriptor " + descriptor
                + " that was opened elsewhere: take --accept reuseport, or --model epoll");
    }

    @Override
    public void accept(Handle listener) {
        arm((NioHandle) listener, true);
    }

    @Override
    public void stopAccepting(Handle listener) {
        arm((NioHandle) listener, false);
    }

    private void arm(NioHandle h, boolean on) {
        h.receiving = on && !h.closed;
        interests.changed(h);
    }

    @Override
    public boolean acceptNow(Handle listener) {
        return sockets.acceptOne((NioHandle.Listener) listener);
    }

    /** Moves a newcomer's channel to this engine's selector. */
    @Override
    public Handle adopt(Handle foreign) {
        NioHandle.Peer old = (NioHandle.Peer) foreign;
        assert old.key == null : "a newcomer with an operation on it can't be handed over";
        old.closed = true;
        return new NioHandle.Peer(old.socket);
    }

    @Override
    public Handle connect(SocketAddress remote) {
        return sockets.connect(remote);
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        arm((NioHandle) handle, true);
    }

    @Override
    public void stopReceiving(Handle handle) {
        arm((NioHandle) handle, false);
    }

    @Override
    public void send(Handle handle, Chunk first) {
        NioHandle.Peer h = (NioHandle.Peer) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.chain = first;
        trySend(h);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        NioHandle.Peer h = (NioHandle.Peer) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.file = file;
        h.filePosition = position;
        h.fileCount = count;
        trySend(h);
    }

    private void trySend(NioHandle.Peer h) {
        if (h.closed) {
            return;
        }
        long n = output.trySend(h);
        h.sendWaits = n == 0;
        if (n == 0) {
            interests.changed(h);
        } else {
            results.sent(h, n);
        }
    }

    @Override
    public void shutdownOutput(Handle handle) {
        NioHandle.Peer h = (NioHandle.Peer) handle;
        if (!h.closed) {
            counters.systemCalls++;
            ChannelSockets.refusable(h.socket::shutdownOutput);
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        NioHandle h = (NioHandle) handle;
        if (h.closed) {
            return;
        }
        counters.systemCalls++;
        ChannelSockets.close(h.channel, reset);
        h.closed = true;
        h.receiving = false;
        if (h instanceof NioHandle.Peer peer) {
            peer.sendWaits = false;
            peer.sentWaits = false;
            peer.connectedWaits = false;
            peer.chain = null;
            peer.file = null;
        }
        closing.add(h);
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        boolean busy = results.tell();
        interests.apply();
        int closed = closing.size();
        counters.waits++;
        counters.systemCalls++;
        try {
            select(busy || closed > 0 || !results.isEmpty() ? 0 : timeoutNanos);
        } catch (IOException e) {
            throw new SysException("Selector.select", "", ChannelErrors.errno(e));
        }
        for (int i = 0; i < closed; i++) {
            closing.remove().completion().closed();
            results.tell();
        }
    }

    private void select(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            selector.selectNow(onReady);
        } else if (timeoutNanos < 0) {
            selector.select(onReady);
        } else {
            // Rounded up, or the last part of a millisecond would be a busy loop.
            selector.select(onReady, TimeUnit.NANOSECONDS.toMillis(timeoutNanos - 1) + 1);
        }
        // An interrupted thread's select returns at once and keeps the flag: it would never wait again. Loops are ended
        // by wake(), and no interrupt is meant for them.
        Thread.interrupted();
    }

    private void ready(SelectionKey key) {
        NioHandle h = (NioHandle) key.attachment();
        if (h.closed) {
            return; // by the callback of another key of this turn
        }
        counters.readyEvents++;
        switch (h) {
            case NioHandle.Listener listener -> sockets.accept(listener, ACCEPTS_PER_TURN);
            case NioHandle.Peer peer when peer.connecting -> sockets.connectEnded(peer);
            case NioHandle.Peer peer -> {
                int ready = key.readyOps();
                if ((ready & SelectionKey.OP_WRITE) != 0 && peer.sendWaits) {
                    trySend(peer);
                    interests.changed(peer);
                    results.tell();
                }
                if ((ready & SelectionKey.OP_READ) != 0) {
                    readable(peer);
                }
            }
        }
    }

    private void readable(NioHandle.Peer h) {
        int budget = turnBytes;
        while (h.receiving) {
            counters.systemCalls++;
            counters.receives++;
            int n;
            try {
                n = h.socket.read(receiveBuffer.clear());
            } catch (IOException e) {
                receiveEnded(h, -ChannelErrors.errno(e));
                return;
            }
            if (n == 0) {
                return;
            }
            if (n < 0) {
                receiveEnded(h, 0);
                return;
            }
            counters.receivedBytes += n;
            budget -= n;
            h.completion().received(receiveBuffer.flip());
            results.tell();
            if (n < RECEIVE_BYTES || budget <= 0) {
                return; // what is left makes the next select return at once
            }
        }
    }

    private void receiveEnded(NioHandle.Peer h, int result) {
        h.receiving = false;
        interests.changed(h);
        h.completion().receiveEnded(result);
        results.tell();
    }

    @Override
    public boolean tellResults() {
        return results.tell();
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        ChannelSockets.refusable(selector::close);
    }
}
