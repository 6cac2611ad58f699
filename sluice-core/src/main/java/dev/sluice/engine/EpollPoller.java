package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Epoll;
import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;

/**
 * epoll(7), level- or edge-triggered.
 *
 * <p>The kernel forgets a descriptor when its last copy is closed, so closing needs no EPOLL_CTL_DEL; a listener that
 * loops share has several copies and is removed by name.
 */
public final class EpollPoller implements Poller {
    private static final int MAX_EVENTS = 512;
    /** EPOLLRDHUP comes with EPOLLIN, and tells edge-triggered code that a short read is not the last word. */
    private static final int EPOLLRDHUP = 0x2000;

    // POLLPRI does so too: tcp(7) ends a receive at the mark of urgent data, and no edge tells of what lies behind.

    private static final int EPOLLEXCLUSIVE = 1 << 28;
    private static final int EPOLLET = 1 << 31;

    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState();
    private final long events =
            arena.allocate((long) MAX_EVENTS * Epoll.EVENT_BYTES, 8).address();
    private final WakeFd wake = new WakeFd();
    private final boolean edge;
    private final int epoll;
    private long calls;

    public EpollPoller(boolean edgeTriggered) {
        this.edge = edgeTriggered;
        this.epoll = SysException.check(Epoll.create1(Epoll.EPOLL_CLOEXEC, state), "epoll_create1", "");
        SysException.check(control(Epoll.EPOLL_CTL_ADD, wake.descriptor(), Poll.POLLIN), "epoll_ctl", "eventfd");
    }

    @Override
    public boolean edgeTriggered() {
        return edge;
    }

    @Override
    public int add(int fd, int interest) {
        return control(Epoll.EPOLL_CTL_ADD, fd, bits(interest));
    }

    @Override
    public int modify(int fd, int interest) {
        return control(Epoll.EPOLL_CTL_MOD, fd, bits(interest));
    }

    @Override
    public int remove(int fd) {
        return control(Epoll.EPOLL_CTL_DEL, fd, 0);
    }

    @Override
    public int closing(int fd) {
        return 0;
    }

    @Override
    public int poll(long timeoutNanos) {
        calls++;
        int n = timeoutNanos > 0
                ? Epoll.pwait2(epoll, events, MAX_EVENTS, timeoutNanos, state)
                : Epoll.wait(epoll, events, MAX_EVENTS, timeoutNanos == 0 ? 0 : -1, state);
        return n == -Errno.EINTR ? 0 : n;
    }

    @Override
    public int readyFd(int index) {
        int fd = (int) Epoll.data(events, index);
        if (fd == wake.descriptor()) {
            calls++;
            wake.drain();
            return -1;
        }
        return fd;
    }

    @Override
    public int readyEvents(int index) {
        int bits = Epoll.events(events, index);
        return (bits & Poll.POLLIN) // IN, OUT and HUP are chosen so that epoll's bits need few steps
                | ((bits & Poll.POLLOUT) >>> 1)
                | ((bits & Poll.POLLPRI) << 4) // URGENT; only asked for edge-triggered
                | ((bits & (Poll.POLLERR | Poll.POLLHUP | EPOLLRDHUP)) != 0 ? HUP : 0);
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
        Descriptors.close(epoll, state);
        arena.close();
    }

    private int bits(int interest) {
        int bits = ((interest & IN) != 0 ? Poll.POLLIN : 0) | ((interest & OUT) != 0 ? Poll.POLLOUT : 0);
        if ((interest & EXCLUSIVE) != 0) {
            return bits | EPOLLEXCLUSIVE; // RDHUP is not allowed beside it, and a listener stays level-triggered
        }
        return edge && (interest & LEVEL) == 0 ? bits | EPOLLRDHUP | Poll.POLLPRI | EPOLLET : bits;
    }

    private int control(int operation, int fd, int bits) {
        calls++;
        return Epoll.ctl(epoll, operation, fd, bits, fd, state);
    }
}
