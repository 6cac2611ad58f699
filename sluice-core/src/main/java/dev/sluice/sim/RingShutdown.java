package dev.sluice.sim;

/** SHUTDOWN, which always goes to a worker: io_shutdown_prep() of io_uring/net.c forces it. */
final class RingShutdown extends RingWork {
    private final SimSocket socket;

    RingShutdown(SimRing ring, RingEntry entry, SimSocket socket) {
        super(ring, entry, socket);
        this.socket = socket;
    }

    @Override
    void begin() {
        inWorker(() -> done(this::shutdown));
    }

    private int shutdown() {
        tell("ends its side", 0);
        return socket.shutdownOutput();
    }
}
