package dev.sluice.lab.disk;

import java.util.ArrayList;
import java.util.List;

/**
 * A way to the file.
 *
 * @param engine its name
 * @param direct whether it goes past the page cache
 */
public record DiskChoice(String engine, boolean direct) {
    /** Each engine, through the page cache and past it, as far as the two are wanted. */
    public static List<DiskChoice> all(List<String> engines, boolean buffered, boolean direct) {
        List<DiskChoice> all = new ArrayList<>();
        for (String engine : engines) {
            if (buffered) {
                all.add(new DiskChoice(engine, false));
            }
            if (direct) {
                all.add(new DiskChoice(engine, true));
            }
        }
        return all;
    }

    /** What stands in a table. */
    String name() {
        return direct ? engine + " direct" : engine;
    }

    /** How it stands to the page cache. */
    String mode() {
        return direct ? "direct" : "buffered";
    }
}
