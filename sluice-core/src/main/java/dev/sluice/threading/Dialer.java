package dev.sluice.threading;

import dev.sluice.DomainLocal;
import dev.sluice.Service;
import java.net.SocketAddress;

/** A connection, as a way into its serialization domain. */
public interface Dialer {
    /** See {@link dev.sluice.Client#dial(dev.sluice.Connection, SocketAddress, Service)}. */
    void dial(SocketAddress remote, Service service);

    /**
     * Queues a task in the connection's serialization domain though the connection is over, or its own queue full; from any thread.
     * It is no callback of the connection, and no bound is on it: for what must run, and by itself is bounded.
     *
     * @return false where the domain is over too
     */
    boolean submit(Runnable task);

    /** See {@link DomainLocal#get}. */
    <T> T local(DomainLocal<T> key);

    /** See {@link DomainLocal#isShared}. */
    boolean isDomainShared();
}
