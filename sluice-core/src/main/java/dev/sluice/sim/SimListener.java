package dev.sluice.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A listening socket: a queue of connections that are established and wait to be accepted. */
final class SimListener extends Pollable {
    private final Host host;
    final InetSocketAddress local;
    private final int backlogCount;
    final boolean reusePort;
    private final ArrayDeque<SimSocket> queue = new ArrayDeque<>();
    private boolean closed;

    SimListener(Host host, InetSocketAddress local, int backlogCount, boolean reusePort) {
        this.host = host;
        this.local = local;
        this.backlogCount = backlogCount;
        this.reusePort = reusePort;
    }

    boolean hasRoom() {
        return queue.size() <= backlogCount; // sk_acceptq_is_full() has one more
    }

    /** Whether what is sent to an address of its host is for it. */
    boolean hears(InetAddress target) {
        return local.getAddress().isAnyLocalAddress()
                || target.isAnyLocalAddress()
                || local.getAddress().equals(target);
    }

    boolean isClosed() {
        return closed;
    }

    void enter(SimSocket newcomer) {
        queue.add(newcomer);
        wake(IN);
    }

    /** The next newcomer, or null. */
    @Nullable
    SimSocket accept() {
        return queue.poll();
    }

    @Override
    int readiness() {
        return queue.isEmpty() ? 0 : IN;
    }

    /** Its host has crashed. */
    void crash() {
        closed = true;
        queue.clear();
        unwatchAll();
    }

    @Override
    void close() {
        closed = true;
        host.remove(this);
        for (SimSocket waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
            waiting.answerReset();
        }
    }
}
