package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** epoll, poll and select on real sockets. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(30)
class WaitsTest {
    private static final long MILLISECOND = 1_000_000;

    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final Arena arena = Arena.ofConfined();
    private final long buffer = arena.allocate(1024, 8).address();

    @AfterEach
    void close() {
        net.close();
        arena.close();
    }

    private int epoll() {
        return net.own(Epoll.create1(Epoll.EPOLL_CLOEXEC, state));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void epollTellsWhoIsReadyAndHow() {
        int epoll = epoll();
        int[] first = net.pair(0);
        int[] second = net.pair(0);
        long data = 0xfedc_ba98_7654_3210L;
        assertThat(Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, first[0], Epoll.EPOLLIN, data, state))
                .isZero();
        assertThat(Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, second[0], Epoll.EPOLLIN | Epoll.EPOLLRDHUP, 2, state))
                .isZero();
        assertThat(Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, first[0], Epoll.EPOLLIN, 1, state))
                .isEqualTo(-Errno.EEXIST);
        assertThat(Epoll.wait(epoll, buffer, 8, 0, state)).isZero();
        net.send(first[1], "x");
        Sockets.shutdown(second[1], Sockets.SHUT_WR, state);
        assertThat(Epoll.wait(epoll, buffer, 8, 1_000, state)).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            if (Epoll.data(buffer, i) == data) {
                assertThat(Epoll.events(buffer, i)).isEqualTo(Epoll.EPOLLIN);
            } else {
                assertThat(Epoll.data(buffer, i)).isEqualTo(2);
                assertThat(Epoll.events(buffer, i)).isEqualTo(Epoll.EPOLLIN | Epoll.EPOLLRDHUP);
            }
        }
        assertThat(Epoll.ctl(epoll, Epoll.EPOLL_CTL_MOD, first[0], Epoll.EPOLLOUT, 9, state))
                .isZero();
        assertThat(Epoll.ctl(epoll, Epoll.EPOLL_CTL_DEL, second[0], 0, 0, state))
                .isZero();
        assertThat(Epoll.wait(epoll, buffer, 8, 1_000, state)).isEqualTo(1);
        assertThat(Epoll.events(buffer, 0)).isEqualTo(Epoll.EPOLLOUT);
        assertThat(Epoll.data(buffer, 0)).isEqualTo(9);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void edgeTriggeredEpollTellsOnce() {
        int epoll = epoll();
        int[] pair = net.pair(0);
        Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, pair[0], Epoll.EPOLLIN | Epoll.EPOLLET, 1, state);
        net.send(pair[1], "x");
        assertThat(Epoll.wait(epoll, buffer, 8, 1_000, state)).isEqualTo(1);
        assertThat(Epoll.wait(epoll, buffer, 8, 0, state)).isZero();
        net.send(pair[1], "y");
        assertThat(Epoll.wait(epoll, buffer, 8, 1_000, state)).isEqualTo(1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pwait2CountsInNanoseconds() {
        int epoll = epoll();
        long start = System.nanoTime();
        assertThat(Epoll.pwait2(epoll, buffer, 8, MILLISECOND / 2, state)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(MILLISECOND / 2);
        int[] pair = net.pair(0);
        Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, pair[0], Epoll.EPOLLIN, 4, state);
        net.send(pair[1], "x");
        assertThat(Epoll.pwait2(epoll, buffer, 8, -1, state)).isEqualTo(1);
        assertThat(Epoll.data(buffer, 0)).isEqualTo(4);
        assertThat(Epoll.pwait2(1 << 20, buffer, 8, 0, state)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void pollTellsWhoIsReadyAndHow() {
        int[] first = net.pair(0);
        int[] second = net.pair(0);
        Poll.set(buffer, 0, first[0], Poll.POLLIN);
        Poll.set(buffer, 1, -1, Poll.POLLIN);
        Poll.set(buffer, 2, second[0], Poll.POLLIN | Poll.POLLOUT);
        assertThat(Poll.poll(buffer, 3, 0, state)).isEqualTo(1);
        assertThat(Poll.revents(buffer, 2)).isEqualTo(Poll.POLLOUT);
        net.send(first[1], "x");
        assertThat(Poll.poll(buffer, 3, -1, state)).isEqualTo(2);
        assertThat(Poll.revents(buffer, 0)).isEqualTo(Poll.POLLIN);
        assertThat(Poll.revents(buffer, 1)).isZero();
        assertThat(Poll.fd(buffer, 2)).isEqualTo(second[0]);
        assertThat(Poll.events(buffer, 2)).isEqualTo(Poll.POLLIN | Poll.POLLOUT);
        Poll.set(buffer, 0, 1 << 20, Poll.POLLIN);
        assertThat(Poll.poll(buffer, 1, 0, state)).isEqualTo(1);
        assertThat(Poll.revents(buffer, 0)).isEqualTo(Poll.POLLNVAL);
        assertThat(Poll.pollOne(first[0], Poll.POLLIN, 0, state)).isEqualTo(Poll.POLLIN);
        assertThat(Poll.pollOne(second[0], Poll.POLLIN, 0, state)).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void ppollCountsInNanoseconds() {
        Poll.set(buffer, 0, net.pair(0)[0], Poll.POLLIN);
        long start = System.nanoTime();
        assertThat(Poll.ppoll(buffer, 1, MILLISECOND, 0, state)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(MILLISECOND);
    }

    @Test
    void selectLeavesTheReadyOnes() {
        int[] first = net.pair(0);
        int[] second = net.pair(0);
        int count = Math.max(Math.max(first[0], first[1]), Math.max(second[0], second[1])) + 1;
        FdSet wanted = new FdSet(arena);
        FdSet read = new FdSet(arena);
        FdSet write = new FdSet(arena);
        wanted.set(first[0]);
        wanted.set(second[0]);
        read.copyFrom(wanted);
        assertThat(Select.select(count, read, null, null, 0, state)).isZero();
        assertThat(read.next(0)).isEqualTo(-1);
        net.send(first[1], "x");
        read.copyFrom(wanted);
        write.copyFrom(wanted);
        assertThat(Select.select(count, read, write, null, -1, state)).isEqualTo(3);
        assertThat(read.isSet(first[0])).isTrue();
        assertThat(read.isSet(second[0])).isFalse();
        assertThat(write.next(0)).isEqualTo(Math.min(first[0], second[0]));
        assertThat(write.next(write.next(0) + 1)).isEqualTo(Math.max(first[0], second[0]));
        wanted.clear(first[0]);
        read.copyFrom(wanted);
        long start = System.nanoTime();
        assertThat(Select.pselect(count, read, null, null, 2 * MILLISECOND, 0, state))
                .isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(2 * MILLISECOND);
        int gone = Descriptors.dup(first[0], state);
        Descriptors.close(gone, state);
        read.set(gone);
        assertThat(Select.select(gone + 1, read, null, null, 0, state)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void aSetRefusesWhatItCannotHold() {
        FdSet set = new FdSet(arena);
        for (int fd = 0; fd < FdSet.FD_SETSIZE; fd++) {
            set.set(fd);
            assertThat(set.next(0)).isEqualTo(fd);
            set.clear(fd);
        }
        set.set(1023);
        assertThat(set.isSet(1023)).isTrue();
        assertThat(set.next(1024)).isEqualTo(-1);
        for (int fd : new int[] {1024, 4096, -1, Integer.MAX_VALUE}) {
            assertThat(FdSet.fits(fd)).isFalse();
            assertThatThrownBy(() -> set.set(fd)).hasMessageContaining("fd_set");
            assertThatThrownBy(() -> set.isSet(fd)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Select.select(1025, set, null, null, 0, state))
                .isInstanceOf(IllegalArgumentException.class);
        set.clear();
        assertThat(set.next(0)).isEqualTo(-1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aRealDescriptorOf1024IsRefused() {
        int high = net.own(Descriptors.fcntl(net.pair(0)[0], Descriptors.F_DUPFD_CLOEXEC, FdSet.FD_SETSIZE, state));
        assertThat(high).isGreaterThanOrEqualTo(1024);
        FdSet set = new FdSet(arena);
        assertThatThrownBy(() -> set.set(high)).isInstanceOf(IllegalArgumentException.class);
        assertThat(set.next(0)).isEqualTo(-1);
    }

    @Test
    void kqueueWorksOrSaysWhyNot() {
        Kqueue.Availability availability = Kqueue.availability();
        int kq = Kqueue.kqueue(state);
        if (!availability.available()) {
            assertThat(availability.reason()).contains("kqueue");
            assertThat(availability.cure()).isNotBlank();
            assertThat(kq).isEqualTo(-Errno.ENOSYS);
            return;
        }
        net.own(kq);
        int[] pair = net.pair(0);
        Kqueue.set(buffer, 0, pair[0], Kqueue.EVFILT_READ, Kqueue.EV_ADD, 0, 0, 0x1234_5678_9abcL);
        assertThat(Kqueue.kevent(kq, buffer, 1, buffer, 4, 0, state)).isZero();
        net.send(pair[1], "abc");
        assertThat(Kqueue.kevent(kq, 0, 0, buffer, 4, 5_000 * MILLISECOND, state))
                .isEqualTo(1);
        assertThat(Kqueue.ident(buffer, 0)).isEqualTo(pair[0]);
        assertThat(Kqueue.filter(buffer, 0)).isEqualTo(Kqueue.EVFILT_READ);
        assertThat(Kqueue.flags(buffer, 0) & Kqueue.EV_EOF).isZero();
        assertThat(Kqueue.data(buffer, 0)).isEqualTo(3);
        assertThat(Kqueue.userData(buffer, 0)).isEqualTo(0x1234_5678_9abcL);
    }
}
