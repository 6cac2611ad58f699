package dev.sluice.kv.log;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Removes files that a log needs no more, a piece at a time from their ends, with rests between: a file system gives back the room
 * of a large file in one transaction, and on a disk that is told of freed blocks (ext4(5), discard) the log's syncs wait for all of
 * it. Each piece is synced, or else the next transaction has them all. A file keeps its header until it goes.
 */
final class Removal {
    /** Smaller ones, each with its sync, would take longer than a busy log grows by as much. */
    private static final long PIECE_BYTES = 4 << 20;

    private final LogDirectory files;
    private final Runnable begun;
    private final Consumer<Runnable> rest;

    /**
     * @param begun is told that a piece is begun
     * @param rest runs the next piece once it may begin
     */
    Removal(LogDirectory files, Runnable begun, Consumer<Runnable> rest) {
        this.files = files;
        this.begun = begun;
        this.rest = rest;
    }

    void remove(List<String> names, Runnable then) {
        if (names.isEmpty()) {
            then.run();
            return;
        }
        String name = names.getFirst();
        Runnable next = () -> rest.accept(() -> remove(names.subList(1, names.size()), then));
        begun.run();
        files.open(name, LogDirectory.CHANGE, opened -> {
            int file = (int) opened;
            cut(file, name, files.disk().size(file), () -> files.close(file, () -> files.remove(name, next)));
        });
    }

    private void cut(int file, String name, long size, Runnable then) {
        if (size <= PIECE_BYTES) {
            then.run();
            return;
        }
        begun.run();
        long left = size - PIECE_BYTES;
        Runnable next = () -> rest.accept(() -> cut(file, name, left, then));
        LongConsumer synced = orClose(file, files.orFail("sync of " + name, done -> next.run()));
        LongConsumer cut = files.orFail("cutting " + name, done -> files.disk().sync(file, synced));
        files.disk().truncate(file, left, orClose(file, cut));
    }

    /** A file that can't be cut is left to the next compaction. */
    private LongConsumer orClose(int file, LongConsumer next) {
        return result -> {
            if (result < 0) {
                files.disk().close(file, closed -> {});
            }
            next.accept(result);
        };
    }
}
