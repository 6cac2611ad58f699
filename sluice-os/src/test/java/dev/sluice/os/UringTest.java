package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A real ring of the running kernel; where rings are forbidden, the tests are skipped with the kernel's word for it.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(30)
class UringTest {
    private static final int DEPTH =
            Uring.IORING_SETUP_SINGLE_ISSUER | Uring.IORING_SETUP_DEFER_TASKRUN | Uring.IORING_SETUP_SUBMIT_ALL;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final UringCalls calls = UringCalls.machine(state);
    private UringQueues ring;

    /** A completion, copied out of the queue. */
    private record Done(long userData, int res, int flags) {
        boolean more() {
            return (flags & Cqe.IORING_CQE_F_MORE) != 0;
        }

        int buffer() {
            assertThat(flags & Cqe.IORING_CQE_F_BUFFER).isNotZero();
            return Cqe.bufferId(flags);
        }
    }

    @BeforeEach
    void open() {
        try {
            ring = new UringQueues(16, 64, DEPTH, calls);
        } catch (SysException e) {
            assumeTrue(false, e.getMessage());
        }
    }

    @AfterEach
    void close() {
        if (ring != null) {
            ring.close();
        }
        net.close();
    }

    private long sqe() {
        long sqe = ring.nextSqe();
        assertThat(sqe).isNotZero();
        return sqe;
    }

    /** Submits, waits for at least {@code count} completions, and takes all that are there. */
    private List<Done> await(int count) {
        List<Done> all = new ArrayList<>();
        long deadline = System.nanoTime() + 10 * SECOND;
        int result = ring.enter(count, Uring.IORING_ENTER_GETEVENTS, 10 * SECOND);
        while (true) {
            int ready = ring.ready();
            for (int i = 0; i < ready; i++) {
                long cqe = ring.cqe(i);
                all.add(new Done(Cqe.userData(cqe), Cqe.res(cqe), Cqe.flags(cqe)));
            }
            ring.advance(ready);
            if (all.size() >= count) {
                return all;
            }
            assertThat(System.nanoTime()).as("%s, enter said %d", all, result).isLessThan(deadline);
            result = ring.enter(count - all.size(), Uring.IORING_ENTER_GETEVENTS, SECOND);
        }
    }

    @Test
    void structuresHaveTheSizesOfTheHeader() {
        assertThat(Sqe.LAYOUT.byteSize()).isEqualTo(64);
        assertThat(Cqe.LAYOUT.byteSize()).isEqualTo(16);
        assertThat(UringMapping.PARAMS.byteSize()).isEqualTo(120);
        assertThat(UringMapping.SQ_OFFSETS.byteSize()).isEqualTo(40);
        assertThat(UringMapping.CQ_OFFSETS.byteSize()).isEqualTo(40);
        assertThat(UringQueues.GETEVENTS_ARG.byteSize()).isEqualTo(24);
        assertThat(UringQueues.RSRC_UPDATE.byteSize()).isEqualTo(16);
        assertThat(Uring.RSRC_REGISTER.byteSize()).isEqualTo(32);
        assertThat(Uring.RSRC_UPDATE2.byteSize()).isEqualTo(32);
        assertThat(Uring.NAPI.byteSize()).isEqualTo(16);
        assertThat(BufferRing.BUF.byteSize()).isEqualTo(16);
        assertThat(BufferRing.BUF_REG.byteSize()).isEqualTo(40);
        assertThat(Uring.PROBE.byteSize()).isEqualTo(16);
        assertThat(Uring.PROBE_OP.byteSize()).isEqualTo(8);
    }

