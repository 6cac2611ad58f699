package dev.sluice.lab.disk;

import java.util.Arrays;
import java.util.List;

/** What is done to the file: in which order its blocks are taken, and what is done to each. */
public enum DiskPattern {
    RANDOM_READ("random-read", true, 100, false),
    RANDOM_WRITE("random-write", true, 0, false),
    RANDOM_WRITE_SYNC("random-write-sync", true, 0, true),
    RANDOM_MIXED("random-mixed", true, DiskPattern.MIXED_READS_PERCENT, false),
    SEQUENTIAL_READ("sequential-read", false, 100, false),
    SEQUENTIAL_WRITE("sequential-write", false, 0, false),
    SEQUENTIAL_WRITE_SYNC("sequential-write-sync", false, 0, true),
    SEQUENTIAL_MIXED("sequential-mixed", false, DiskPattern.MIXED_READS_PERCENT, false);

    private static final int MIXED_READS_PERCENT = 70;

    private final String text;
    private final boolean random;
    private final int readsPercent;
    private final boolean syncs;

    DiskPattern(String text, boolean random, int readsPercent, boolean syncs) {
        this.text = text;
        this.random = random;
        this.readsPercent = readsPercent;
        this.syncs = syncs;
    }

    /** The names that {@link #named} takes. */
    public static List<String> names() {
        return Arrays.stream(values()).map(pattern -> pattern.text).toList();
    }

    /**
     * A pattern by its name.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public static DiskPattern named(String name) {
        return Arrays.stream(values())
                .filter(pattern -> pattern.text.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no pattern is named '" + name + "'; there are " + String.join(", ", names())));
    }

    /** Its name, as in "random-read". */
    public String text() {
        return text;
    }

    /** Whether each block is one at random; else each follows the one before, and the first the last. */
    boolean random() {
        return random;
    }

    /** Of a hundred operations, how many read; which ones is chance. */
    int readsPercent() {
        return readsPercent;
    }

    boolean reads() {
        return readsPercent > 0;
    }

    boolean writes() {
        return readsPercent < 100;
    }

    /** Whether each write is followed by fdatasync(2), and over when that is. */
    boolean syncs() {
        return syncs;
    }

    /** What it is, for people: "reads of blocks at random". */
    String words() {
        String what = !writes()
                ? "reads of blocks"
                : !reads()
                        ? "writes of blocks" + (syncs ? ", each made durable (fdatasync)," : "")
                        : readsPercent + " % reads and " + (100 - readsPercent) + " % writes of blocks";
        return what + (random ? " at random" : " one after the other");
    }
}
