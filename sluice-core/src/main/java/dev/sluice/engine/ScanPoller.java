package dev.sluice.engine;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * No kernel's help at all: every watched descriptor is called ready, and the engine tries each. It never sleeps
 * ({@code busy-poll}), or sleeps between rounds ({@code sleep-poll}), trading latency for processor time.
 */
public final class ScanPoller implements Poller {
    private final long sleepNanos;
    private int[] fds = new int[64];
    private int[] interests = new int[64];
    private int[] slotOf = new int[64];
    private int count;
    private int[] ready = new int[128];
    private long calls;
    private volatile @Nullable Thread sleeper;
    private volatile boolean woken;

    /**
     * A poller that scans.
     *
     * @param sleepNanos the pause before each round, or 0 for none
     */
    public ScanPoller(long sleepNanos) {
        this.sleepNanos = sleepNanos;
    }

    @Override
    public boolean edgeTriggered() {
        return false;
    }

    @Override
    public boolean sleeps() {
        return sleepNanos > 0;
    }

    @Override
    public boolean guesses() {
        return true;
    }

    @Override
    public int add(int fd, int interest) {
        if (count == fds.length) {
            fds = Arrays.copyOf(fds, count * 2);
            interests = Arrays.copyOf(interests, count * 2);
            ready = Arrays.copyOf(ready, count * 4);
        }
        if (fd >= slotOf.length) {
            slotOf = Arrays.copyOf(slotOf, Math.max(fd + 1, slotOf.length * 2));
        }
        slotOf[fd] = count;
        fds[count] = fd;
        interests[count++] = interest;
        return 0;
    }

    @Override
    public int modify(int fd, int interest) {
        interests[slotOf[fd]] = interest;
        return 0;
    }

    @Override
    public int remove(int fd) {
        int gap = slotOf[fd];
        int last = --count;
        fds[gap] = fds[last];
        interests[gap] = interests[last];
        slotOf[fds[gap]] = gap;
        return 0;
    }

    @Override
    public int poll(long timeoutNanos) {
        if (sleepNanos > 0 && timeoutNanos != 0) {
            sleep(timeoutNanos < 0 ? sleepNanos : Math.min(sleepNanos, timeoutNanos));
        } else if (timeoutNanos != 0) {
            Thread.onSpinWait();
        }
        woken = false;
        int found = 0;
        for (int i = 0; i < count; i++) {
            int wanted = interests[i] & (IN | OUT);
            if (wanted != 0) {
                ready[found * 2] = fds[i];
                ready[found * 2 + 1] = wanted;
                found++;
            }
        }
        return found;
    }

    private void sleep(long nanos) {
        sleeper = Thread.currentThread();
        if (!woken) {
            calls++; // futex(2), as the JDK parks
            LockSupport.parkNanos(this, nanos);
        }
        sleeper = null;
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
        woken = true;
        Thread thread = sleeper;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public long systemCalls() {
        return calls;
    }

    @Override
    public void close() {
        count = 0;
    }
}
