package dev.sluice.sim;

import dev.sluice.Service;
import dev.sluice.engine.Handle;
import dev.sluice.threading.Loop;
import dev.sluice.threading.SocketConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What must hold in every world, whatever runs there and whatever goes wrong. {@link Watch} holds each session to its contract;
 * here is what concerns all of them, the loops, the hosts and the peers.
 *
 * <ul>
 *   <li>Callbacks of a session never overlap and come in a legal order; {@code closed} once, and last.
 *   <li>Bytes are neither lost, doubled nor reordered, in either direction.
 *   <li>Back-pressure keeps its bounds, and {@code drained} what it owes.
 *   <li>What a session can be told, and what the kernel can take, doesn't wait.
 *   <li>No timer, deadline or task comes early, twice or never.
 *   <li>At the end every chunk, descriptor, UDP port, timer, task and connection is back.
 *   <li>Peers get what they expect, unless a fault explains why not.
 * </ul>
 */
final class Checks {
    private final World world;
    private final boolean sessionsMayFail;
    private final List<Watch> open = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private boolean ending;

    Checks(World world, boolean sessionsMayFail) {
        this.world = world;
        this.sessionsMayFail = sessionsMayFail;
    }

    boolean sessionsMayFail() {
        return sessionsMayFail;
    }

    boolean isEnding() {
        return ending;
    }

    /** The service, its sessions watched from the first callback to the last. */
    Service watch(Service service, Host host, Loop loop, Supplier<@Nullable SimSocket> socket) {
        return connection -> {
            Watch watch = new Watch(this, host, loop, connection, socket);
            open.add(watch);
            return watch.open(service);
        };
    }

    /** The same, of a connection of the runtime's; where no socket can be had there is none to compare with. */
    Service watch(Service service, Host host, Loop loop) {
        return connection -> {
            Handle handle = ((SocketConnection) connection).handle();
            return watch(service, host, loop, () -> host.kernel().socketOf(handle))
                    .open(connection);
        };
    }

    void closed(Watch watch) {
        open.remove(watch);
    }

    void add(Peer peer) {
        peers.add(peer);
    }

    void violated(Host host, int connection, String what, @Nullable Throwable cause) {
        world.fail(host.name() + (connection == Story.NO_CONNECTION ? "" : " #" + connection) + ": " + what, cause);
    }

    /** A loop of this host is about to turn, or to wait. */
    void look(Host host) {
        for (int i = 0; i < open.size(); i++) {
            if (open.get(i).host == host) {
                open.get(i).look();
            }
        }
    }

    /** Nothing is left to happen: nobody may be waiting for anything that would have to. */
    void settled() {
        for (Watch watch : open) {
            watch.settled();
        }
        for (Peer peer : peers) {
            String missing = peer.missing();
            if (missing != null) {
                violated(peer.host(), peer.number(), "no progress: the peer " + missing, null);
            }
        }
    }

    /** What a process had is forgiven: its sessions are never told anything again. */
    void died(Host host) {
        open.removeIf(watch -> watch.host == host);
    }

    /** What runs is stopped now: sessions are cut, and peers expect nothing more. */
    void ending() {
        ending = true;
    }

    void loopEnded(Host host, Loop loop) {
        if (loop.lentCount() != 0) {
            violated(host, Story.NO_CONNECTION, loop.lentCount() + " chunks never came back to their loop", null);
        }
        if (loop.timerCount() != 0) {
            violated(host, Story.NO_CONNECTION, loop.timerCount() + " timers outlive all connections", null);
        }
    }

    /** Everything was stopped. */
    void ended(List<Host> hosts) {
        for (Watch watch : open) {
            violated(watch.host, watch.number(), "its session was never told that it is closed", null);
        }
        for (Host host : hosts) {
            if (host.descriptorCount() != 0) {
                violated(host, Story.NO_CONNECTION, host.descriptorCount() + " descriptors were never closed", null);
            }
            if (host.datagramsCount() != 0) {
                violated(host, Story.NO_CONNECTION, host.datagramsCount() + " UDP ports were opened at the end", null);
            }
        }
    }
}
