package dev.sluice.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes of names that are not durable yet, in their order. As in the journals of ext4 and XFS a change reaches the disk
 * with all that came before it, so a crash keeps a first part of them; and a rename is one change.
 */
final class DiskJournal {
    /** One entry of a directory is set, or taken away. */
    record Entry(
            DiskDirectory directory, String name, @Nullable DiskNode node) {}

    private final List<List<Entry>> changes = new ArrayList<>();

    /** Entries that change together, or not at all. */
    void add(Entry... entries) {
        changes.add(List.of(entries));
    }

    int count() {
        return changes.size();
    }

    /** Makes the first so many changes durable. */
    void commit(int count) {
        List<List<Entry>> first = changes.subList(0, count);
        for (List<Entry> change : first) {
            for (Entry entry : change) {
                DiskDirectory.set(entry.directory().durable, entry.name(), entry.node());
            }
        }
        first.clear();
    }

    /** Forgets what is not durable. */
    void clear() {
        changes.clear();
    }
}
