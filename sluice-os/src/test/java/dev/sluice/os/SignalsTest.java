package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(30)
class SignalsTest {
    private final Loopback net = new Loopback();
    private final CallState state = net.state;
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void install() {
        assertThat(Signals.ignoreWithInterrupt(Signals.WAKE, state)).isZero();
    }

    @AfterEach
    void close() {
        net.close();
        arena.close();
    }

    /** Runs a call on a platform thread and signals it until the call has answered. */
    private long interrupted(ToLongFunction<CallState> call) throws Exception {
        AtomicLong thread = new AtomicLong();
        CompletableFuture<Long> answer = new CompletableFuture<>();
        Thread blocked = Thread.ofPlatform().daemon().start(() -> {
            CallState own = new CallState(arena);
            thread.set(Signals.self(own));
            try {
                answer.complete(call.applyAsLong(own));
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        do { // One that came before the call is lost: once more, after a pause in which the thread can answer.
            if (thread.get() != 0) {
                Signals.interrupt(thread.get(), Signals.WAKE, state);
            }
        } while (!blocked.join(Duration.ofMillis(1)));
        return answer.get(1, TimeUnit.SECONDS);
    }

    @Test
    void aBlockedReceiveIsInterrupted() throws Exception {
        int[] pair = net.pair(0);
        long at = arena.allocate(8).address();
        for (int i = 0; i < 200; i++) {
            assertThat(interrupted(own -> Sockets.recv(pair[0], at, 8, 0, own))).isEqualTo(-Errno.EINTR);
        }
    }

    @Test
    void blockedAcceptAndWaitsAreInterrupted() throws Exception {
        int listener = net.listener(0);
        assertThat(interrupted(own -> Sockets.accept4(listener, 0, own))).isEqualTo(-Errno.EINTR);
        assertThat(interrupted(own -> Poll.pollOne(listener, Poll.POLLIN, -1, own)))
                .isEqualTo(-Errno.EINTR);
        int epoll = net.own(Epoll.create1(Epoll.EPOLL_CLOEXEC, state));
        long buffer = arena.allocate(64, 8).address();
        assertThat(interrupted(own -> Epoll.wait(epoll, buffer, 1, -1, own))).isEqualTo(-Errno.EINTR);
    }

    @Test
    void aBlockedSignalWaitsForPpoll() {
        SignalSet wake = new SignalSet(arena).add(Signals.WAKE);
        SignalSet during = new SignalSet(arena);
        assertThat(Signals.sigmask(Signals.SIG_BLOCK, wake, state)).isZero();
        try {
            assertThat(Signals.currentMask(during, state)).isZero();
            assertThat(during.contains(Signals.WAKE)).isTrue();
            during.remove(Signals.WAKE);
            assertThat(Signals.interrupt(Signals.self(state), Signals.WAKE, state))
                    .isZero();
            int[] pair = net.pair(0);
            long entry = arena.allocate(8, 8).address();
            Poll.set(entry, 0, pair[0], Poll.POLLIN);
            assertThat(Poll.ppoll(entry, 1, 0, 0, state)).isZero(); // still blocked, and pending
            assertThat(Poll.ppoll(entry, 1, -1, during.address(), state)).isEqualTo(-Errno.EINTR);
            assertThat(Poll.ppoll(entry, 1, 0, during.address(), state)).isZero(); // taken
        } finally {
            assertThat(Signals.sigmask(Signals.SIG_UNBLOCK, wake, state)).isZero();
        }
    }

    @Test
    void signalsAreReadFromADescriptor() {
        SignalSet wake = new SignalSet(arena).add(Signals.WAKE);
        assertThat(Signals.sigmask(Signals.SIG_BLOCK, wake, state)).isZero();
        try {
            int fd = net.own(SignalFd.signalfd(wake, SignalFd.SFD_NONBLOCK | SignalFd.SFD_CLOEXEC, state));
            assertThat(SignalFd.read(fd, state)).isEqualTo(-Errno.EAGAIN);
            Signals.interrupt(Signals.self(state), Signals.WAKE, state);
            assertThat(Poll.pollOne(fd, Poll.POLLIN, 5_000, state)).isEqualTo(Poll.POLLIN);
            long read = SignalFd.read(fd, state);
            assertThat(Descriptors.first(read)).isEqualTo(Signals.WAKE);
            assertThat(Descriptors.second(read))
                    .isEqualTo((int) ProcessHandle.current().pid());
        } finally {
            Signals.sigmask(Signals.SIG_UNBLOCK, wake, state);
        }
    }

    @Test
    void threadsThatAreGoneAndSignalsThatAreNoneAreValues() {
        assertThat(Signals.interrupt(0x3fff_fff0, Signals.WAKE, state)).isEqualTo(-Errno.ESRCH);
        assertThat(Signals.interrupt(Signals.self(state), 200, state)).isEqualTo(-Errno.EINVAL);
        assertThat(Signals.ignoreWithInterrupt(Platform.SIGKILL, state)).isEqualTo(-Errno.EINVAL);
        assertThat(Signals.kill((int) ProcessHandle.current().pid(), 0, state)).isZero();
        assertThatThrownBy(() -> new SignalSet(arena).add(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setsHoldEverySignal() {
        SignalSet set = new SignalSet(arena);
        for (int signal = 1; signal <= 64; signal++) {
            assertThat(set.contains(signal)).isFalse();
            assertThat(set.add(signal).contains(signal)).isTrue();
        }
        assertThat(NativeMemory.getLong(set.address())).isEqualTo(-1);
        assertThat(set.remove(9).contains(9)).isFalse();
        assertThat(NativeMemory.getLong(set.address())).isEqualTo(~(1L << 8));
    }
}
