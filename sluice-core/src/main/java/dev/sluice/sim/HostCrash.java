package dev.sluice.sim;

/** Thrown from a call that waits for a host which crashes meanwhile: its loops are gone, and what they were asked with them. */
public final class HostCrash extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    HostCrash(String host) {
        super(host + " has crashed, and with it what ran there");
    }
}
