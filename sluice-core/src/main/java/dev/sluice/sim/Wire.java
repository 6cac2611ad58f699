package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A TCP connection between two hosts, from its handshake on, with the faults that the seed has for it. */
final class Wire {
    private static final long SYN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** net.ipv4.tcp_syn_retries: 127 seconds in all. */
    private static final int SYN_RETRIES = 6;
    /** net.ipv4.tcp_synack_retries. */
    private static final int SYNACK_RETRIES = 5;

    private static final long FAULT_LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(10);
    private static final long FAULT_MOST_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int FAULT_BYTES = 64 * 1024;

    final World world;
    final int number;
    final SimSocket client;
    private final InetSocketAddress remote;
    private final @Nullable Host host;
    private final Link there;
    private final Link back;

    @Nullable
    SimSocket server;

    private boolean hangs;
    private boolean refused;
    private long swallowedFrom = Long.MAX_VALUE;
    private @Nullable String spoiled;
    private int resetTowardsServer = Integer.MAX_VALUE;
    private int resetTowardsClient = Integer.MAX_VALUE;

    Wire(World world, SimSocket client, InetSocketAddress remote) {
        this.world = world;
        this.number = world.nextConnection();
        this.client = client;
        this.remote = remote;
        this.host = client.host.reach(remote.getAddress());
        Host target = host == null ? client.host : host;
        this.there = world.link(client.host, target);
        this.back = world.link(target, client.host);
        client.host.add(this);
        if (target != client.host) {
            target.add(this);
        }
        drawFaults();
    }

    private void drawFaults() {
        Dice dice = world.dice();
        if (world.strikes(Faults.Kind.HANGING)) {
            hangs = true;
            spoil("its connect hangs");
        }
        if (world.strikes(Faults.Kind.REFUSED)) {
            refused = true;
            spoil("its connect is refused");
        }
        if (world.strikes(Faults.Kind.RESET)) {
            int at = (int) dice.spread(0, FAULT_BYTES);
            if (dice.nextBoolean()) {
                resetTowardsServer = at;
            } else {
                resetTowardsClient = at;
            }
        }
        if (world.strikes(Faults.Kind.BLACK_HOLE)) {
            later(() -> {
                swallowedFrom = world.now();
                spoil("falls into a black hole");
            });
        }
        if (world.strikes(Faults.Kind.PARTITION)) {
            later(() -> {
                long nanos = faultNanos();
                there.cut(nanos);
                back.cut(nanos);
                world.tell(client.host, number, "loses its route for # ns", nanos);
            });
        }
        Host target = host;
        if (target != null && world.strikes(Faults.Kind.WALL_CLOCK)) {
            later(() -> target.jump(dice.between(-3_600_000, 3_600_000)));
        }
        if (target != null && world.strikes(Faults.Kind.DESCRIPTORS)) {
            later(() -> target.exhaust(faultNanos()));
        }
    }

    private void later(Runnable fault) {
        world.in(faultNanos(), fault);
    }

    private long faultNanos() {
        return world.dice().spread(FAULT_LEAST_NANOS, FAULT_MOST_NANOS);
    }

    /** Whether nothing of it arrives any more. */
    boolean isSwallowed() {
        return world.now() >= swallowedFrom;
    }

    /** A fault has hit it, so that its ends can't be held to what they were to do. */
    void spoil(String why) {
        if (spoiled == null) {
            spoiled = why;
            world.tell(client.host, number, why, 0);
        }
    }

    boolean isSpoiled() {
        SimSocket other = server;
        return spoiled != null || client.isGone() || other != null && other.isGone();
    }

    /** A host is up again after a crash: who waited for room there asks for it, and learns that nobody knows of it. */
    void hostRestarted() {
        client.probe();
        if (server != null) {
            server.probe();
        }
    }

    // ---- the handshake

    void connect() {
        syn(0);
    }

    private void syn(int attempt) {
        world.in(there.transit(0), () -> synArrives(attempt));
    }

    private void synArrives(int attempt) {
        if (!client.isConnecting()) {
            return;
        }
        SimListener listener = host == null || !host.isUp() ? null : host.listener(remote);
        if (hangs
                || host != null && !host.isUp()
                || there.isCut()
                || isSwallowed()
                || (!refused && listener != null && !listener.hasRoom())) {
            world.in(SYN_NANOS << attempt, () -> {
                if (client.isConnecting() && attempt == SYN_RETRIES) {
                    if (host != null && !host.isUp()) {
                        spoil("its host is down");
                    }
                    client.connectFailed(Errno.ETIMEDOUT);
                } else if (client.isConnecting()) {
                    syn(attempt + 1);
                }
            });
        } else if (host == null) {
            client.connectFailed(Errno.EHOSTUNREACH);
        } else if (refused || listener == null) {
            if (host.hasDied()) {
                spoil("what it wants may not be started again yet");
            }
            world.in(back.transit(0), () -> client.connectFailed(Errno.ECONNREFUSED));
        } else {
            synReceived(host, listener);
        }
    }

    private void synReceived(Host target, SimListener listener) {
        SimSocket newcomer = new SimSocket(target, /* local= */ remote, /* remote= */ client.localAddress());
        server = newcomer;
        Pipe towardsServer = new Pipe(this, client, newcomer, there, back);
        Pipe towardsClient = new Pipe(this, newcomer, client, back, there);
        towardsServer.resetAt(resetTowardsServer);
        towardsClient.resetAt(resetTowardsClient);
        newcomer.plug(this, towardsServer, towardsClient);
        carry(back, () -> {
            if (!client.isConnecting()) {
                carry(there, newcomer::resetArrived);
                return;
            }
            client.plug(this, towardsClient, towardsServer);
            client.established();
            carry(there, () -> arriveInQueue(listener, newcomer, towardsServer, towardsClient, 0));
        });
    }

    private void arriveInQueue(
            SimListener listener, SimSocket newcomer, Pipe towardsServer, Pipe towardsClient, int attempt) {
        if (newcomer.isReset()) {
            return;
        }
        if (newcomer.isGone()) {
            towardsServer.open(); // what comes to a host that has crashed is answered by a reset
            return;
        }
        if (listener.isClosed()) {
            newcomer.answerReset();
            return;
        }
        if (!listener.hasRoom() && attempt < SYNACK_RETRIES) { // its client takes itself for connected meanwhile
            world.in(
                    SYN_NANOS << attempt,
                    () -> arriveInQueue(listener, newcomer, towardsServer, towardsClient, attempt + 1));
            return;
        }
        if (!listener.hasRoom()) {
            newcomer.neverBegan();
            towardsServer.open();
            return;
        }
        towardsClient.open();
        towardsServer.open();
        listener.enter(newcomer);
        if (resetTowardsServer == 0 || resetTowardsClient == 0) {
            reset("the network resets the connection");
        }
    }

    /** Brings one packet of the handshake, which is sent again when it is lost. */
    private void carry(Link link, Runnable arrival) {
        world.in(link.transit(0), () -> {
            if (isSwallowed()) {
                world.in(SYN_NANOS << SYN_RETRIES + 1, () -> client.connectFailed(Errno.ETIMEDOUT));
            } else if (link.isCut()) {
                world.in(SYN_NANOS, () -> carry(link, arrival));
            } else {
                arrival.run();
            }
        });
    }

    /** Something on the way resets both ends. */
    void reset(String why) {
        spoil(why);
        client.resetArrived();
        SimSocket other = server;
        if (other != null) {
            world.in(back.transit(0), other::resetArrived);
        }
    }
}
