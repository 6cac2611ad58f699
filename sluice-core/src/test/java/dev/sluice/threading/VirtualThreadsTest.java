package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Connection;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.UringOptions;
import dev.sluice.engine.EpollPoller;
import dev.sluice.engine.LoopEngine;
import dev.sluice.engine.ReadinessEngine;
import dev.sluice.engine.UringEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a loop that schedules its own virtual threads could hang on, and must not. One loop; a word chooses the
 * behaviour.
 */
@Timeout(30)
class VirtualThreadsTest {
    private final CountDownLatch released = new CountDownLatch(1);
    private final CountDownLatch waiting = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Object monitor = new Object();

    /** Answers a word with a word when it has done what it says. */
    private final class Words implements Session {
        private final Connection connection;
        private final int jdkPort;

        Words(Connection connection, int jdkPort) {
            this.connection = connection;
            this.jdkPort = jdkPort;
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            byte[] word = new byte[input.remaining()];
            input.get(word);
            switch (new String(word, StandardCharsets.UTF_8)) {
                case "wait" -> {
                    waiting.countDown();
                    released.await();
                }
                case "release" -> released.countDown();
                case "wait-with-lock" -> {
                    lock.lock();
                    try {
                        waiting.countDown();
                        released.await();
                    } finally {
                        lock.unlock();
                    }
                }
                case "lock" -> {
                    lock.lock();
                    lock.unlock();
                }
                case "wait-in-monitor" -> {
                    synchronized (monitor) {
                        waiting.countDown();
                        released.await();
                    }
                }
                case "monitor" -> {
                    synchronized (monitor) {
                        assertThat(Thread.holdsLock(monitor)).isTrue();
                    }
                }
                case "jdk-socket" -> {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), jdkPort)) {
                        waiting.countDown();
                        assertThat(socket.getInputStream().read()).isEqualTo('x');
                    }
                }
                case "throw" -> throw new IllegalStateException("planned");
                default -> assertThat(word).isNotEmpty();
            }
            connection.write(ByteBuffer.wrap("done".getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    private Threading.Running start(boolean onLoop, Service service) {
        return start(options -> new ReadinessEngine(new EpollPoller(false), options.turnBytes()), onLoop, service);
    }

    private Threading.Running start(Function<Options, LoopEngine> engines, boolean onLoop, Service service) {
        Model row = Models.find("virtual").orElseThrow();
        Loops loops = new Loops(engines, new VirtualThreads(onLoop));
        return loops.start(Setup.of(
                row,
                Options.standard(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                service,
                null,
                List.of()));
    }

    private static Socket say(Threading.Running server, String word) throws IOException {
        Socket socket = new Socket();
        socket.connect(server.address(), 5_000);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(word.getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private static void assertDone(Socket socket) throws IOException {
        assertThat(new String(socket.getInputStream().readNBytes(4), StandardCharsets.UTF_8))
                .isEqualTo("done");
    }

    private void awaitWaiting() throws InterruptedException {
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSchedulerIsTheOneAskedFor(boolean onLoop) throws Exception {
        var carrier = new java.util.concurrent.CompletableFuture<String>();
        Threading.Running server = start(onLoop, c -> {
            carrier.complete(Thread.currentThread().toString());
            return new Words(c, 0);
        });
        try (Socket socket = say(server, "hello")) {
            assertDone(socket);
            assertThat(carrier.get(5, TimeUnit.SECONDS))
                    .contains("VirtualThread")
                    .matches(text -> text.contains("sluice-virtual-0") == onLoop);
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    /** Only the loop's thread may enter its ring, and a direct descriptor has no other way to tell. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDirectDescriptorTellsItsAddressesFromWhicheverThreadAsks(boolean onLoop) throws Exception {
        assumeTrue(UringEngine.availability().available(), "no io_uring here");
        UringOptions direct =
                UringOptions.builder().direct(UringOptions.Direct.ON).build();
        var asked = new java.util.concurrent.CompletableFuture<List<Object>>();
        Threading.Running server = start(options -> new UringEngine(direct, options.turnBytes()), onLoop, c -> {
            asked.complete(List.of(c.remoteAddress(), c.localAddress()));
            return new Words(c, 0);
        });
        try (Socket socket = say(server, "hello")) {
            assertDone(socket);
            assertThat(asked.get(5, TimeUnit.SECONDS))
                    .containsExactly(socket.getLocalSocketAddress(), socket.getRemoteSocketAddress());
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionWaitsForAnotherConnectionOfItsOwnLoop(boolean onLoop) throws Exception {
        Threading.Running server = start(onLoop, c -> new Words(c, 0));
        try (Socket first = say(server, "wait")) {
            awaitWaiting();
            try (Socket second = say(server, "release")) {
                assertDone(second);
            }
            assertDone(first);
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLockHeldByAParkedSessionHoldsUpOnlyWhoWantsIt(boolean onLoop) throws Exception {
        holdsUpOnlyWhoWantsIt(onLoop, "wait-with-lock", "lock");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMonitorHeldByAParkedSessionHoldsUpOnlyWhoWantsIt(boolean onLoop) throws Exception {
        holdsUpOnlyWhoWantsIt(onLoop, "wait-in-monitor", "monitor");
    }

    private void holdsUpOnlyWhoWantsIt(boolean onLoop, String holding, String wanting) throws Exception {
        Threading.Running server = start(onLoop, c -> new Words(c, 0));
        try (Socket holder = say(server, holding)) {
            awaitWaiting();
            try (Socket wanter = say(server, wanting);
                    Socket other = say(server, "hello");
                    Socket releaser = say(server, "release")) {
                assertDone(other);
                assertDone(releaser);
                assertDone(holder);
                assertDone(wanter);
            }
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aJdkSocketParksItsSessionAlone(boolean onLoop) throws Exception {
        try (ServerSocket jdk = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Threading.Running server = start(onLoop, c -> new Words(c, jdk.getLocalPort()));
            try (Socket first = say(server, "jdk-socket")) {
                awaitWaiting();
                try (Socket second = say(server, "hello")) {
                    assertDone(second);
                }
                try (Socket accepted = jdk.accept()) {
                    accepted.getOutputStream().write('x');
                    assertDone(first);
                }
            } finally {
                server.stop(Duration.ZERO);
            }
        }
    }

    /** The logger's lock is held by a parked session while the runtime logs another one's failure. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loggingNeverStopsTheLoop(boolean onLoop) throws Exception {
        Logger logger = Logger.getLogger("dev.sluice");
        CountDownLatch logged = new CountDownLatch(1);
        Handler locking = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lock.lock();
                lock.unlock();
                logged.countDown();
            }

            @Override
            public void flush() {
                logged.countDown();
            }

            @Override
            public void close() {
                logged.countDown();
            }
        };
        logger.addHandler(locking);
        Threading.Running server = start(onLoop, c -> new Words(c, 0));
        try (Socket holder = say(server, "wait-with-lock")) {
            awaitWaiting();
            try (Socket failing = say(server, "throw")) {
                assertClosed(failing);
            }
            try (Socket other = say(server, "release")) {
                assertDone(other);
            }
            assertDone(holder);
            assertThat(logged.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.stop(Duration.ZERO);
            logger.removeHandler(locking);
        }
    }

    private static void assertClosed(Socket socket) {
        int read;
        try {
            read = socket.getInputStream().read();
        } catch (IOException reset) {
            read = -1;
        }
        assertThat(read).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stoppingInterruptsASessionThatWaitsForGood(boolean onLoop) throws Exception {
        Threading.Running server = start(onLoop, c -> new Words(c, 0));
        try (Socket first = say(server, "wait")) {
            awaitWaiting();
            long before = System.nanoTime();
            assertThat(server.stop(Duration.ZERO)).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            assertClosed(first);
        }
        assertThat(server.stats().open()).isZero();
        assertThat(server.stats().loopThreads()).isZero();
    }
}
