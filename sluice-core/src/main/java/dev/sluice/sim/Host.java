package dev.sluice.sim;

import dev.sluice.Client;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.engine.LoopEngine;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import dev.sluice.threading.Environment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine of a world: an address, a kernel, a wall clock, and what runs there. For the world's thread. */
public final class Host {
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_PORT = 65_535;
    private static final long NANOS_PER_MILLI = 1_000_000;

    final World world;
    private final String name;
    private final InetAddress address;
    private final SimKernel kernel;
    private final Environment environment;
    private final Beneath beneath;
    private final List<SimListener> listeners = new ArrayList<>();
    private final List<Runnable> stops = new ArrayList<>();
    private int nextPort = FIRST_EPHEMERAL;
    private long wallMillis;
    /** The loop that is making its engine. */
    @Nullable
    SimLoop making;

    Host(World world, String name, InetAddress address, Beneath beneath, int descriptorLimit, long wallMillis) {
        this.world = world;
        this.name = name;
        this.address = address;
        this.beneath = beneath;
        this.kernel = new SimKernel(this, descriptorLimit);
        this.environment = new SimEnvironment(this);
        this.wallMillis = wallMillis;
    }

    public String name() {
        return name;
    }

    public InetAddress address() {
        return address;
    }

    /** An address of this host's. */
    public InetSocketAddress address(int port) {
        return new InetSocketAddress(address, port);
    }

    /** What its loops wait with. */
    public Beneath beneath() {
        return beneath;
    }

    // ---- what runs here

    /**
     * Starts a server here, on the model {@code sim}. It is stopped with the world, if it is not before.
     *
     * @param port 0 picks a free one
     */
    public Server serve(Server.Builder builder, int port) {
        return builder.model("sim").listen(address(port)).start();
    }

    /** Starts a client here, on the model {@code sim}. It is closed with the world, if it is not before. */
    public Client client(Options options) {
        Host before = world.standOn(this);
        try {
            return Client.start("sim", options);
        } finally {
            world.standOn(before);
        }
    }

    /** A peer of the world that connects from here. */
    public Peer connect(SocketAddress remote) {
        return Peer.connecting(this, (InetSocketAddress) remote);
    }

    /** Accepts connections for peers of the world: a server that is not under test. */
    public void accept(int port, Consumer<Peer> newcomers) {
        SimListener listener = new SimListener(this, bind(address(port), false), 128, false);
        listeners.add(listener);
        listener.watch(key -> {
            for (SimSocket socket = listener.accept(); socket != null; socket = listener.accept()) {
                newcomers.accept(Peer.accepted(this, socket));
            }
        });
        stops.add(listener::close);
    }

    void started(Runnable stop) {
        stops.add(stop);
    }

    /** Stops what still runs, the last first. */
    void stopAll() {
        for (int i = stops.size() - 1; i >= 0; i--) {
            stops.get(i).run();
        }
        stops.clear();
    }

    // ---- the machine

    /** How many descriptors may be open at once; further ones are refused with EMFILE. */
    public Host descriptorLimit(int count) {
        kernel.limit(count);
        return this;
    }

    /** Descriptors that are open now. */
    public int descriptorCount() {
        return kernel.openCount();
    }

    /** Sets the wall clock forwards or back. */
    public void jump(long millis) {
        wallMillis += millis;
        world.tell(this, Story.NO_CONNECTION, "sets its wall clock by # ms", millis);
    }

    long wallMillis() {
        return wallMillis + (world.now() - World.BEGIN_NANOS) / NANOS_PER_MILLI;
    }

    void exhaust(long nanos) {
        kernel.exhaust(nanos);
    }

    SimKernel kernel() {
        return kernel;
    }

    Environment environment() {
        return environment;
    }

    LoopEngine makeEngine(Options options) {
        SimLoop loop = making;
        if (loop == null) {
            throw new IllegalStateException("an engine of a world is made by a loop of it");
        }
        making = null;
        return beneath.make(kernel, loop.parking, options.turnBytes());
    }

    // ---- ports

    int ephemeralPort() {
        int port = nextPort++;
        if (nextPort > LAST_PORT) {
            nextPort = FIRST_EPHEMERAL;
        }
        return port;
    }

    /** The address that bind(2) gives a listener. */
    InetSocketAddress bind(SocketAddress wanted, boolean reusePort) {
        if (!(wanted instanceof InetSocketAddress inet)) {
            throw new IllegalArgumentException("a world has no such address: " + wanted);
        }
        int port = inet.getPort() == 0 ? ephemeralPort() : inet.getPort();
        for (SimListener other : listeners) {
            if (other.local.getPort() == port && !(reusePort && other.reusePort)) {
                throw new SysException("bind", name + ":" + port, Errno.EADDRINUSE);
            }
        }
        return address(port);
    }

    void add(SimListener listener) {
        listeners.add(listener);
    }

    void remove(SimListener listener) {
        listeners.remove(listener);
    }

    /** Who listens on a port: of several one, as SO_REUSEPORT chooses. */
    @Nullable
    SimListener listener(int port) {
        List<SimListener> found =
                listeners.stream().filter(l -> l.local.getPort() == port).toList();
        return found.isEmpty()
                ? null
                : found.get(found.size() == 1 ? 0 : world.dice().below(found.size()));
    }

    @Override
    public String toString() {
        return name;
    }
}
