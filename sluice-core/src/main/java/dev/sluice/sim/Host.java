package dev.sluice.sim;

import dev.sluice.Client;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.disk.Disk;
import dev.sluice.engine.LoopEngine;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import dev.sluice.threading.Environment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine of a world: an address, a kernel, a wall clock, and what runs there. For the world's thread. */
public final class Host {
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_PORT = 65_535;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long FAULT_LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FAULT_MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

    final World world;
    private final String name;
    private final InetAddress address;
    private final Beneath beneath;
    private SimKernel kernel;
    private Environment environment;
    private @Nullable SimDisk disk;
    private final List<SimListener> listeners = new ArrayList<>();
    private final List<Datagrams> datagrams = new ArrayList<>();
    private final List<Runnable> stops = new ArrayList<>();
    private int nextPort = FIRST_EPHEMERAL;
    private long wallMillis;
    private @Nullable Runnable program;
    private boolean up = true;
    /** Whether the program's process is gone, and whether one ever was. */
    private boolean gone;

    private boolean everGone;

    private int crashCount;
    /** The crashes after which nobody answers for the connections of before. */
    private final BitSet silent = new BitSet();
    /** Connections of before the last crash, and since. */
    private final List<Wire> wires = new ArrayList<>();
    /** The loop that is making its engine. */
    @Nullable
    SimLoop making;

    Host(World world, String name, InetAddress address, Beneath beneath, int descriptorLimit, long wallMillis) {
        this.world = world;
        this.name = name;
        this.address = address;
        this.beneath = beneath;
        this.kernel = new SimKernel(this, descriptorLimit);
        this.environment = new SimEnvironment(this, kernel);
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
        requireUp();
        return builder.model("sim").listen(address(port)).start();
    }

    /** Starts a client here, on the model {@code sim}. It is closed with the world, if it is not before. */
    public Client client(Options options) {
        requireUp();
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
        requireUp();
        SimListener listener = new SimListener(this, bind(address(port), false), 128, false);
        listeners.add(listener);
        listener.watch(key -> {
            for (SimSocket socket = listener.accept(); socket != null; socket = listener.accept()) {
                newcomers.accept(Peer.accepted(this, socket));
            }
        });
        stops.add(listener::close);
    }

    /**
     * A UDP socket of the world's on a port of this host.
     *
     * @param port 0 picks a free one
     * @throws SysException EADDRINUSE where the port has one already
     */
    public Datagrams datagrams(int port) {
        requireUp();
        int free = port;
        for (int tries = FIRST_EPHEMERAL; port == 0 && tries > 0 && (free == 0 || datagramsAt(free) != null); tries--) {
            free = ephemeralPort();
        }
        if (datagramsAt(address(free).getPort()) != null) {
            throw new SysException("bind", name + ": UDP port " + free, Errno.EADDRINUSE);
        }
        Datagrams made = new Datagrams(this, free);
        datagrams.add(made);
        return made;
    }

    @Nullable
    Datagrams datagramsAt(int port) {
        for (Datagrams one : datagrams) {
            if (one.port() == port) {
                return one;
            }
        }
        return null;
    }

    void remove(Datagrams closed) {
        datagrams.remove(closed);
    }

    int datagramsCount() {
        return datagrams.size();
    }

    /** Runs something when the world ends, to stop what was started here; what was started last is stopped first. */
    public void onStop(Runnable stop) {
        stops.add(stop);
    }

    /** Stops what still runs, the last first. */
    void stopAll() {
        for (int i = stops.size() - 1; i >= 0; i--) {
            stops.get(i).run();
        }
        stops.clear();
        List.copyOf(datagrams).forEach(Datagrams::close);
    }

    // ---- crashes

    /**
     * Runs a program here, now and after every {@link #restart}: what starts when the machine does. It starts servers, clients
     * and peers, and opens files; nothing of that outlives a crash.
     */
    public Host start(Runnable value) {
        this.program = value;
        world.boot(0, this::boot);
        return this;
    }

    private void boot() {
        Runnable starts = program;
        if (!up || starts == null) {
            return;
        }
        gone = false;
        SimKernel mine = kernel;
        if (world.strikes(Faults.Kind.CRASH)) {
            world.boot(world.dice().spread(FAULT_LEAST_NANOS, FAULT_MOST_NANOS), () -> {
                if (kernel == mine) {
                    die(true);
                    restart(Duration.ofNanos(world.dice().spread(FAULT_LEAST_NANOS, FAULT_MOST_NANOS)));
                }
            });
        }
        Host before = world.standOn(this);
        try {
            starts.run();
        } catch (WorldFailure e) {
            throw e;
        } catch (RuntimeException e) {
            if (!mine.isDead()) {
                throw e;
            } // else whatever it is comes of the crash
        } finally {
            world.standOn(before);
        }
    }

    /**
     * The machine stops at once, and is down until {@link #restart}. Its loops, sessions, timers, peers and descriptors are gone
     * and told nothing; its connections too: what is sent to them is lost while it is down, and answered by a reset once it is up
     * again, or, by {@link Faults.Kind#SILENT_CRASH}, never. Of what its disk was not asked to sync, faults decide
     * ({@link SimDisk}). Takes place between two turns of loops: where it is called from inside of one, behind that.
     */
    public void crash() {
        world.boot(0, () -> die(true));
    }

