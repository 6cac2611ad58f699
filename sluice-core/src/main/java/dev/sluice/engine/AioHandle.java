package dev.sluice.engine;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What {@link AioEngine} knows of one channel. The JDK's completion handlers write results here, on the loop's
 * thread, and queue the handle; the engine tells them from poll.
 */
abstract sealed class AioHandle extends Handle {
    final AsynchronousChannel channel;
    /** Accepting or receiving is armed. */
    boolean receiving;

    boolean closed;
    /** {@code closed} was told, or will be by the result that is queued. */
    boolean closedTold;
    /** Operations that the JDK has not ended yet: the close waits for them. */
    int pending;
    /** In the engine's queue of results. */
    boolean queued;

    private AioHandle(AsynchronousChannel channel) {
        this.channel = channel;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    /** A listening socket. */
    static final class Listener extends AioHandle {
        final AsynchronousServerSocketChannel server;
        final ListenOptions options;
        boolean accepting;
        /** Results that wait to be told from poll. */
        @Nullable
        AsynchronousSocketChannel newcomer;

        int acceptFailure;

        Listener(AsynchronousServerSocketChannel server, ListenOptions options) {
            super(server);
            this.server = server;
            this.options = options;
        }

        @Override
        public SocketAddress localAddress() {
            return ChannelSockets.localAddress(server);
        }

        @Override
        public SocketAddress remoteAddress() {
            throw new UnsupportedOperationException("a listener has no peer");
        }
    }

    /** A connection, or one that is being made. */
    static final class Peer extends AioHandle {
        final AsynchronousSocketChannel socket;
        /** Lent to the JDK while a read is under way, and kept while its bytes can't be told. */
        @Nullable
        ByteBuffer input;

        boolean reading;
        /** The callee of {@code received} holds {@link #input}: the next read must wait. */
        boolean inputLent;
        /** A read's result waits: a count, 0 at the end of the stream, or a negative errno. */
        boolean readWaits;

        int readResult;

        /** A send is under way. */
        boolean sending;
        /** What a gathering send reads from; made with the first one. */
        @Nullable
        ByteBuffer @Nullable [] gathered;
        /** What sendFile read into; lent to the JDK while the write is under way. */
        @Nullable
        ByteBuffer fileBuffer;

        boolean sentWaits;
        long sentResult;
        boolean connectedWaits;
        int connectedResult;

        Peer(AsynchronousSocketChannel socket) {
            super(socket);
            this.socket = socket;
        }

        @Override
        public SocketAddress localAddress() {
            return ChannelSockets.localAddress(socket);
        }

        @Override
        public SocketAddress remoteAddressFromOutside() {
            return remoteAddress();
        }

        @Override
        public SocketAddress remoteAddress() {
            try {
                SocketAddress remote = socket.getRemoteAddress();
                if (remote == null) {
                    throw new IllegalStateException("not connected");
                }
                return remote;
            } catch (IOException e) {
                throw ChannelSockets.lost("getpeername", e);
            }
        }
    }
}
