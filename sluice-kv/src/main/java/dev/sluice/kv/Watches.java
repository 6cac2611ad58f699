package dev.sluice.kv;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who watches which keys (WATCH), and is told by a mark that one was touched. */
final class Watches {
    /** A key of a database. */
    record Key(int database, Bytes bytes) {}

    /** A key that a client watches. */
    static final class Watched {
        final Client client;
        final Key key;
        /** The key had ended by then, and is still to be removed. */
        private boolean due;

        private Watched(Client client, Key key, boolean due) {
            this.client = client;
            this.key = key;
            this.due = due;
        }

        boolean isDue() {
            return due;
        }
    }

    private final Map<Key, List<Watched>> watchers = new HashMap<>();

    boolean isEmpty() {
        return watchers.isEmpty();
    }

    /** @param due whether the key had ended, unremoved, by then: its removal changes nothing */
    void watch(Client client, Key key, boolean due) {
        List<Watched> all = watchers.computeIfAbsent(key, none -> new ArrayList<>());
        if (all.stream().anyMatch(each -> each.client == client)) {
            return;
        }
        Watched watched = new Watched(client, key, due);
        all.add(watched);
        if (client.watched.isEmpty()) {
            client.watched = new ArrayList<>();
        }
        client.watched.add(watched);
    }

    void unwatch(Client client) {
        for (Watched watched : client.watched) {
            List<Watched> all = watchers.get(watched.key);
            if (all != null && all.remove(watched) && all.isEmpty()) {
                watchers.remove(watched.key);
            }
        }
        client.watched = List.of();
        client.watchBroken = false;
    }

    /** A key was changed. */
    void changed(int database, byte[] key) {
        of(database, key).forEach(watched -> watched.client.watchBroken = true);
    }

    /** A key was removed that had ended, or all were: for who watched it only since it had ended, nothing has changed. */
    void removed(int database, byte[] key) {
        for (Watched watched : of(database, key)) {
            watched.client.watchBroken |= !watched.due;
            watched.due = false;
        }
    }

    private List<Watched> of(int database, byte[] key) {
        return watchers.getOrDefault(new Key(database, new Bytes(key)), List.of());
    }

    /** The keys of a database that are watched. */
    List<Key> of(int database) {
        return watchers.keySet().stream()
                .filter(key -> key.database == database)
                .toList();
    }
}
