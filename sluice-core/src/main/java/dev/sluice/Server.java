package dev.sluice;

import dev.sluice.engine.Listening;
import dev.sluice.events.Events;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.observe.LoopReport;
import dev.sluice.os.Platform;
import dev.sluice.threading.CompilerThreads;
import dev.sluice.threading.Processes;
import dev.sluice.threading.Setup;
import dev.sluice.threading.Threading;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A running server: a service on a model, listening. Safe for use from any thread.
 *
 * <pre>{@code
 * try (Server server = Server.builder(connection -> new EchoSession(connection))
 *         .listen(new InetSocketAddress("127.0.0.1", 0))
 *         .model("epoll")
 *         .start()) { ... }
 * }</pre>
 */
public final class Server implements AutoCloseable {
    private final Model model;
    private final Options options;
    private final Threading.Running running;

    private Server(Model model, Options options, Threading.Running running) {
        this.model = model;
        this.options = options;
        this.running = running;
    }

    /**
     * Does ahead what the first server of a process takes some 20 ms for: linking the calls to the kernel. Never needed;
     * for a thread of its own, while the program does something else.
     */
    public static void prepare() {
        if (Platform.OS != Platform.Os.OTHER) {
            Platform.link();
        }
    }

    /**
     * Has the JVM's compilers leave a core to whoever runs on it, so that they hold up no loop in the midst of a request; they run
     * when it waits, and have their share of a core that is always busy. It holds for the whole JVM, so nothing but the command line
     * does it unasked. From any thread, in a millisecond or two; does nothing but on Linux.
     */
    public static void calmCompilers() {
        CompilerThreads.giveWay();
    }

    /** A server for a service that lives in this process. */
    public static Builder builder(Service service) {
        return new Builder(service, null, List.of());
    }

    /** A server for a service that can be made in any process; {@code prefork} and several processes need this form. */
    public static Builder builder(Class<? extends ServiceProvider> provider, String... arguments) {
        return new Builder(null, provider, List.of(arguments));
    }

    public Model model() {
        return model;
    }

    public Options options() {
        return options;
    }

    /** The address that is listened on, its port being the one that the kernel picked. */
    public SocketAddress address() {
        return running.address();
    }

    /** The TCP port that is listened on. */
    public int port() {
        return ((InetSocketAddress) running.address()).getPort();
    }

    /** The names of what is active of that which its model may have or not, for people; empty where there is no choice. */
    public String features() {
        String active = running.features();
        return active.isEmpty() ? model.availability().reason() : active;
    }

    /**
     * The events of its first loop, for sources that belong to no connection; closed with the server, on which their children
     * are killed. Open them inside: {@code server.events().execute(() -> …)}. On {@code threads} their domain is that of
     * the listener; on {@code virtual} they run on the loop itself, and must not block it.
     *
     * @throws UnsupportedOperationException where the connections live in other processes ({@code prefork}, several {@code
     *     processes}): use {@link Connection#events}
     */
    public Events events() {
        return running.events();
    }

    public ServerStats stats() {
        return running.stats();
    }

    /**
     * What each loop did, and how long a task waits on it just now. Waits a quarter of a second at most, for a loop that is held;
     * never from one of them.
     *
     * @return empty on models without loops, and of several processes
     */
    public List<LoopReport> loops() {
        return running.loops();
    }

    /**
     * Connections as they are now: of each loop the newest 2,000 are looked at, on {@code threads} 2,000 altogether. Waits a
     * quarter of a second at most, for those that are held; never from one of the server's loops.
     *
     * @param wanted which of them; runs on the loops, so it must be quick
     * @param limit how many at most
     * @throws UnsupportedOperationException where they live in other processes
     */
    public ConnectionCensus connections(Predicate<ConnectionReport> wanted, int limit) {
        return running.connections(wanted, limit);
    }

    /**
     * Stops accepting, lets sessions finish what is in flight, and closes what is left when the time is over. Returns
     * when every descriptor, buffer and thread of the server is back. Stopping twice does nothing.
     *
     * @return the number of connections that had to be cut
     */
    public long stop(Duration drain) {
        return running.stop(drain);
    }

    /** Stops at once. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    /** Collects what a server needs. Not safe for use from several threads. */
    public static final class Builder {
        private final @Nullable Service service;
        private final @Nullable Class<? extends ServiceProvider> provider;
        private final List<String> arguments;
        private SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        private int descriptor = Setup.OWN_LISTENER;
        private String model = "auto";
        private Options options = Options.standard();

        private Builder(
                @Nullable Service service,
                @Nullable Class<? extends ServiceProvider> provider,
                List<String> arguments) {
            this.service = service;
            this.provider = provider;
            this.arguments = arguments;
        }

        public Builder listen(SocketAddress address) {
            this.address = address;
            return this;
        }

        /**
         * Accepts from a listening socket that was opened elsewhere, and may be shared: a supervisor that keeps it open restarts a
         * server without losing a newcomer. Takes the place of an address. The server closes its descriptor when it stops.
         */
        public Builder listenOn(int descriptor) {
            this.descriptor = descriptor;
            return this;
        }

        public Builder model(String name) {
            this.model = name;
            return this;
        }

        public Builder options(Options options) {
            this.options = options;
            return this;
        }

        /**
         * Starts listening and accepting.
         *
         * @throws IllegalArgumentException where the model is unknown, or the options or the service don't go with it
         * @throws UnavailableException where this machine can't run the model; says why, and the cure
         * @throws dev.sluice.os.SysException where the address can't be listened on
         */
        public Server start() {
            Model row = Models.choose(model);
            OptionChecks.require(row, options);
            Setup setup = Setup.of(row, options, address, service, provider, arguments);
            if (descriptor != Setup.OWN_LISTENER) {
                OptionChecks.requireInheriting(row, options);
                setup = setup.listeningOn(Listening.inherited(descriptor));
            }
            Threading threading = options.processes() > 1
                    ? new Processes(row)
                    : row.threading().get();
            return new Server(row, options, threading.start(setup));
        }
    }
}
