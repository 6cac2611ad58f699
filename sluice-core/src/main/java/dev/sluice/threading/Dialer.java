package dev.sluice.threading;

import dev.sluice.DomainLocal;
import dev.sluice.Service;
import java.net.SocketAddress;

/** A connection that can open another one in its own serialization domain. */
public interface Dialer {
    /** See {@link dev.sluice.Client#dial(dev.sluice.Connection, SocketAddress, Service)}. */
    void dial(SocketAddress remote, Service service);

    /** See {@link DomainLocal#get}. */
    <T> T local(DomainLocal<T> key);

    /** See {@link DomainLocal#isShared}. */
    boolean isDomainShared();
}
