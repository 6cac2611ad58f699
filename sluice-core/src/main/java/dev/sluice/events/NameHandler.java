package dev.sluice.events;

import java.net.InetAddress;
import java.util.List;

/** Told how a look-up of a name ended: one of the two, once. */
public interface NameHandler {
    /** The addresses, at least one, in the resolver's order. */
    void resolved(List<InetAddress> addresses) throws Exception;

    /**
     * There is no such name, the time is over, or too many look-ups wait.
     *
     * @param reason which of them
     */
    void failed(String reason) throws Exception;
}