    /** The program is killed, and the machine goes on: it closes what was open, and loses nothing that was written. */
    public void kill() {
        world.boot(0, () -> die(false));
    }

    private void die(boolean withMachine) {
        if (!up) {
            return;
        }
        world.tell(this, Story.NO_CONNECTION, withMachine ? "crashes" : "its program is killed", 0);
        gone = true;
        everGone = true;
        SimKernel process = kernel;
        stops.clear();
        datagrams.forEach(Datagrams::die);
        datagrams.clear();
        world.checks().died(this);
        if (withMachine) {
            up = false;
            silent.set(crashCount, world.strikes(Faults.Kind.SILENT_CRASH));
            crashCount++;
            listeners.forEach(SimListener::crash);
            listeners.clear();
            if (disk != null) {
                disk.crash();
            }
        } else {
            wires.forEach(wire -> wire.spoil("may have been the killed program's"));
        }
        process.die(withMachine);
        world.died(process);
        kernel = new SimKernel(this, process.limit());
        environment = new SimEnvironment(this, kernel);
    }

    /** After a while, a machine that is down is up again, and a program that is gone (see {@link #start}) runs anew. */
    public void restart(Duration after) {
        world.boot(after.toNanos(), () -> {
            if (!up) {
                up = true;
                world.tell(this, Story.NO_CONNECTION, "is up again", 0);
                wires.forEach(Wire::hostRestarted);
                wires.removeIf(Wire::isSpoiled); // others still try to connect
            }
            if (gone) {
                boot();
            }
        });
    }

    /** False from a crash to the restart. */
    public boolean isUp() {
        return up;
    }

    private void requireUp() {
        if (!up) {
            throw new IllegalStateException(name + " is down: restart() it, or do this in its start()");
        }
    }

    /** Whether what ran here was ever gone. */
    boolean hasDied() {
        return everGone;
    }

    int crashCount() {
        return crashCount;
    }

    /** Whether nobody answers for what a crash of then took away. */
    boolean isSilentSince(int crash) {
        return silent.get(crash);
    }

    void add(Wire wire) {
        wires.add(wire);
    }

    // ---- the disk

    /** Its disk, as seen from outside. */
    public SimDisk disk() {
        SimDisk made = disk;
        if (made == null) {
            made = new SimDisk(this);
            disk = made;
        }
        return made;
    }

    /**
     * A way to its disk for a program that runs here. Of what was started before a crash no result is ever told.
     *
     * @param executor runs what is to be told: {@code connection::execute} on the connection's loop, {@code Runnable::run} as an
     *     event of the world, perhaps in the middle of a loop's turn
     */
    public Disk disk(Executor executor) {
        requireUp();
        return new HostDisk(kernel, disk(), executor, () -> {});
    }

    /** Its files, as sessions see them. */
    public Files files() {
        return environment.files();
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

    long wallNanos() {
        return wallMillis * NANOS_PER_MILLI + world.now() - World.BEGIN_NANOS;
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
        InetAddress at = inet.getAddress();
        if (!isOwn(at) && !at.isAnyLocalAddress()) {
            throw new SysException("bind", name + ": " + wanted, Errno.EADDRNOTAVAIL);
        }
        int port = inet.getPort() == 0 ? ephemeralPort() : inet.getPort();
        for (SimListener other : listeners) {
            if (other.local.getPort() == port
                    && (other.hears(at) || at.isAnyLocalAddress())
                    && !(reusePort && other.reusePort)) {
                throw new SysException("bind", name + ":" + port, Errno.EADDRINUSE);
            }
        }
        return new InetSocketAddress(at, port);
    }

    /** Whether an interface of this host has that address: the network's, or loopback (of IPv4, as all addresses here). */
    private boolean isOwn(InetAddress wanted) {
        return wanted.equals(address) || wanted.isLoopbackAddress() && wanted instanceof Inet4Address;
    }

    /** Where something that is sent from here to an address goes: loopback's never leave; null where nobody has it. */
    @Nullable
    Host reach(InetAddress remote) {
        return remote.isLoopbackAddress() || remote.isAnyLocalAddress() ? this : world.hostAt(remote);
    }

    /** The address that connect(2) gives a socket that was not bound. */
    InetSocketAddress source(InetSocketAddress remote) {
        boolean inside = remote.getAddress().isLoopbackAddress();
        return new InetSocketAddress(inside ? remote.getAddress() : address, ephemeralPort());
    }

    void add(SimListener listener) {
        listeners.add(listener);
    }

    void remove(SimListener listener) {
        listeners.remove(listener);
    }

    /** Who listens there: of several one, as SO_REUSEPORT chooses. */
    @Nullable
    SimListener listener(InetSocketAddress target) {
        List<SimListener> found = listeners.stream()
                .filter(l -> l.local.getPort() == target.getPort() && l.hears(target.getAddress()))
                .toList();
        return found.isEmpty()
                ? null
                : found.get(found.size() == 1 ? 0 : world.dice().below(found.size()));
    }

    @Override
    public String toString() {
        return name;
    }
}
