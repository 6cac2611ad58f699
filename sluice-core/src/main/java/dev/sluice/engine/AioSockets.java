package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import org.jspecify.annotations.Nullable;

/** The channels that {@link AioEngine} opens and accepts, of its group. */
final class AioSockets {
    private final AsynchronousChannelGroup group;
    private final AioTasks tasks;
    private final AioResults results;
    private final EngineCounters counters;
    private final Accepted onAccepted = new Accepted();
    private final Connected onConnected = new Connected();

    AioSockets(AsynchronousChannelGroup group, AioTasks tasks, AioResults results, EngineCounters counters) {
        this.group = group;
        this.tasks = tasks;
        this.results = results;
        this.counters = counters;
    }

    AioHandle.Listener listen(SocketAddress address, ListenOptions options) {
        requireInternet("bind", address);
        AsynchronousServerSocketChannel server;
        try {
            server = AsynchronousServerSocketChannel.open(group);
        } catch (IOException e) {
            throw ChannelErrors.failure("socket", address, e);
        }
        try {
            ChannelSockets.prepareListener(server, address, options);
            server.bind(address, options.backlogCount());
            return new AioHandle.Listener(server, options);
        } catch (IOException e) {
            ChannelSockets.close(server, false);
            throw ChannelErrors.failure("bind", address, e);
        } catch (RuntimeException e) {
            ChannelSockets.close(server, false);
            throw e;
        }
    }

    private static void requireInternet(String call, SocketAddress address) {
        ChannelSockets.family(address); // refuses an unresolved one
        if (address instanceof UnixDomainSocketAddress) {
            throw new SysException(
                    call, address + ": the JDK's asynchronous channels know no Unix sockets", Errno.EAFNOSUPPORT);
        }
    }

    /** Accepts one more, where that is armed and none waits to be told. */
    void accept(AioHandle.Listener h) {
        if (h.receiving && !h.accepting && h.newcomer == null) {
            h.accepting = true;
            h.pending++;
            counters.systemCalls++;
            h.server.accept(h, onAccepted);
        }
    }

    private final class Accepted implements CompletionHandler<AsynchronousSocketChannel, AioHandle.Listener> {
        @Override
        public void completed(AsynchronousSocketChannel newcomer, AioHandle.Listener h) {
            h.accepting = false;
            h.pending--;
            if (h.closed) {
                ChannelSockets.close(newcomer, false);
            } else {
                h.newcomer = newcomer;
            }
            results.add(h);
        }

        @Override
        public void failed(Throwable error, AioHandle.Listener h) {
            h.accepting = false;
            h.pending--;
            h.acceptFailure = -ChannelErrors.errno(error);
            results.add(h);
        }
    }

    /** Tells of newcomers, so many at most. */
    void tell(AioHandle.Listener h, int most) {
        boolean more = true;
        for (int i = 0; i < most && !h.closed && more; i++) {
            more = tellOne(h);
        }
    }

    /** Whether there may be another newcomer that can be taken. */
    boolean tellOne(AioHandle.Listener h) {
        AsynchronousSocketChannel newcomer = h.newcomer;
        int failure = h.acceptFailure;
        if (newcomer != null) {
            h.newcomer = null;
            counters.accepts++;
            welcome(h, newcomer);
        } else if (failure != 0) {
            h.acceptFailure = 0;
            counters.acceptFailures++;
            h.completion().acceptFailed(failure);
        } else {
            return false;
        }
        accept(h);
        tasks.run(); // an accept that could be done at once comes back as a task
        return newcomer != null;
    }

    private void welcome(AioHandle.Listener listener, AsynchronousSocketChannel socket) {
        try {
            ChannelSockets.prepareNewcomer(socket, listener.options);
        } catch (IOException e) {
            ChannelSockets.lose(socket, listener, counters);
            return;
        }
        listener.completion().accepted(new AioHandle.Peer(socket));
    }

    AioHandle.Peer connect(SocketAddress remote) {
        requireInternet("connect", remote);
        AsynchronousSocketChannel socket;
        try {
            socket = AsynchronousSocketChannel.open(group);
        } catch (IOException e) {
            throw ChannelErrors.failure("socket", remote, e);
        }
        counters.systemCalls += 2;
        AioHandle.Peer h = new AioHandle.Peer(socket);
        ChannelSockets.refusable(() -> socket.setOption(StandardSocketOptions.TCP_NODELAY, true));
        h.pending++;
        try {
            socket.connect(remote, h, onConnected);
        } catch (RuntimeException e) {
            ChannelSockets.close(socket, false);
            throw e;
        }
        return h;
    }

    private final class Connected implements CompletionHandler<@Nullable Void, AioHandle.Peer> {
        @Override
        public void completed(@Nullable Void nothing, AioHandle.Peer h) {
            connected(h, 0);
        }

        @Override
        public void failed(Throwable error, AioHandle.Peer h) {
            connected(h, -ChannelErrors.errno(error));
        }

        private void connected(AioHandle.Peer h, int result) {
            h.pending--;
            h.connectedWaits = true;
            h.connectedResult = result;
            results.add(h);
        }
    }
}
