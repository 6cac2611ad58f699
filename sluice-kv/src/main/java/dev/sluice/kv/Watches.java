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
    record Watched(Key key, boolean wasDue) {}

    private final Map<Key, List<Client>> watchers = new HashMap<>();

    boolean isEmpty() {
        return watchers.isEmpty();
    }

    /** @param due whether the key had ended, unremoved, by then: its removal changes nothing */
    void watch(Client client, Key key, boolean due) {
        List<Client> all = watchers.computeIfAbsent(key, none -> new ArrayList<>());
        if (all.contains(client)) {
            return;
        }
        all.add(client);
        if (client.watched.isEmpty()) {
            client.watched = new ArrayList<>();
        }
        client.watched.add(new Watched(key, due));
    }

    void unwatch(Client client) {
        for (Watched watched : client.watched) {
            Key key = watched.key;
            List<Client> all = watchers.get(key);
            if (all != null && all.remove(client) && all.isEmpty()) {
                watchers.remove(key);
            }
        }
        client.watched = List.of();
        client.watchBroken = false;
    }

    /** A key was changed, or is gone. */
    void touched(int database, byte[] key) {
        List<Client> all = watchers.get(new Key(database, new Bytes(key)));
        if (all != null) {
            all.forEach(client -> client.watchBroken = true);
        }
    }

    /** The keys of a database that are watched. */
    List<Key> of(int database) {
        return watchers.keySet().stream()
                .filter(key -> key.database == database)
                .toList();
    }
}
