package dev.sluice.sim;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A UDP socket of the world's own, on one port of a host. Without faults a datagram comes once, whole, and behind those that
 * were sent before it on the same way; it is lost where a link is cut, a host is down, or the receiver has no room.
 *
 * <p>Methods return the socket, so that calls can be chained. For the world's thread; its own callbacks may call them, and what
 * they throw makes the run a failure. It is closed with its world, or before. With its host's program it is gone: nothing is
 * told then, and calls do nothing.
 */
public final class Datagrams implements AutoCloseable {
    /** What IPv4 leaves of 65,535 bytes. */
    public static final int MOST_BYTES = 65_507;

    /** Of IPv4 and of UDP: also an empty datagram takes room, on links and in buffers. */
    static final int HEADER_BYTES = 28;

    private static final long REACTION_LEAST_NANOS = 500;
    private static final long REACTION_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LATER_LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long LATER_MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final class Datagram {
        final InetSocketAddress from;
        final InetSocketAddress to;
        final byte[] bytes;

        Datagram(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
            this.from = from;
            this.to = to;
            this.bytes = bytes;
        }

        int room() {
            return bytes.length + HEADER_BYTES;
        }
    }

    private final Host host;
    private final World world;
    private final int port;
    private final ArrayDeque<Datagram> waiting = new ArrayDeque<>();
    /** When the last datagram on a link arrives: those behind it aren't earlier. */
    private final Map<Link, Long> lastArrivals = new HashMap<>();

    private int waitingBytes;
    private int receiveLimit;
    private boolean paused;
    private boolean due;
    private boolean closed;
    private boolean gone;
    private BiConsumer<InetSocketAddress, byte[]> onReceived = (from, bytes) -> {};
    private Consumer<InetSocketAddress> onRefused = to -> {};

    Datagrams(Host host, int port) {
        this.host = host;
        this.world = host.world;
        this.port = port;
        this.receiveLimit = (int) world.dice().spread(world.bufferLeast(), world.bufferMost());
        tell("is open", 0);
    }

    /** The host's address and the port; the port hears what is sent to loopback from its host, too. */
    public InetSocketAddress address() {
        return host.address(port);
    }

    // ---- sending

    /**
     * Sends a copy of these bytes as one datagram.
     *
     * @throws SysException EMSGSIZE for more than {@link #MOST_BYTES}, EINVAL for port 0
     * @throws IllegalArgumentException for an address that is not resolved
     * @throws IllegalStateException after {@link #close}
     */
    public Datagrams send(InetSocketAddress to, byte[] bytes) {
        if (to.isUnresolved()) {
            throw new IllegalArgumentException(to + " is not resolved: take the address of a host");
        }
        if (bytes.length > MOST_BYTES) {
            throw new SysException(
                    "sendto",
                    bytes.length + " bytes in one datagram, where at most " + MOST_BYTES + " fit: send several",
                    Errno.EMSGSIZE);
        }
        if (to.getPort() == 0) {
            throw new SysException("sendto", to + ": nobody has port 0, name another", Errno.EINVAL);
        }
        if (gone) {
            return this;
        }
        if (closed) {
            throw new IllegalStateException(address() + " is closed: open another with Host.datagrams()");
        }
        tell("sends a datagram of # bytes", bytes.length);
        boolean inside = to.getAddress().isLoopbackAddress();
        InetSocketAddress from = inside ? new InetSocketAddress(to.getAddress(), port) : address();
        launch(new Datagram(from, to, bytes.clone()));
        return this;
    }