    @Test
    void probeKnowsTheOperations() {
        assertThat(Uring.probe(ring.fd(), Uring.IORING_OP_SEND_ZC, calls)).isEqualTo(1);
        assertThat(Uring.probe(ring.fd(), 250, calls)).isZero();
        assertThat(Uring.probe(1 << 20, Uring.IORING_OP_NOP, calls)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void nopsCompleteInOrderOverManyTurnsOfTheRing() {
        assertThat(ring.sqEntries()).isEqualTo(16);
        assertThat(ring.cqEntries()).isEqualTo(64);
        for (int turn = 0; turn < 1_000; turn++) {
            for (int i = 0; i < 7; i++) {
                Sqe.nop(sqe(), turn * 7L + i);
            }
            assertThat(ring.unsubmitted()).isEqualTo(7);
            List<Done> done = await(7);
            assertThat(done).hasSize(7).allMatch(d -> d.res == 0);
            assertThat(done.getFirst().userData).isEqualTo(turn * 7L);
            assertThat(done.getLast().userData).isEqualTo(turn * 7L + 6);
            assertThat(ring.unsubmitted()).isZero();
        }
        assertThat(ring.lostCompletions()).isZero();
    }

    @Test
    void submissionQueueSaysWhenItIsFull() {
        for (int i = 0; i < 16; i++) {
            Sqe.nop(sqe(), i);
        }
        assertThat(ring.nextSqe()).isZero();
        assertThat(ring.enter(0, 0, -1)).isEqualTo(16);
        Sqe.nop(sqe(), 16);
        assertThat(await(17)).hasSize(17);
    }

    @Test
    void entriesHandedOutAreCleared() {
        Sqe.recvMultishot(sqe(), 0, 9, 0, 1);
        for (int i = 0; i < 15; i++) {
            Sqe.nop(sqe(), i);
        }
        await(16);
        long again = sqe();
        for (int at = 0; at < 64; at += 8) {
            assertThat(NativeMemory.getLong(again + at)).isZero();
        }
        Sqe.nop(again, 1);
        await(1);
    }

    @Test
    void timedWaitEndsWithETIME() {
        long start = System.nanoTime();
        assertThat(ring.enter(1, Uring.IORING_ENTER_GETEVENTS, 20_000_000)).isEqualTo(-Errno.ETIME);
        assertThat(System.nanoTime() - start).isBetween(19_000_000L, 5 * SECOND);
        assertThat(ring.enter(1, Uring.IORING_ENTER_GETEVENTS, 0)).isEqualTo(-Errno.ETIME);
    }

    @Test
    void timeoutOperationEndsWithETIME() {
        long timespec = NativeMemory.allocate(Timespec.LAYOUT.byteSize());
        Timespec.put(timespec, 1_000_000);
        Sqe.timeout(sqe(), timespec, 0, 5);
        assertThat(await(1)).containsExactly(new Done(5, -Errno.ETIME, 0));
        NativeMemory.free(timespec);
    }

    @Test
    void multishotAcceptAcceptsUntilItIsCancelled() {
        int listener = net.listener(0);
        Sqe.acceptMultishot(sqe(), listener, Sockets.SOCK_CLOEXEC, 42);
        assertThat(ring.enter(0, 0, -1)).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            net.connect(listener);
            Done accepted = await(1).getFirst();
            net.own(accepted.res);
            assertThat(accepted.userData).isEqualTo(42);
            assertThat(accepted.more()).isTrue();
        }
        Sqe.cancel(sqe(), 42, 43);
        assertThat(await(2))
                .extracting(Done::userData, Done::res, Done::more)
                .containsExactlyInAnyOrder(tuple(42L, -Errno.ECANCELED, false), tuple(43L, 0, false));
        Sqe.cancel(sqe(), 42, 44);
        assertThat(await(1)).containsExactly(new Done(44, -Errno.ENOENT, 0));
    }

    @Test
    void multishotReceiveFillsProvidedBuffersRunsOutAndIsArmedAgain() {
        int[] pair = net.pair(0);
        try (BufferRing buffers = new BufferRing(ring.fd(), 3, 4, 8, calls)) {
            buffers.addAll();
            Sqe.recvMultishot(sqe(), pair[1], 3, 0, 7);
            ring.enter(0, 0, -1);
            net.send(pair[0], "hello");
            Done first = await(1).getFirst();
            assertThat(first.more()).isTrue();
            assertThat(Loopback.text(buffers.address(first.buffer()), first.res))
                    .isEqualTo("hello");

            net.send(pair[0], "0123456789abcdefghijklmnopqrstuvwxyz"); // 36 bytes, 24 of which there is room for
            List<Done> rest = await(4);
            assertThat(rest).extracting(Done::res).containsExactly(8, 8, 8, -Errno.ENOBUFS);
            assertThat(rest.getLast().more()).isFalse();
            StringBuilder text = new StringBuilder();
            rest.subList(0, 3).forEach(d -> text.append(Loopback.text(buffers.address(d.buffer()), d.res)));
            rest.subList(0, 3).forEach(d -> buffers.add(d.buffer()));
            buffers.add(first.buffer());
            buffers.publish();

            Sqe.recvMultishot(sqe(), pair[1], 3, 0, 8);
            Sqe.shutdown(sqe(), pair[0], Sockets.SHUT_WR, 9);
            List<Done> again = await(4);
            for (Done d : again) {
                if (d.userData == 8 && d.res > 0) {
                    text.append(Loopback.text(buffers.address(d.buffer()), d.res));
                }
            }
            assertThat(text).hasToString("0123456789abcdefghijklmnopqrstuvwxyz");
            assertThat(again).anyMatch(d -> d.userData == 8 && d.res == 0 && !d.more());
        }
    }

    @Test
    void multishotReceiveEndsAtItsLimit() {
        int[] pair = net.pair(0);
        try (BufferRing buffers = new BufferRing(ring.fd(), 3, 4, 8, calls)) {
            buffers.addAll();
            Sqe.recvMultishot(sqe(), pair[1], 3, 16, 7);
            net.send(pair[0], "0123456789abcdefghijklmnopqrstuvwxyz");
            List<Done> done = await(1);
            assumeTrue(done.getFirst().res != -Errno.EINVAL, "this kernel has no limit (Linux 6.17)");
            while (done.getLast().more()) {
                done = Stream.concat(done.stream(), await(1).stream()).toList();
            }
            assertThat(done).extracting(Done::res).containsExactly(8, 8);
        }
    }

    @Test
    void cancelAllEndsEveryOperationOfADescriptor() {
        int[] pair = net.pair(0);
        long at = NativeMemory.allocate(8);
        Sqe.recv(sqe(), pair[1], at, 8, 0, 1);
        Sqe.pollAdd(sqe(), pair[1], Poll.POLLIN, 2);
        Sqe.cancelAll(sqe(), pair[1], 3);
        assertThat(await(3))
                .extracting(Done::userData, Done::res)
                .containsExactlyInAnyOrder(tuple(1L, -Errno.ECANCELED), tuple(2L, -Errno.ECANCELED), tuple(3L, 2));
        NativeMemory.free(at);
    }

    @Test
    void sendsReadsPollsAndCloses() {
        int[] pair = net.pair(0);
        long at = NativeMemory.allocate(64);
        NativeMemory.copy("to the ring".getBytes(StandardCharsets.US_ASCII), 0, 11, at);
        Sqe.send(sqe(), pair[0], at, 11, Sockets.MSG_NOSIGNAL, 1);
        assertThat(await(1)).containsExactly(new Done(1, 11, 0));
        Sqe.pollAdd(sqe(), pair[1], Poll.POLLIN, 2);
        assertThat(await(1).getFirst().res & Poll.POLLIN).isNotZero();
        Sqe.read(sqe(), pair[1], at + 32, 32, -1, 3);
        assertThat(await(1)).containsExactly(new Done(3, 11, 0));
        assertThat(Loopback.text(at + 32, 11)).isEqualTo("to the ring");
        int copy = Descriptors.dup(pair[0], state);
        Sqe.close(sqe(), copy, 4);
        assertThat(await(1)).containsExactly(new Done(4, 0, 0));
        assertThat(Descriptors.close(copy, state)).isEqualTo(-Errno.EBADF);
        NativeMemory.free(at);
    }

    @Test
    void zeroCopySendCompletesTwice() {
        int listener = net.listener(0);
        int client = net.connect(listener);
        int server = net.own(Sockets.accept4(listener, 0, state));
        long at = NativeMemory.allocate(4096);
        Sqe.sendZeroCopy(sqe(), client, at, 4096, 0, 6);
        List<Done> done = new ArrayList<>(await(1));
        assertThat(done.getFirst().res).isEqualTo(4096);
        assertThat(done.getFirst().more()).isTrue();
        assertThat(Sockets.recv(server, at, 4096, Sockets.MSG_WAITALL, state)).isEqualTo(4096);
        if (done.size() == 1) { // The notification may wait until the receiver has let go of the memory.
            done.addAll(await(1));
        }
        Done notified = done.getLast();
        assertThat(notified.flags & Cqe.IORING_CQE_F_NOTIF).isNotZero();
        assertThat(notified.more()).isFalse();
        NativeMemory.free(at);
    }

    @Test
    void spliceMovesFromASocketToAPipe() {
        int[] pair = net.pair(0);
        long pipe = Descriptors.pipe2(Descriptors.O_CLOEXEC, state);
        int readEnd = net.own(Descriptors.first(pipe));
        int writeEnd = net.own(Descriptors.second(pipe));
        net.send(pair[0], "spliced");
        Sqe.splice(sqe(), pair[1], -1, writeEnd, -1, 64, 0, 1);
        assertThat(await(1)).containsExactly(new Done(1, 7, 0));
        long at = NativeMemory.allocate(64);
        assertThat(Descriptors.read(readEnd, at, 64, state)).isEqualTo(7);
        assertThat(Loopback.text(at, 7)).isEqualTo("spliced");
        NativeMemory.free(at);
    }

    @Test
    void anotherRingIsTold() {
        CallState other = CallState.global();
        try (UringQueues target = new UringQueues(4, 0, Uring.IORING_SETUP_SINGLE_ISSUER, UringCalls.machine(other))) {
            Sqe.messageRing(sqe(), target.fd(), 77, 88, 1);
            assertThat(await(1)).containsExactly(new Done(1, 0, 0));
            target.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND);
            assertThat(target.ready()).isEqualTo(1);
            assertThat(Cqe.res(target.cqe(0))).isEqualTo(77);
            assertThat(Cqe.userData(target.cqe(0))).isEqualTo(88);
        }
    }

