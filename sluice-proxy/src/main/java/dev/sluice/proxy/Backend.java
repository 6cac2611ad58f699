package dev.sluice.proxy;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that requests are passed on to. Safe for use from any thread. */
public final class Backend {
    /** How a try on a back end ended. */
    public enum Outcome {
        /** With a whole response. */
        ANSWERED,
        /** Without one, by the back end's doing. */
        FAILED,
        /** Nobody wanted it any more. */
        CANCELLED
    }

    private final SocketAddress address;
    private final AtomicInteger inFlight = new AtomicInteger();

    public Backend(SocketAddress address) {
        this.address = address;
    }

    public SocketAddress address() {
        return address;
    }

    /** Requests that it works on now. */
    public int inFlight() {
        return inFlight.get();
    }

    /** A try starts. */
    public void started() {
        inFlight.incrementAndGet();
    }

    /** A try is over. */
    public void ended(Outcome outcome) {
        inFlight.decrementAndGet();
    }
}
