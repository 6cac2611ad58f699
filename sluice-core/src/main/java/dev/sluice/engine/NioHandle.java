package dev.sluice.engine;

import dev.sluice.OpenFile;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** What {@link NioEngine} knows of one channel. */
abstract sealed class NioHandle extends Handle {
    final SelectableChannel channel;
    /** Null until there is interest: a newcomer that is handed to another loop was never registered here. */
    @Nullable
    SelectionKey key;

    /** What the key was given. */
    int interest;

    boolean closed;
    /** Accepting or receiving is armed. */
    boolean receiving;
    /** Its interest may differ from what the selector knows. */
    boolean dirty;

    private NioHandle(SelectableChannel channel) {
        this.channel = channel;
    }

    /** The interest that what is under way asks for. */
    abstract int wanted();

    @Override
    public int descriptor() {
        return -1;
    }

    /** A listening socket. */
    static final class Listener extends NioHandle {
        final ServerSocketChannel server;
        final ListenOptions options;

        Listener(ServerSocketChannel server, ListenOptions options) {
            super(server);
            this.server = server;
            this.options = options;
        }

        @Override
        int wanted() {
            return receiving ? SelectionKey.OP_ACCEPT : 0;
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
    static final class Peer extends NioHandle {
        final SocketChannel socket;
        boolean connecting;
        /** A send waits for room. */
        boolean sendWaits;

        @Nullable
        Chunk chain;

        @Nullable
        OpenFile file;

        long filePosition;
        long fileCount;

        /** Results that wait to be told from poll. */
        boolean sentWaits;

        long sentResult;
        boolean connectedWaits;
        int connectedResult;

        Peer(SocketChannel socket) {
            super(socket);
            this.socket = socket;
        }

        @Override
        int wanted() {
            if (connecting) {
                return SelectionKey.OP_CONNECT;
            }
            return (receiving ? SelectionKey.OP_READ : 0) | (sendWaits ? SelectionKey.OP_WRITE : 0);
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
