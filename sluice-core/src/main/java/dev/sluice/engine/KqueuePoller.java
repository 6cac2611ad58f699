package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Kqueue;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * kqueue(2), level-triggered. Reading and writing are two filters of a descriptor; changes are collected and go to the kernel
 * together with the wait. The kernel forgets a closed descriptor by itself, and the changes that still name it are dropped.
 */
public final class KqueuePoller implements Poller {
    private static final int MAX_EVENTS = 512;
    private static final int MAX_CHANGES = 512;

    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final long events =
            arena.allocate((long) MAX_EVENTS * Kqueue.EVENT_BYTES, 8).address();
    private final long changes =
            arena.allocate((long) MAX_CHANGES * Kqueue.EVENT_BYTES, 8).address();
    private final WakeFd wake = new WakeFd();
    private final int kqueue;
    private int changeCount;
    /** What each descriptor's filters are, or are about to be. */
    private byte[] interests = new byte[64];

    private long calls;

    public KqueuePoller() {
        kqueue = SysException.check(Kqueue.kqueue(state), "kqueue", "");
        change(wake.descriptor(), Kqueue.EVFILT_READ, Kqueue.EV_ADD);
    }

    @Override
    public boolean edgeTriggered() {
        return false;
    }

    @Override
    public int add(int fd, int interest) {
        if (fd >= interests.length) {
            interests = Arrays.copyOf(interests, Math.max(fd + 1, interests.length * 2));
        }
        interests[fd] = 0;
        return modify(fd, interest);
    }

    @Override
    public int modify(int fd, int interest) {
        int result = filter(fd, Kqueue.EVFILT_READ, interests[fd] & IN, interest & IN);
        int second = filter(fd, Kqueue.EVFILT_WRITE, interests[fd] & OUT, interest & OUT);
        interests[fd] = (byte) (interest & (IN | OUT));
        return result < 0 ? result : second;
    }

    private int filter(int fd, int filter, int before, int after) {
        return before == after ? 0 : change(fd, filter, after != 0 ? Kqueue.EV_ADD : Kqueue.EV_DELETE);
    }

    private int change(int fd, int filter, int flags) {
        int result = changeCount == MAX_CHANGES ? flush() : 0;
        Kqueue.set(changes, changeCount++, fd, filter, flags, 0, 0, 0);
        return result;
    }

    /** Gives collected changes to the kernel now. */
    private int flush() {
        calls++;
        int result = Kqueue.kevent(kqueue, changes, changeCount, 0, 0, 0, state);
        changeCount = 0;
        return result;
    }

    @Override
    public int remove(int fd) {
        int result = modify(fd, 0);
        return changeCount > 0 ? flush() : result;
    }

    @Override
    public int closing(int fd) {
        interests[fd] = 0;
        int kept = 0;
        for (int i = 0; i < changeCount; i++) {
            if (Kqueue.ident(changes, i) != fd) {
                NativeMemory.copy(entry(i), entry(kept++), Kqueue.EVENT_BYTES);
            }
        }
        changeCount = kept;
        return 0;
    }

    private long entry(int index) {
        return changes + (long) index * Kqueue.EVENT_BYTES;
    }

    @Override
    public int poll(long timeoutNanos) {
        calls++;
        int count = changeCount;
        changeCount = 0;
        int n = Kqueue.kevent(kqueue, changes, count, events, MAX_EVENTS, timeoutNanos, state);
        return n == -Errno.EINTR ? 0 : n;
    }

    @Override
    public int readyFd(int index) {
        int fd = (int) Kqueue.ident(events, index);
        if (fd == wake.descriptor()) {
            calls++;
            wake.drain();
            return -1;
        }
        return fd;
    }

    @Override
    public int readyEvents(int index) {
        int flags = Kqueue.flags(events, index);
        if ((flags & Kqueue.EV_ERROR) != 0) {
            return IN | OUT | HUP; // a change failed: the next call on the descriptor says why
        }
        int event = Kqueue.filter(events, index) == Kqueue.EVFILT_READ ? IN : OUT;
        return (flags & Kqueue.EV_EOF) != 0 ? event | HUP : event;
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
        Descriptors.close(kqueue, state);
        arena.close();
    }
}
