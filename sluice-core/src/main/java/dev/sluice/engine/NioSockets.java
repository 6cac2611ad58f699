package dev.sluice.engine;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The channels that {@link NioEngine} opens and accepts: non-blocking, as a selector wants them. */
final class NioSockets {
    private final NioInterests interests;
    private final NioResults results;
    private final EngineCounters counters;

    NioSockets(NioInterests interests, NioResults results, EngineCounters counters) {
        this.interests = interests;
        this.results = results;
        this.counters = counters;
    }

    NioHandle.Listener listen(SocketAddress address, ListenOptions options) {
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

    /** Accepts newcomers, so many at most, and tells of each. */
    void accept(NioHandle.Listener listener, int most) {
        boolean more = true;
        for (int i = 0; i < most && listener.receiving && more; i++) {
            more = acceptOne(listener);
        }
    }

    /** Whether there may be another newcomer that can be taken. */
    boolean acceptOne(NioHandle.Listener listener) {
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
        results.tell();
        return socket != null;
    }

    private void welcome(NioHandle.Listener listener, SocketChannel socket) {
        try {
            socket.configureBlocking(false);
            ChannelSockets.prepareNewcomer(socket, listener.options);
        } catch (IOException e) {
            ChannelSockets.lose(socket, listener, counters);
            return;
        }
        listener.completion().accepted(new NioHandle.Peer(socket));
    }

    NioHandle.Peer connect(SocketAddress remote) {
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
                results.connected(h, 0);
            } else {
                h.connecting = true;
                interests.changed(h);
            }
        } catch (IOException e) {
            results.connected(h, -ChannelErrors.errno(e));
        } catch (RuntimeException e) {
            ChannelSockets.close(socket, false);
            throw e;
        }
        return h;
    }

    /** A connect under way ended, as readiness says. */
    void connectEnded(NioHandle.Peer h) {
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
        interests.changed(h);
        h.completion().connected(result);
        results.tell();
    }
}
