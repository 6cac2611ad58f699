package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;

/** What the engines that hold the JDK's channels do alike: families, options, addresses, ends. */
final class ChannelSockets {
    private ChannelSockets() {}

    /**
     * Has the classes loaded that closing and failing need: where descriptors have run out, a class file outside a jar
     * can't be opened any more, and the loop would die of the error that it is meant to survive.
     *
     * @param handles the engine's own; naming a class is enough to load it
     */
    static void prepare(Class<?>... handles) {
        for (Class<?> handle : handles) {
            assert Handle.class.isAssignableFrom(handle) : handle;
        }
        refusable(() -> {
            throw new ClosedChannelException();
        });
        int errno = ChannelErrors.errno(new ClosedChannelException());
        assert errno == Errno.ECANCELED : errno;
    }

    /** The family that an address asks for: an IPv4 wildcard must not become a dual-stack socket. */
    static ProtocolFamily family(SocketAddress address) {
        return switch (address) {
            case UnixDomainSocketAddress _ -> StandardProtocolFamily.UNIX;
            case InetSocketAddress inet
            when inet.isUnresolved() ->
                throw new IllegalArgumentException("not a resolved internet or Unix address: " + address);
            case InetSocketAddress inet when inet.getAddress() instanceof Inet4Address -> StandardProtocolFamily.INET;
            case InetSocketAddress _ -> StandardProtocolFamily.INET6;
            default -> throw new IllegalArgumentException("not a resolved internet or Unix address: " + address);
        };
    }

    /** Options of a listening socket, before it is bound. */
    static void prepareListener(NetworkChannel listener, SocketAddress address, ListenOptions options)
            throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            return;
        }
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (options.reusePort()) {
            if (!listener.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                throw new SysException("setsockopt", "SO_REUSEPORT", Errno.ENOPROTOOPT);
            }
            listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
    }

    /** Options of a newcomer. The JDK lets no listener hold these, so they can't be inherited as they are elsewhere. */
    static void prepareNewcomer(NetworkChannel newcomer, ListenOptions options) throws IOException {
        setIfKnown(newcomer, StandardSocketOptions.TCP_NODELAY, options.noDelay());
        setIfKnown(newcomer, StandardSocketOptions.SO_KEEPALIVE, options.keepAlive());
    }

    /** A newcomer that can't be prepared is gone again, as one that the kernel answers with ECONNABORTED: closes it, and tells its listener. */
    static void lose(Channel newcomer, Handle listener, EngineCounters counters) {
        close(newcomer, false);
        counters.acceptFailures++;
        listener.completion().acceptFailed(-Errno.ECONNABORTED);
    }

    private static void setIfKnown(NetworkChannel channel, SocketOption<Boolean> option, boolean on)
            throws IOException {
        if (on && channel.supportedOptions().contains(option)) {
            channel.setOption(option, true);
        }
    }

    static SocketAddress localAddress(NetworkChannel channel) {
        try {
            return channel.getLocalAddress();
        } catch (IOException e) {
            throw lost("getsockname", e);
        }
    }

    static SysException lost(String call, IOException e) {
        SysException failure = new SysException(call, "a closed channel", ChannelErrors.errno(e));
        failure.initCause(e);
        return failure;
    }

    /**
     * Closes a channel. The descriptor is gone whatever close(2) answers, so there is nothing that a caller could do
     * about an error.
     *
     * @param reset SO_LINGER 0, where the channel knows the option; a socket whose connection is lost may refuse it
     */
    static void close(Channel channel, boolean reset) {
        if (reset && channel instanceof NetworkChannel network) {
            refusable(() -> {
                if (network.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                    network.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            });
        }
        refusable(channel::close);
    }

    /** A last call on a socket. */
    interface LastCall {
        void run() throws IOException;
    }

    /**
     * Runs a call whose refusal only says that the connection is gone already (ENOTCONN, EINVAL after a reset); a
     * receive or a send tells why.
     *
     * @return whether it succeeded
     */
    static boolean refusable(LastCall call) {
        try {
            call.run();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
