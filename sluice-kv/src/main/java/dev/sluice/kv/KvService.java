package dev.sluice.kv;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import org.jspecify.annotations.Nullable;

/**
 * Serves a {@link Store} over RESP. One of the connections' timers makes the store do what is to be done from time to time, so that it
 * needs no thread; while nobody is connected, keys that have ended keep their memory.
 */
public final class KvService implements Service {
    private final Store store;
    /** Whose timer it is. In the store's own order. */
    private @Nullable Connection ticking;
    /** The address on which the last client came, as most do. */
    private String localAddress = "";

    public KvService(Store store) {
        this.store = store;
    }

    public Store store() {
        return store;
    }

    @Override
    public Session open(Connection connection) {
        store.enter();
        try {
            store.begin(connection.currentTimeMillis());
            KvSession session = new KvSession(this, connection);
            if (ticking == null) {
                ticking = connection;
                new StoreTicks(store, connection).start();
            }
            return session;
        } finally {
            store.leave();
        }
    }

    /** One string for all connections that have come by the same address. In the store's own order. */
    String shared(String local) {
        if (!localAddress.equals(local)) {
            localAddress = local;
        }
        return localAddress;
    }

    /** Hands the timer over, if it was this one's. In the store's own order. */
    void closed(Connection connection) {
        if (ticking != connection) {
            return;
        }
        ticking = null;
        for (Client client : store.clients()) {
            if (client.outlet instanceof KvOutlet outlet && startTicking(outlet.connection())) {
                return;
            }
        }
    }

    /** False where that one has ended already. */
    private boolean startTicking(Connection other) {
        boolean starts = other.execute(() -> new StoreTicks(store, other).start());
        if (starts) {
            ticking = other;
        }
        return starts;
    }

    @Override
    public String singleProcessReason() {
        return "the store is the memory of one process";
    }
}
