package dev.sluice.kv.log;

import java.util.Arrays;
import java.util.Optional;

/** When a record counts as durable. */
public enum Sync {
    /** Once it is synced: it survives a power cut. */
    ALWAYS("always"),
    /** Once it is written: it survives the process. It is synced within a second; after two without a sync nothing counts. */
    EVERYSEC("everysec"),
    /** Once it is written. It is synced when the kernel likes, and at the end of a segment. */
    NO("no");

    private final String label;

    Sync(String label) {
        this.label = label;
    }

    /** Its name on command lines. */
    public String label() {
        return label;
    }

    public static Optional<Sync> named(String label) {
        return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
    }
}
