package dev.sluice.sim;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory: its entries as calls see them, and as the disk keeps them. {@link DiskJournal} brings one to the other. */
final class DiskDirectory extends DiskNode {
    NavigableMap<String, DiskNode> entries = new TreeMap<>();
    final NavigableMap<String, DiskNode> durable = new TreeMap<>();

    DiskDirectory(long number, long modifiedNanos) {
        super(number, modifiedNanos);
    }

    /** Sets an entry, or takes it away. */
    static void set(NavigableMap<String, DiskNode> entries, String name, @Nullable DiskNode node) {
        if (node == null) {
            entries.remove(name);
        } else {
            entries.put(name, node);
        }
    }

    /** Only what the disk keeps is left, here and below; names and open files are counted anew. */
    void crash() {
        entries = new TreeMap<>(durable);
        for (DiskNode node : entries.values()) {
            node.names = 1;
            node.opened = 0;
            if (node instanceof DiskDirectory below) {
                below.crash();
            }
        }
    }
}
