package dev.sluice.kv.log;

import org.jspecify.annotations.Nullable;

/** The segment that a log goes over to next: made while the current one fills, with its room, and its name synced. */
final class SegmentAhead {
    private final LogOptions options;
    private final Runnable then;
    private boolean making;
    private @Nullable SegmentFile made;

    /** @param then is run once one is made */
    SegmentAhead(LogOptions options, Runnable then) {
        this.options = options;
        this.then = then;
    }

    boolean isMaking() {
        return making;
    }

    boolean isMade() {
        return made != null;
    }

    /** Makes it, unless that has begun. */
    void make(LogDirectory files, int index) {
        if (making || made != null) {
            return;
        }
        making = true;
        String name = LogDirectory.name(SegmentHeader.Kind.SEGMENT, index);
        LogDirectory watched = files.with((what, errno) -> {
            making = false; // or the log's end would wait for it
            files.fail(what, errno);
        });
        SegmentFile.make(watched, name, options.isDirect(), opened -> {
            Runnable ready = () -> {
                making = false;
                made = opened;
                then.run();
            };
            Runnable names = () -> watched.syncNames(ready);
            if (options.preallocate()) {
                watched.allocate(opened.file, name, options.segmentBytes(), names);
            } else {
                names.run();
            }
        });
    }

    /** Gives it away, where it is made. */
    @Nullable
    SegmentFile take() {
        SegmentFile taken = made;
        made = null;
        return taken;
    }
}
