package dev.sluice.kv.log;

import java.util.List;
import java.util.function.Consumer;

/**
 * Removes files that a log needs no more, a piece at a time from their ends, with rests between: a file system gives back the room
 * of a large file in one transaction, and on a disk that is told of freed blocks (ext4(5), discard) the log's syncs wait for all of
 * it. Each piece is synced, or else the next transaction has them all. A file keeps its header until it goes.
 */
final class Removal {
    private static final long PIECE_BYTES_MOST = 4 << 20;
    private static final int PIECES = 16;

    private final LogDirectory files;
    private final long pieceBytes;
    private final Runnable begun;
    private final Consumer<Runnable> rest;

    /**
     * @param segmentBytes how long a segment is, which takes some pieces
     * @param begun is told that a piece is begun
     * @param rest runs the next piece once it may begin
     */
    Removal(LogDirectory files, long segmentBytes, Runnable begun, Consumer<Runnable> rest) {
        this.files = files;
        this.pieceBytes = Math.clamp(segmentBytes / PIECES, 1, PIECE_BYTES_MOST);
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
        if (size <= pieceBytes) {
            then.run();
            return;
        }
        begun.run();
        long left = size - pieceBytes;
        Runnable next = () -> rest.accept(() -> cut(file, name, left, then));
        files.disk().truncate(file, left, files.orFail("cutting " + name, done -> files.sync(file, name, next)));
    }
}
