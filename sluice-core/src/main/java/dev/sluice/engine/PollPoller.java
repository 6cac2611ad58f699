package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Poll;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * poll(2): the whole list of descriptors goes to the kernel with every call, which looks at each of them. Entry 0 is the
 * wake-up; removing swaps the last entry into the gap.
 */
public final class PollPoller implements Poller {
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final WakeFd wake = new WakeFd();
    private int capacity = 64;
    private long entries = NativeMemory.allocate((long) capacity * Poll.ENTRY_BYTES);
    private int count = 1;
    /** From a descriptor to its entry; 0 where it has none. */
    private int[] entryOf = new int[64];
    /** Entries that the last poll found ready. */
    private int[] ready = new int[64];

    private long calls;

    public PollPoller() {
        Poll.set(entries, 0, wake.descriptor(), Poll.POLLIN);
    }

    @Override
    public boolean edgeTriggered() {
        return false;
    }

    @Override
    public int add(int fd, int interest) {
        if (count == capacity) {
            grow();
        }
        if (fd >= entryOf.length) {
            entryOf = Arrays.copyOf(entryOf, Math.max(fd + 1, entryOf.length * 2));
        }
        entryOf[fd] = count;
        Poll.set(entries, count++, fd, bits(interest));
        return 0;
    }

    @Override
    public int modify(int fd, int interest) {
        Poll.set(entries, entryOf[fd], fd, bits(interest));
        return 0;
    }

    @Override
    public int remove(int fd) {
        int gap = entryOf[fd];
        entryOf[fd] = 0;
        int last = --count;
        if (gap != last) {
            int moved = Poll.fd(entries, last);
            Poll.set(entries, gap, moved, Poll.events(entries, last));
            entryOf[moved] = gap;
        }
        return 0;
    }

    @Override
    public int poll(long timeoutNanos) {
        calls++;
        int left = Poll.ppoll(entries, count, timeoutNanos, 0, state);
        if (left < 0) {
            return left == -Errno.EINTR ? 0 : left;
        }
        int found = 0;
        for (int i = 0; i < count && left > 0; i++) {
            if (Poll.revents(entries, i) != 0) {
                left--;
                if (i == 0) {
                    calls++;
                    wake.drain();
                } else {
                    found = note(found, i);
                }
            }
        }
        return found;
    }

    private int note(int found, int entry) {
        int base = found * 2;
        if (base + 2 > ready.length) {
            ready = Arrays.copyOf(ready, ready.length * 2);
        }
        // Copied out, because a callback may remove an entry and so move another into its place.
        ready[base] = Poll.fd(entries, entry);
        ready[base + 1] = events(Poll.revents(entries, entry));
        return found + 1;
    }

    @Override
    public int readyFd(int index) {
        return ready[index * 2];
    }

    @Override
    public int readyEvents(int index) {
        return ready[index * 2 + 1];
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
        NativeMemory.free(entries);
        arena.close();
    }

    private void grow() {
        long larger = NativeMemory.allocate((long) capacity * 2 * Poll.ENTRY_BYTES);
        NativeMemory.copy(entries, larger, (long) capacity * Poll.ENTRY_BYTES);
        NativeMemory.free(entries);
        entries = larger;
        capacity *= 2;
    }

    private static int bits(int interest) {
        return ((interest & IN) != 0 ? Poll.POLLIN : 0) | ((interest & OUT) != 0 ? Poll.POLLOUT : 0);
    }

    private static int events(int bits) {
        return (bits & Poll.POLLIN)
                | ((bits & Poll.POLLOUT) >>> 1)
                | ((bits & (Poll.POLLERR | Poll.POLLHUP | Poll.POLLNVAL)) != 0 ? HUP : 0);
    }
}
