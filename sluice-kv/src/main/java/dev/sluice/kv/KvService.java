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
    private static final long TICK_NANOS = 100_000_000;

    private final Store store;
    /** Whose timer it is. In the store's own order. */
    private @Nullable KvSession ticking;
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
                ticking = session;
                startTicking(session, connection);
            }
            return session;
        } finally {
            store.leave();
        }
    }

    private static void startTicking(KvSession session, Connection connection) {
        connection.every(TICK_NANOS, session::tick);
    }

    /** One string for all connections that have come by the same address. In the store's own order. */
    String shared(String local) {
        if (!localAddress.equals(local)) {
            localAddress = local;
        }
        return localAddress;
    }

    /** Hands the timer over, if it was this one's. In the store's own order. */
    void closed(KvSession session) {
        if (ticking != session) {
            return;
        }
        ticking = null;
        for (Client client : store.clients()) {
            if (client.outlet instanceof KvSession other
                    && other.connection().execute(() -> other.startTicking(TICK_NANOS))) {
                ticking = other;
                return;
            }
        }
    }

    @Override
    public String singleProcessReason() {
        return "the store is the memory of one process";
    }
}
