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

    int turn() {
        return turn;
    }

    FdHandle enter(int fd) {
        FdHandle handle = new FdHandle(calls, fd, turn);
        enter(handle);
        return handle;
    }

    void enter(FdHandle handle) {
        int fd = handle.fd;
        if (fd >= handles.length) {
            handles = Arrays.copyOf(handles, Math.max(fd + 1, handles.length * 2));
        }
        handles[fd] = handle;
    }

    /** Whether a handle that is not closed bears this number. */
    boolean holds(int fd) {
        FdHandle h = fd < handles.length ? handles[fd] : null;
        return h != null && !h.closed;
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
