package dev.sluice.threading;

import dev.sluice.Connection;
import dev.sluice.DomainLocal;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Priority;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Completion;
import dev.sluice.engine.Handle;
import dev.sluice.events.Events;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import dev.sluice.source.DomainEvents;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection, the same on every model: what its session, its engine and its domain hold of it. It asks its {@link
 * Domain} for an engine, a clock and an order, and knows nothing of which engine that is.
 *
 * <p>It is one object in layers, each a file and a concern, because an idle connection is to weigh little (a million of
 * them are held at once) and a busy one to lie in few cache lines. What moves bytes comes with the bytes: its output queue
 * and its kept input are the domain's while they are empty.
 *
 * <pre>
 *   {@link Deadlines} ◀ {@link Callbacks} ◀ {@link SessionTasks} ◀ {@link SessionTimers} ◀ {@link Output} ◀ {@link Input} ◀ {@link Lifecycle} ◀ {@link Moving}
 * </pre>
 *
 * <p>All of it runs inside the domain, {@link #execute} apart.
 */
public final class SocketConnection extends Moving implements Connection, Completion, DomainMember {
    private static final SocketAddress UNKNOWN = new InetSocketAddress(0);

    private @Nullable SocketAddress remote;
    /** Its class, in a byte: 1 is high, 0 normal, -1 low. */
    private byte rank;

    // Links of the domain's ConnectionList.
    @Nullable
    SocketConnection previous;

    @Nullable
    SocketConnection next;

    public SocketConnection(Domain domain, Handle handle) {
        super(domain, handle);
        domain.attach(handle, this);
    }

    @Override
    SocketConnection self() {
        return this;
    }

    /** What its engine knows of it. */
    public Handle handle() {
        return handle;
    }

    // ---- for the domain

    /** The domain's task that runs {@link #turn}. */
    Runnable turnTask() {
        return this::turn;
    }

    /** Tells the session that the server is draining; from the domain's loop. */
    void askStopping() {
        domain.submit(this::stopping);
    }

    /** Cuts the connection; from the domain's loop. */
    void askCut() {
        domain.cut(this);
    }

    // ---- from the engine

    @Override
    public void connected(int result) {
        dialled(result);
    }

    @Override
    public void received(ByteBuffer bytes) {
        touched();
        worked(bytes.remaining());
        if (isOpen()) {
            if (domain.isRanked()) {
                keepArrived(bytes);
            } else {
                offerArrived(bytes);
            }
        }
        settle();
    }

    @Override
    public void receivedInKernel(FileRegion bytes) {
        touched();
        worked(bytes.count());
        if (isOpen()) {
            call(session -> session.receivedInKernel(bytes));
        }
        settle();
    }

    @Override
    public void receiveEnded(int result) {
        endInput();
        if (result < 0) {
            failed("recv", result);
        }
        settle();
    }

    @Override
    public void sent(long result) {
        if (isOver()) {
            return;
        }
        worked(result);
        if (result < 0) {
            failed("send", (int) result);
        } else if (taken(result)) {
            if (isOpen() && !isEndAsked()) {
                call(Session::drained);
            }
            offerAgain();
        }
        settle();
    }

    @Override
    public void closed() {
        over();
    }

    @Override
    public boolean receiveInKernel(boolean on) {
        boolean can = on && domain instanceof Loop && keptBytes() == 0; // what is kept is offered before what comes
        return !isOver() && domain.engine().receiveInKernel(handle, can);
    }

    // ---- its class

    @Override
    public void priority(Priority now) {
        if (!isClosed()) {
            domain.ranked(priority(), now);
            rank = switch (now) {
                case HIGH -> 1;
                case NORMAL -> 0;
                case LOW -> -1;
            };
        }
    }

    Priority priority() {
        return rank == 0 ? Priority.NORMAL : rank > 0 ? Priority.HIGH : Priority.LOW;
    }

    // ---- for who looks into a running server

    /**
     * The connection as it is now; inside the domain, or on the loop of its virtual thread.
     *
     * @param state the calling thread's
     */
    ConnectionReport report(String owner, CallState state) {
        return report(owner, domain instanceof Mailbox ? peerSeenFromOutside(state) : peerAsText());
    }

    /** The peer's address as text; inside the domain. It is not kept: so many that nobody asks for again would weigh. */
    final String peerAsText() {
        try {
            return text(remote == null ? domain.engine().remoteAddress(handle) : remote);
        } catch (SysException e) {
            return "a peer that is gone";
        }
    }

    /** The same without the engine, whose memory is its thread's; from any thread, while the connection is held. */
    String peerSeenFromOutside(CallState state) {
        SocketAddress known = remote;
        try {
            if (known == null && handle.descriptor() >= 0) {
                known = Sockets.peerAddress(handle.descriptor(), state);
            } else if (known == null) {
                known = handle.remoteAddressFromOutside();
            }
        } catch (SysException e) {
            return "a peer that is gone";
        }
        return known == null ? "a peer that only its ring knows" : text(known);
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        String name = address.toString();
        return name.isEmpty() ? "unix" : name;
    }

    // ---- the world

    @Override
    public void dial(SocketAddress address, Service service) {
        stayForGood();
        domain.dial(address, service);
    }

    @Override
    public Events events() {
        if (isOver()) {
            DomainEvents closed = new DomainEvents(domain);
            closed.close();
            return closed;
        }
        stayForGood(); // what is opened there is watched there
        return domain.events(self());
    }

    @Override
    public <T> T local(DomainLocal<T> key) {
        stayForGood();
        return domain.local(key);
    }

    @Override
    public boolean isDomainShared() {
        return domain.isShared();
    }

    @Override
    public SocketAddress remoteAddress() {
        if (remote == null) {
            remote = askRemoteAddress();
        }
        return remote;
    }

    @Override
    public void remoteAddress(SocketAddress client) {
        remote = client;
    }

    /** Bytes that came before a reset are still offered, and who sent them may be asked then: getpeername(2) says ENOTCONN. */
    private SocketAddress askRemoteAddress() {
        try {
            return domain.engine().remoteAddress(handle);
        } catch (SysException e) {
            if (e.errno() == Errno.ENOTCONN) {
                return UNKNOWN;
            }
            throw e;
        }
    }

    @Override
    public SocketAddress localAddress() {
        return domain.engine().localAddress(handle);
    }

    @Override
    public long nanoTime() {
        return domain.nanoTime();
    }

    @Override
    public long turnNanos() {
        return domain.turnNanos();
    }

    @Override
    public long currentTimeMillis() {
        return domain.currentTimeMillis();
    }

    @Override
    public RandomGenerator random() {
        return domain.random();
    }

    @Override
    public Files files() {
        return domain.files();
    }
}
