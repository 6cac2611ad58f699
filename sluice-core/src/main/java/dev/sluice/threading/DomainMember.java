package dev.sluice.threading;

import dev.sluice.DomainLocal;
import dev.sluice.Service;
import java.net.SocketAddress;

/** A connection, as a way into its serialization domain. */
public interface DomainMember {
    /** See {@link dev.sluice.Client#dial(dev.sluice.Connection, SocketAddress, Service)}. */
    void dial(SocketAddress remote, Service service);

    /**
     * Queues a task as {@link dev.sluice.Connection#execute} does, but one that must run: where the connection is over by then, it runs as a
     * task of the domain. No bound is on it: for what is bounded by itself. From any thread.
     *
     * @return false where the domain is over too
     */
    boolean submit(Runnable task);

    /** See {@link DomainLocal#get}. */
    <T> T local(DomainLocal<T> key);

    /** See {@link DomainLocal#isShared}. */
    boolean isDomainShared();
}
