package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The engines that hold the JDK's channels, driven directly: an echo, how they wait, and what they leave behind. */
@Timeout(60)
class JdkEnginesTest extends JdkFrame {
    @ParameterizedTest
    @EnumSource
    void echoes(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        for (int round = 1; round <= 100; round++) {
            byte[] message = ascii("round " + round + "\n");
            int total = peer.told().bytes.size() + message.length;
            socket.getOutputStream().write(message);
            until(() -> peer.told().bytes.size() == total);
            send(peer, message);
            assertThat(socket.getInputStream().readNBytes(message.length)).isEqualTo(message);
        }
        assertThat(engine.counters().receivedBytes).isEqualTo(peer.told().bytes.size());
        assertThat(engine.counters().sentBytes).isEqualTo(peer.told().bytes.size());
        assertThat(engine.counters().accepts).isEqualTo(1);
        close(peer, false);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void another_thread_ends_the_wait(Kind kind) throws Exception {
        start(kind);
        idle(2);
        for (int round = 0; round < 200; round++) {
            CompletableFuture<Void> waker = CompletableFuture.runAsync(engine::wake);
            engine.poll(-1); // comes back, or the test's time is over
            waker.get(20, TimeUnit.SECONDS);
        }
        engine.poll(0);
        engine.wake();
        long before = System.nanoTime();
        engine.poll(TimeUnit.SECONDS.toNanos(50));
        assertThat(System.nanoTime() - before).as("a wake-up before the wait").isLessThan(TimeUnit.SECONDS.toNanos(20));
    }

    @ParameterizedTest
    @CsvSource({"NIO, 300000", "AIO, 300000", "NIO, 30000000", "AIO, 30000000"})
    void waits_as_long_as_it_is_told(Kind kind, long timeoutNanos) {
        start(kind);
        idle(3);
        long before = System.nanoTime();
        engine.poll(timeoutNanos);
        assertThat(System.nanoTime() - before).isBetween(timeoutNanos, TimeUnit.SECONDS.toNanos(10));
    }

    @ParameterizedTest
    @EnumSource
    void an_interrupt_keeps_no_loop_from_waiting(Kind kind) {
        start(kind);
        idle(2);
        Thread.currentThread().interrupt();
        engine.poll(TURN_NANOS);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aio_takes_the_jdks_thread_along() throws IOException {
        start(Kind.AIO);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle());
        idle(2);
        socket.getOutputStream().write(1);
        until(() -> peer.told().receives == 1);
        close(peer, false);
        closeListener();
        assertThat(internalThreads()).isPositive();
        engine.close();
        assertThat(internalThreads()).isZero();
    }

    private static long internalThreads() {
        return Thread.getAllStackTraces().values().stream()
                .filter(frames -> Arrays.stream(frames)
                        .anyMatch(frame -> frame.getClassName().contains("EventHandlerTask")))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void is_available_everywhere(Kind kind) {
        var availability = kind == Kind.NIO ? NioEngine.availability() : AioEngine.availability();
        assertThat(availability.available()).isTrue();
        assertThat(availability.reason()).startsWith("the JDK's ").endsWith("Provider");
    }
}
