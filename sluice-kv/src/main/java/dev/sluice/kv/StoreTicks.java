package dev.sluice.kv;

import dev.sluice.Connection;

/** Makes a store do what is to be done from time to time, by a connection's timer, for as long as that is open. */
final class StoreTicks {
    private static final long TICK_NANOS = 100_000_000;

    private final Store store;
    private final Connection connection;
    /** A tick has more to do and goes on in the next turn. */
    private boolean goesOn;

    StoreTicks(Store store, Connection connection) {
        this.store = store;
        this.connection = connection;
    }

    /** In the connection's own turn. */
    void start() {
        connection.every(TICK_NANOS, this::tick);
    }

    /** The periodic one; goes on in the next turns, as long as there is more to do. */
    private void tick() {
        if (!goesOn) {
            goOn();
        }
    }

    private void goOn() {
        store.enter();
        try {
            store.begin(connection.currentTimeMillis());
            boolean more = store.tick();
            goesOn = more && connection.execute(this::goOn);
        } finally {
            store.leave();
        }
    }
}
