package dev.sluice.proxy;

/** How a back end is chosen. */
public enum Balancing {
    /** In turn, each as often as its weight says. */
    RR {
        @Override
        Balancer of(Backend[] all) {
            return new RoundRobin(all);
        }
    },
    /** The one that works on the fewest requests for its weight. */
    LEAST {
        @Override
        Balancer of(Backend[] all) {
            return new LeastConnections(all);
        }
    },
    /** A client's address always goes to the same one, as long as that is available. */
    HASH {
        @Override
        Balancer of(Backend[] all) {
            return new RendezvousHash(all);
        }
    };

    abstract Balancer of(Backend[] all);
}
