package dev.sluice.sim;

import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import java.net.InetSocketAddress;

/** CONNECT: io_connect() of io_uring/net.c. */
final class RingConnect extends RingRequest {
    private final SimSocket socket;
    private final InetSocketAddress remote;
    private boolean started;

    RingConnect(SimRing ring, RingEntry entry, SimSocket socket) {
        super(ring, entry, socket);
        this.socket = socket;
        this.remote = (InetSocketAddress) SocketAddresses.decode(entry.address(), (int) entry.offset());
    }

    @Override
    boolean isReady() {
        return !started || !socket.isConnecting();
    }

    @Override
    int keys() {
        return Pollable.OUT | Pollable.ERR;
    }

    @Override
    void issue() {
        if (started) {
            finish(-socket.takeError(), 0);
            return;
        }
        started = true;
        int result = socket.connect(remote);
        if (result == -Errno.EINPROGRESS) {
            arm();
        } else {
            finish(result, 0);
        }
    }
}
