package dev.sluice.engine;

import dev.sluice.Availability;
import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    private static final int FILE_BYTES = 64 * 1024;
    private static final int ACCEPTS_PER_TURN = 64;
    /** Results told in a row before others get their turn: a fast reader must not hold the loop by send after send. */
    private static final int RESULTS_IN_A_ROW = 64;

    private static final int GATHER_COUNT = 16;

    private final Selector selector;
    private final int turnBytes;
    private final ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final @Nullable ByteBuffer[] gathered = new @Nullable ByteBuffer[GATHER_COUNT];
    private final EngineCounters counters = new EngineCounters();
    private final ArrayDeque<NioHandle.Peer> results = new ArrayDeque<>();
    private final ArrayDeque<NioHandle> dirty = new ArrayDeque<>();
    private final ArrayDeque<NioHandle> closing = new ArrayDeque<>();
    private final Consumer<SelectionKey> onReady = this::ready;
    /** What sendFile reads into; made when first needed, and empty between two calls. */
    private @Nullable ByteBuffer fileBuffer;

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
    }

    /** Every JDK has a selector; says which. */
    public static Availability availability() {
        return Availability.yes(
                "the JDK's " + SelectorProvider.provider().getClass().getSimpleName());
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        ServerSocketChannel server;
        try {
            server = ServerSocketChannel.open(ChannelSockets.family(address));
        } catch (IOException e) {
            throw ChannelErrors.failure("socket", address, e);
        }
        try {
            server.configureBlocking(false);
            ChannelSockets.prepareListener(server, address, options);
            server.bind(address, options.backlogCount());
            return new NioHandle.Listener(server, options);
        } catch (IOException e) {
            ChannelSockets.close(server, false);
            throw ChannelErrors.failure("bind", address, e);
        } catch (RuntimeException e) {
            ChannelSockets.close(server, false);
            throw e;
        }
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
        markDirty(h);
    }

    @Override
    public boolean acceptNow(Handle listener) {
        return acceptOne((NioHandle.Listener) listener);
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
        SocketChannel socket;
        try {
            socket = SocketChannel.open(ChannelSockets.family(remote));
        } catch (IOException e) {
            throw ChannelErrors.failure("socket", remote, e);
        }
        counters.systemCalls += 2;
        NioHandle.Peer h = new NioHandle.Peer(socket);
        try {
            socket.configureBlocking(false);
            if (!(remote instanceof UnixDomainSocketAddress)) {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            if (socket.connect(remote)) {
                connectedLater(h, 0);
            } else {
                h.connecting = true;
                markDirty(h);
            }
        } catch (IOException e) {
            connectedLater(h, -ChannelErrors.errno(e));
        } catch (RuntimeException e) {
            ChannelSockets.close(socket, false);
            throw e;
        }
        return h;
    }

    private void connectedLater(NioHandle.Peer h, int result) {
        h.connectedWaits = true;
        h.connectedResult = result;
        results.add(h);
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
        long n;
        counters.systemCalls++;
        try {
            n = h.chain != null ? sendChain(h.socket, h.chain) : sendFile(h);
        } catch (IOException e) {
            n = -ChannelErrors.errno(e);
        }
        h.sendWaits = n == 0;
        if (n == 0) {
            markDirty(h);
            return;
        }
        h.chain = null;
        h.file = null;
        h.sentResult = n;
        h.sentWaits = true;
        counters.sends++;
        counters.sentBytes += Math.max(n, 0);
        results.add(h);
    }

    private long sendChain(SocketChannel socket, Chunk first) throws IOException {
        if (first.next == null) {
            return socket.write(ready(first));
        }
        int count = 0;
        for (Chunk c = first; c != null && count < GATHER_COUNT; c = c.next) {
            gathered[count++] = ready(c);
        }
        return socket.write(gathered, 0, count);
    }

    private static ByteBuffer ready(Chunk chunk) {
        return chunk.buffer.limit(chunk.end).position(chunk.start);
    }

    /** What the socket does not take of the bytes that were read is read again by the next call. */
    private long sendFile(NioHandle.Peer h) throws IOException {
        OpenFile file = Objects.requireNonNull(h.file, "neither chunks nor a file to send");
        ByteBuffer buffer = fileBuffer;
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(FILE_BYTES);
            fileBuffer = buffer;
        }
        buffer.clear().limit((int) Math.min(FILE_BYTES, h.fileCount));
        counters.systemCalls++;
        int read = file.read(buffer, h.filePosition);
        if (read <= 0) {
            return read == 0 ? -Errno.ENODATA : read; // 0: the file became shorter than what was promised
        }
        return h.socket.write(buffer.position(0).limit(read));
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
        boolean busy = tellResults();
        applyInterests();
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
            tellResults();
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
            case NioHandle.Listener listener -> acceptSome(listener);
            case NioHandle.Peer peer when peer.connecting -> connectEnded(peer);
            case NioHandle.Peer peer -> {
                int ready = key.readyOps();
                if ((ready & SelectionKey.OP_WRITE) != 0 && peer.sendWaits) {
                    trySend(peer);
                    markDirty(peer);
                    tellResults();
                }
                if ((ready & SelectionKey.OP_READ) != 0) {
                    readable(peer);
                }
            }
        }
    }

    private void acceptSome(NioHandle.Listener listener) {
        boolean more = true;
        for (int i = 0; i < ACCEPTS_PER_TURN && listener.receiving && more; i++) {
            more = acceptOne(listener);
        }
    }

    /** Whether there may be another newcomer that can be taken. */
    private boolean acceptOne(NioHandle.Listener listener) {
        counters.systemCalls++;
        SocketChannel socket = null;
        try {
            socket = listener.server.accept();
            if (socket != null) {
                counters.accepts++;
                welcome(listener, socket);
            }
        } catch (IOException e) {
            counters.acceptFailures++;
            listener.completion().acceptFailed(-ChannelErrors.errno(e));
        }
        tellResults();
        return socket != null;
    }

    private void welcome(NioHandle.Listener listener, SocketChannel socket) {
        try {
            socket.configureBlocking(false);
            ChannelSockets.prepareNewcomer(socket, listener.options);
        } catch (IOException e) { // it is gone again, as one that the kernel answers with ECONNABORTED
            ChannelSockets.close(socket, false);
            counters.acceptFailures++;
            listener.completion().acceptFailed(-Errno.ECONNABORTED);
            return;
        }
        listener.completion().accepted(new NioHandle.Peer(socket));
    }

    private void connectEnded(NioHandle.Peer h) {
        counters.systemCalls++;
        int result = 0;
        try {
            if (!h.socket.finishConnect()) {
                return; // spurious readiness
            }
        } catch (IOException e) {
            result = -ChannelErrors.errno(e);
        }
        h.connecting = false;
        markDirty(h);
        h.completion().connected(result);
        tellResults();
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
            tellResults();
            if (n < RECEIVE_BYTES || budget <= 0) {
                return; // what is left makes the next select return at once
            }
        }
    }

    private void receiveEnded(NioHandle.Peer h, int result) {
        h.receiving = false;
        markDirty(h);
        h.completion().receiveEnded(result);
        tellResults();
    }

    // ---- results, interests

    @Override
    public boolean tellResults() {
        if (results.isEmpty()) {
            return false;
        }
        for (int i = 0; i < RESULTS_IN_A_ROW; i++) {
            NioHandle.Peer h = results.poll();
            if (h == null) {
                break;
            }
            if (h.connectedWaits) {
                h.connectedWaits = false;
                h.completion().connected(h.connectedResult);
            } else if (h.sentWaits) {
                h.sentWaits = false;
                h.completion().sent(h.sentResult);
            }
        }
        return true;
    }

    private void markDirty(NioHandle h) {
        if (!h.dirty && !h.closed && h.interest != h.wanted()) {
            h.dirty = true;
            dirty.add(h);
        }
    }

    private void applyInterests() {
        for (NioHandle h = dirty.poll(); h != null; h = dirty.poll()) {
            h.dirty = false;
            if (!h.closed && h.wanted() != h.interest) {
                apply(h, h.wanted());
            }
        }
    }

    private void apply(NioHandle h, int wanted) {
        h.interest = wanted;
        SelectionKey key = h.key;
        if (key != null) {
            if (key.isValid()) { // the JDK itself closes a channel whose connect failed
                key.interestOps(wanted);
            }
            return;
        }
        try {
            h.key = h.channel.register(selector, wanted, h);
        } catch (IOException e) {
            h.completion().receiveEnded(-ChannelErrors.errno(e));
        }
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
