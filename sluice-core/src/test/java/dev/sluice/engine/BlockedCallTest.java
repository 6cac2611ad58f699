package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Signals;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockedCallTest {
    private static final int ROUNDS = 5_000;

    @BeforeAll
    static void handleTheSignal() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Signals.ignoreWithInterrupt(Signals.WAKE, new CallState(arena)))
                    .isZero();
        }
    }

    /** A signal that comes just before the call is lost; a wake never is. */
    @Test
    void everyWakeEndsABlockedReceive() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        try (ScheduledExecutorService repeats = Executors.newSingleThreadScheduledExecutor();
                Arena arena = Arena.ofShared()) {
            CallState state = new CallState(arena);
            long pair = Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0, state);
            BlockedCall call = new BlockedCall((delay, task) -> repeats.schedule(task, delay, TimeUnit.NANOSECONDS));
            Thread blocked = Thread.ofPlatform().start(() -> receive(call, Descriptors.first(pair), rounds));
            for (int round = 1; round <= ROUNDS; round++) {
                call.wake();
                while (rounds.get() < round && blocked.isAlive()) {
                    Thread.onSpinWait();
                }
            }
            blocked.join();
            Descriptors.close(Descriptors.first(pair), state);
            Descriptors.close(Descriptors.second(pair), state);
        }
        assertThat(rounds).as("rounds that ended").hasValue(ROUNDS);
    }

    private static void receive(BlockedCall call, int fd, AtomicInteger rounds) {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = new CallState(arena);
            long memory = arena.allocate(8).address();
            call.attach();
            while (rounds.get() < ROUNDS) {
                boolean woken = true;
                if (call.begin()) {
                    long result = Sockets.recv(fd, memory, 8, 0, state);
                    woken = call.end(); // not by a signal that was sent once too often for the round before
                    assertThat(result).isEqualTo(-Errno.EINTR);
                }
                if (woken) {
                    rounds.incrementAndGet();
                }
            }
            call.detach();
        }
    }

    @Test
    void wakeBeforeBeginKeepsItFromBlocking() {
        BlockedCall call = new BlockedCall((delay, task) -> {});
        call.wake();
        assertThat(call.begin()).isFalse();
        assertThat(call.begin()).isTrue();
        assertThat(call.end()).isFalse();
    }

    @Test
    void wakesAreOneUntilTheThreadIsBack() {
        AtomicInteger repeats = new AtomicInteger();
        BlockedCall call = new BlockedCall((delay, task) -> repeats.incrementAndGet());
        call.attach();
        assertThat(call.begin()).isTrue();
        call.wake();
        call.wake();
        assertThat(call.end()).isTrue();
        assertThat(repeats).as("one signal, and one repeat asked for").hasValue(1);
        assertThat(call.begin()).isTrue();
        assertThat(call.end()).isFalse();
        call.detach();
    }

    @Test
    void parkedThreadIsWoken() throws Exception {
        BlockedCall call = new BlockedCall((delay, task) -> {});
        Thread parked = Thread.ofPlatform().start(() -> {
            call.attach();
            while (!call.begin()) {
                Thread.onSpinWait();
            }
            call.park();
            call.end();
            call.detach();
        });
        call.wake();
        while (parked.isAlive()) { // the first wake may have come before begin, which then answers false once
            call.wake();
            parked.join(1);
        }
        assertThat(parked.isAlive()).isFalse();
    }
}