    private void launch(Datagram datagram) {
        Host target = host.reach(datagram.to.getAddress());
        if (target == null) {
            tell("loses a datagram: no host has its address", 0);
            return;
        }
        Link link = world.link(host, target);
        long arrival = Math.max(lastArrivals.getOrDefault(link, 0L), world.now() + link.transit(datagram.room()));
        if (world.strikes(Faults.Kind.DATAGRAM_LOSS)) {
            tell("loses a datagram of # bytes", datagram.bytes.length);
            return;
        }
        if (world.strikes(Faults.Kind.DATAGRAM_DUPLICATE)) {
            long nanos = laterNanos();
            tell("has a datagram doubled, # ns later", nanos);
            world.at(arrival + nanos, () -> arrive(datagram, target, link));
        }
        if (world.strikes(Faults.Kind.DATAGRAM_REORDER)) {
            long nanos = laterNanos();
            tell("has a datagram held up for # ns", nanos);
            world.at(arrival + nanos, () -> arrive(datagram, target, link));
            return; // those behind it don't wait
        }
        lastArrivals.put(link, arrival);
        world.at(arrival, () -> arrive(datagram, target, link));
    }

    private long laterNanos() {
        return world.dice().spread(LATER_LEAST_NANOS, LATER_MOST_NANOS);
    }

    // ---- the way

    private void arrive(Datagram datagram, Host target, Link link) {
        if (link.isCut() || !target.isUp()) {
            return;
        }
        Datagrams receiver = target.datagramsAt(datagram.to.getPort());
        if (receiver != null) {
            receiver.take(datagram);
            return;
        }
        Link back = world.link(target, host);
        world.in(
                back.transit(HEADER_BYTES),
                () -> { // RFC 1122, 4.1.3.1: ICMP port unreachable
                    if (!back.isCut() && !closed) {
                        tell("is refused by port #", datagram.to.getPort());
                        onRefused.accept(datagram.to);
                    }
                });
    }

    // ---- receiving

    private void take(Datagram datagram) {
        // One fits into any empty buffer, as on Linux, where what is there already counts
        // (__udp_enqueue_schedule_skb()).
        if (!waiting.isEmpty() && waitingBytes + datagram.room() > receiveLimit) {
            tell("has no room for a datagram of # bytes", datagram.bytes.length);
            return;
        }
        waiting.add(datagram);
        waitingBytes += datagram.room();
        world.progressed();
        readSoon();
    }

    private void readSoon() {
        if (!due && !paused && !waiting.isEmpty()) {
            due = true;
            world.in(world.dice().spread(REACTION_LEAST_NANOS, REACTION_MOST_NANOS), this::read);
        }
    }

    private void read() {
        due = false;
        while (!paused && !closed && !waiting.isEmpty()) {
            Datagram next = waiting.remove();
            waitingBytes -= next.room();
            tell("reads a datagram of # bytes", next.bytes.length);
            onReceived.accept(next.from, next.bytes.clone()); // a doubled one is this one, too
        }
    }

    /** Bytes that may wait to be read, each datagram's with its 28 of headers; drawn by the seed until it is set. */
    public Datagrams receiveBuffer(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a receive buffer of " + bytes + " bytes: it has 1 at least");
        }
        receiveLimit = bytes;
        return this;
    }

    /** What comes waits, as far as there is room. */
    public Datagrams pauseReading() {
        paused = true;
        return this;
    }

    public Datagrams resumeReading() {
        paused = false;
        readSoon();
        return this;
    }

    /** Is given the sender's address, and a copy of what came. */
    public Datagrams onReceived(BiConsumer<InetSocketAddress, byte[]> action) {
        onReceived = action;
        return this;
    }

    /**
     * Is given the address that a datagram was sent to where its host is up and nobody has the port (ICMP port unreachable), as a
     * socket with IP_RECVERR would be, ip(7).
     */
    public Datagrams onRefused(Consumer<InetSocketAddress> action) {
        onRefused = action;
        return this;
    }

    // ---- the end

    int port() {
        return port;
    }

    /** Gives the port back; what waits to be read is lost, what was sent still arrives. Once closed, does nothing. */
    @Override
    public void close() {
        if (!closed) {
            tell("is closed", 0);
            end();
            host.remove(this);
        }
    }

    /** Its program is gone; the host forgets it. */
    void die() {
        gone = true;
        end();
    }

    private void end() {
        closed = true;
        waiting.clear();
        waitingBytes = 0;
    }

    private void tell(String event, long number) {
        world.tell(host, Story.NO_CONNECTION, "UDP port " + port + " " + event, number);
    }
}
