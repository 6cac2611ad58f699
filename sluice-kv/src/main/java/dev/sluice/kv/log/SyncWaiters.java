package dev.sluice.kv.log;

import java.util.ArrayList;
import java.util.List;

/** What waits for a record to be synced, whatever the log's {@link Sync}. */
final class SyncWaiters {
    private record Waiting(long number, Runnable task) {}

    private final List<Waiting> all = new ArrayList<>();

    void add(long number, Runnable task) {
        all.add(new Waiting(number, task));
    }

    /** Whether one waits for a record that is written and not synced. */
    boolean want(long written, long synced) {
        for (Waiting waiting : all) {
            if (waiting.number > synced && waiting.number <= written) {
                return true;
            }
        }
        return false;
    }

    /** Runs those that wait for no record behind one. */
    void run(long synced) {
        for (int i = 0; i < all.size(); i++) {
            Waiting waiting = all.get(i);
            if (waiting.number <= synced) {
                all.remove(i--);
                waiting.task.run();
            }
        }
    }

    /** Forgets them: nothing will be synced any more. */
    void clear() {
        all.clear();
    }
}
