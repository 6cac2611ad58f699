package dev.sluice.engine;

/**
 * How a listening socket is opened, and what its newcomers inherit.
 *
 * @param backlogCount the accept queue's length; the kernel cuts it to net.core.somaxconn
 * @param reusePort SO_REUSEPORT, so that each loop can listen on the same address
 * @param noDelay TCP_NODELAY on newcomers
 * @param keepAlive SO_KEEPALIVE on newcomers
 * @param handsOver newcomers may go to other engines, so each needs a descriptor of its own
 * @param exclusive the listener is shared by several loops: wake one of them (EPOLLEXCLUSIVE) where the engine can
 */
public record ListenOptions(
        int backlogCount,
        boolean reusePort,
        boolean noDelay,
        boolean keepAlive,
        boolean handsOver,
        boolean exclusive) {}
