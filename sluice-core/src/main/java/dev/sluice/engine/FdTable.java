package dev.sluice.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The handles of a loop by descriptor, and its turns: a number closed and opened again means another socket. */
final class FdTable {
    private final FdCalls calls;
    private @Nullable FdHandle[] handles = new FdHandle[256];
    /** Wraps around: it is compared with itself only. */
    private int turn;

    FdTable(FdCalls calls) {
        this.calls = calls;
    }

    void beginTurn() {
        turn++;
    }

    FdHandle enter(int fd) {
        if (fd >= handles.length) {
            handles = Arrays.copyOf(handles, Math.max(fd + 1, handles.length * 2));
        }
        FdHandle handle = new FdHandle(calls, fd, turn);
        handles[fd] = handle;
        return handle;
    }

    /** The handle that a descriptor's readiness is for: none where it appeared in this turn only. */
    @Nullable
    FdHandle ready(int fd) {
        FdHandle h = fd < 0 || fd >= handles.length ? null : handles[fd];
        return h == null || h.bornTurn == turn ? null : h;
    }

    void remove(FdHandle h) {
        handles[h.fd] = null;
    }
}
