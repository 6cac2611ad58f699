package dev.sluice;

import dev.sluice.events.Events;
import dev.sluice.threading.DomainMember;
import dev.sluice.threading.Setup;
import dev.sluice.threading.Threading;
import java.net.SocketAddress;

/**
 * Dials out. Safe for use from any thread, apart from {@link #dial(Connection, SocketAddress, Service)}.
 *
 * <p>A dialled session is opened at once; {@link Session#opened} follows when the connection is established, or {@link
 * Session#closed} with {@link Cause.Kind#CONNECT}. What is written before is sent once it is established.
 */
public final class Client implements AutoCloseable {
    private final Model model;
    private final Threading.Dialling dialling;

    private Client(Model model, Threading.Dialling dialling) {
        this.model = model;
        this.dialling = dialling;
    }

    /** A client with loops of its own. Closing it closes its connections. */
    public static Client start(String model, Options options) {
        Model row = Models.choose(model);
        OptionChecks.require(row, options);
        if (!row.can(Model.Ability.DIAL)) {
            throw new IllegalArgumentException("model " + row.name() + " can't dial out; use epoll, or threads");
        }
        return new Client(row, row.threading().get().dialling(Setup.forClient(row, options)));
    }

    /**
     * Dials in the owner's serialization domain: callbacks of the two sessions never overlap, so that a proxy's two
     * sides may call each other. Called from the owner's callbacks. The new connection does not end with its owner.
     */
    public static void dial(Connection owner, SocketAddress remote, Service service) {
        ((DomainMember) owner).dial(remote, service);
    }

    static <T> T local(Connection owner, DomainLocal<T> key) {
        return ((DomainMember) owner).local(key);
    }

    static boolean isDomainShared(Connection owner) {
        return ((DomainMember) owner).isDomainShared();
    }

    public Model model() {
        return model;
    }

    /** Dials on one of the client's loops, in turn. */
    public void dial(SocketAddress remote, Service service) {
        dialling.dial(remote, service);
    }

    /** The events of its first loop, for sources that belong to no connection; closed with the client. See {@link Server#events}. */
    public Events events() {
        return dialling.events();
    }

    public ServerStats stats() {
        return dialling.stats();
    }

    @Override
    public void close() {
        dialling.stop();
    }
}