    @Test
    void completionsThatOverflowAreKeptAndBroughtLater() {
        try (UringQueues small = new UringQueues(8, 8, Uring.IORING_SETUP_SUBMIT_ALL, calls)) {
            assertThat(small.features() & Uring.IORING_FEAT_NODROP).isNotZero();
            for (int turn = 0; turn < 4; turn++) {
                for (int i = 0; i < 8; i++) {
                    Sqe.nop(small.nextSqe(), turn * 8L + i);
                }
                assertThat(small.enter(0, 0, -1)).isEqualTo(8);
            }
            assertThat(small.ready()).isEqualTo(8);
            assertThat(small.overflowed()).isTrue();
            for (long expected = 0; expected < 32; expected++) {
                if (small.ready() == 0) {
                    assertThat(small.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND))
                            .isZero();
                }
                assertThat(Cqe.userData(small.cqe(0))).isEqualTo(expected);
                small.advance(1);
            }
            assertThat(small.overflowed()).isFalse();
            assertThat(small.lostCompletions()).isZero();
        }
    }

    @Test
    void everySetUpWorksOrSaysWhyNot() {
        int[] flags = {0, Uring.IORING_SETUP_COOP_TASKRUN, DEPTH | Uring.IORING_SETUP_NO_SQARRAY};
        for (int flag : flags) {
            try (UringQueues one = new UringQueues(4, 0, flag, calls)) {
                for (int i = 0; i < 10; i++) {
                    Sqe.nop(one.nextSqe(), i);
                    assertThat(one.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND))
                            .isEqualTo(1);
                    assertThat(Cqe.userData(one.cqe(0))).isEqualTo(i);
                    one.advance(1);
                }
            }
        }
        assertThatThrownBy(() -> new UringQueues(4, 0, Uring.IORING_SETUP_DEFER_TASKRUN, calls))
                .isInstanceOf(SysException.class)
                .hasMessage("io_uring_setup(4, flags=0x2000): EINVAL (22), invalid argument");
        assertThatThrownBy(() -> new UringQueues(4, 0, 1, calls)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aThreadOfTheKernelSubmitsAndIsWoken() {
        try (UringQueues polled = new UringQueues(4, 0, Uring.IORING_SETUP_SQPOLL, 1, calls)) {
            assertThat(polled.isPolled()).isTrue();
            for (int i = 0; i < 20; i++) {
                while (i % 2 == 1 && !polled.publish()) {
                    Thread.onSpinWait(); // until it sleeps
                }
                Sqe.nop(polled.nextSqe(), i);
                polled.publish();
                assertThat(polled.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND))
                        .isNotNegative();
                assertThat(polled.ready()).isEqualTo(1);
                assertThat(Cqe.userData(polled.cqe(0))).isEqualTo(i);
                polled.advance(1);
            }
        }
    }

    @Test
    void registeredRingServesAsBefore() {
        assertThat(ring.registerRingFd()).isEqualTo(1);
        Sqe.nop(sqe(), 1);
        assertThat(await(1)).containsExactly(new Done(1, 0, 0));
        assertThat(ring.enter(1, Uring.IORING_ENTER_GETEVENTS, 1)).isEqualTo(-Errno.ETIME);
    }

    @Test
    void disabledRingBelongsToTheThreadThatEnablesIt() {
        try (UringQueues disabled = new UringQueues(4, 0, DEPTH | Uring.IORING_SETUP_R_DISABLED, calls)) {
            Sqe.nop(disabled.nextSqe(), 1);
            assertThat(disabled.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND)).isEqualTo(-Errno.EBADFD);
            assertThat(disabled.enable()).isZero();
            assertThat(disabled.enter(1, Uring.IORING_ENTER_GETEVENTS, SECOND)).isEqualTo(1);
        }
    }

    @Test
    void closedRingHasNothingAndMayBeClosedAgain() {
        UringQueues closed = new UringQueues(4, 0, 0, calls);
        BufferRing buffers = new BufferRing(closed.fd(), 0, 2, 64, calls);
        buffers.close();
        buffers.close();
        buffers.add(1);
        buffers.publish();
        closed.close();
        closed.close();
        assertThat(closed.nextSqe()).isZero();
        assertThat(closed.ready()).isZero();
        assertThat(closed.overflowed()).isFalse();
        assertThat(closed.enter(0, 0, 0)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void badBufferGroupsAreRefused() {
        assertThatThrownBy(() -> new BufferRing(ring.fd(), 0, 3, 64, calls))
                .isInstanceOf(IllegalArgumentException.class);
        try (BufferRing taken = new BufferRing(ring.fd(), 0, 2, 64, calls)) {
            assertThat(taken.count()).isEqualTo(2);
            assertThatThrownBy(() -> new BufferRing(ring.fd(), 0, 2, 64, calls))
                    .hasMessageContaining("group=0")
                    .hasMessageContaining("EEXIST");
        }
    }
}
