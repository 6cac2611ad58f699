package dev.sluice.threading;

import dev.sluice.Service;
import java.net.SocketAddress;

/** A connection that can open another one in its own serialization domain. */
public interface Dialer {
    /** See {@link dev.sluice.Client#dial(dev.sluice.Connection, SocketAddress, Service)}. */
    void dial(SocketAddress remote, Service service);
}
