package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.FdSet;
import dev.sluice.os.Select;
import java.lang.foreign.Arena;

/**
 * select(2), with the FD_SETSIZE that the C library gives it: a descriptor of 1024 or more can't be watched, since the set
 * has no bit for it, and {@link #holds} says so. The kernel overwrites the sets, so copies of them go to each call.
 */
public final class SelectPoller implements Poller {
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final WakeFd wake = new WakeFd();
    private final FdSet readWanted = new FdSet(arena);
    private final FdSet writeWanted = new FdSet(arena);
    private final FdSet read = new FdSet(arena);
    private final FdSet write = new FdSet(arena);
    private final int[] ready = new int[FdSet.FD_SETSIZE];
    private final int[] events = new int[FdSet.FD_SETSIZE];
    private final boolean[] watched = new boolean[FdSet.FD_SETSIZE];
    private int highest;
    private long calls;

    public SelectPoller() {
        if (!FdSet.fits(wake.descriptor())) {
            int fd = wake.descriptor();
            wake.close();
            arena.close();
            throw new IllegalStateException(
                    "select can't start: its wake-up descriptor is " + fd + ", beyond FD_SETSIZE " + FdSet.FD_SETSIZE
                            + "; this process has too many descriptors open, take --model epoll");
        }
        readWanted.set(wake.descriptor());
        highest = wake.descriptor();
    }

    @Override
    public boolean edgeTriggered() {
        return false;
    }

    @Override
    public boolean holds(int fd) {
        return FdSet.fits(fd);
    }

    @Override
    public int add(int fd, int interest) {
        if (!FdSet.fits(fd)) {
            return -Errno.ENOSPC;
        }
        watched[fd] = true;
        highest = Math.max(highest, fd);
        return modify(fd, interest);
    }

    @Override
    public int modify(int fd, int interest) {
        mark(readWanted, fd, (interest & IN) != 0);
        mark(writeWanted, fd, (interest & OUT) != 0);
        return 0;
    }

    private static void mark(FdSet set, int fd, boolean on) {
        if (on) {
            set.set(fd);
        } else {
            set.clear(fd);
        }
    }

    @Override
    public int remove(int fd) {
        modify(fd, 0);
        watched[fd] = false;
        while (highest > wake.descriptor() && !watched[highest]) {
            highest--;
        }
        return 0;
    }

    @Override
    public int poll(long timeoutNanos) {
        calls++;
        read.copyFrom(readWanted);
        write.copyFrom(writeWanted);
        int left = Select.pselect(highest + 1, read, write, null, timeoutNanos, 0, state);
        if (left < 0) {
            return left == -Errno.EINTR ? 0 : left;
        }
        int found = 0;
        if (left > 0 && read.isSet(wake.descriptor())) {
            read.clear(wake.descriptor());
            calls++;
            wake.drain();
        }
        int r = left > 0 ? read.next(0) : -1;
        int w = left > 0 ? write.next(0) : -1;
        while (r >= 0 || w >= 0) {
            int fd = w < 0 || (r >= 0 && r < w) ? r : w;
            ready[found] = fd;
            events[found++] = (fd == r ? IN : 0) | (fd == w ? OUT : 0);
            r = fd == r ? read.next(fd + 1) : r;
            w = fd == w ? write.next(fd + 1) : w;
        }
        return found;
    }

    @Override
    public int readyFd(int index) {
        return ready[index];
    }

    @Override
    public int readyEvents(int index) {
        return events[index];
    }

    @Override
    public void wake() {
        wake.wake();
    }

    @Override
    public long systemCalls() {
        return calls;
    }

    @Override
    public void close() {
        wake.close();
        arena.close();
    }
}
