package dev.sluice.sim;

/** SHUTDOWN, which always goes to a worker: io_shutdown_prep() of io_uring/net.c forces it. */
final class RingShutdown extends RingRequest {
    private final SimSocket socket;
    private boolean atIt;

    RingShutdown(SimRing ring, RingEntry entry, SimSocket socket) {
        super(ring, entry, socket);
        this.socket = socket;
    }

    @Override
    boolean isReady() {
        return true;
    }

    @Override
    int keys() {
        return 0;
    }

    @Override
    void issue() {
        if (atIt) {
            return;
        }
        atIt = true;
        inWorker(() -> {
            if (!isOver()) {
                tell("ends its side", 0);
                int result = socket.shutdownOutput();
                ring.addWork(() -> {
                    if (!isOver()) { // cancelled meanwhile
                        finish(result, 0);
                    }
                });
            }
        });
    }
}
