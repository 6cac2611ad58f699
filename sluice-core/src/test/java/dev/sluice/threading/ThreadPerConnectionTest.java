package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.Session;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What model {@code threads} could hang on, and must not. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadPerConnectionTest {
    private final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<Cause> closed = new LinkedBlockingQueue<>();

    /** Echoes. */
    private final class Echo implements Session {
        private final Connection connection;

        Echo(Connection connection) {
            this.connection = connection;
            opened.add(connection);
        }

        @Override
        public void received(ByteBuffer input) {
            connection.write(input);
        }

        @Override
        public void ended() {
            connection.end();
        }

        @Override
        public void closed(Cause cause) {
            closed.add(cause);
        }
    }

    private static Server start(Service service) {
        return Server.builder(service)
                .model("threads")
                .options(Options.standard())
                .start();
    }

    private static Socket connect(Server server) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static Set<Thread> ownThreads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("sluice-threads"))
                .toList());
    }

    @Test
    void aThreadBlockedInReceiveIsWokenToClose() throws Exception {
        try (Server server = start(Echo::new);
                Socket client = connect(server)) {
            Connection connection = opened.take();
            assertThat(connection.execute(connection::close)).isTrue();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.shutdownOutput();
            assertThat(closed.take().kind()).isEqualTo(Cause.Kind.LOCAL);
        }
    }

    @Test
    void stopsAtOnceThoughTwoHundredThreadsBlock() throws Exception {
        List<Socket> clients = new ArrayList<>();
        Server server = start(Echo::new);
        for (int i = 0; i < 200; i++) {
            clients.add(connect(server));
        }
        await(() -> server.stats().open() == 200);
        long begun = System.nanoTime();
        assertThat(server.stop(Duration.ZERO)).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(server.stats().loopThreads()).isZero();
        assertThat(server.stats().lentBuffers()).isZero();
        assertThat(closed).hasSize(200).allMatch(cause -> cause.kind() == Cause.Kind.STOPPED);
        for (Thread thread : ownThreads()) {
            assertThat(thread.join(Duration.ofSeconds(10))).as(thread.getName()).isTrue();
        }
        for (Socket client : clients) {
            client.close();
        }
    }

    /**
     * Each session's callback executes on the other while that one does the same: neither may wait for the other's
     * lock.
     */
    @Test
    void twoSessionsThatExecuteOnEachOtherDoNotStop() throws Exception {
        int rounds = 20_000;
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Connection[] both = new Connection[2];
        CountDownLatch go = new CountDownLatch(1);
        Service service = connection -> new Session() {
            @Override
            public void received(ByteBuffer input) throws Exception {
                int own = input.get() - '0';
                go.await();
                for (int i = 0; i < rounds; i++) {
                    if (!both[1 - own].execute(ran::incrementAndGet)) {
                        refused.incrementAndGet();
                    }
                }
                connection.write(ByteBuffer.wrap(new byte[] {'!'}));
            }

            @Override
            public void opened() {
                opened.add(connection);
            }

            @Override
            public void ended() {
                connection.end();
            }
        };
        try (Server server = start(service);
                Socket first = connect(server)) {
            both[0] = opened.take();
            try (Socket second = connect(server)) {
                both[1] = opened.take();
                first.getOutputStream().write('0');
                second.getOutputStream().write('1');
                go.countDown();
                assertThat(first.getInputStream().read()).isEqualTo('!');
                assertThat(second.getInputStream().read()).isEqualTo('!');
                await(() -> ran.get() + refused.get() == 2 * rounds);
                assertThat(ran.get()).isPositive();
            }
        }
    }

    @Test
    void aTaskNeverRunsInsideTheCallThatQueuesIt() throws Exception {
        try (Server server = start(Echo::new);
                Socket _ = connect(server)) {
            Connection connection = opened.take();
            Object lock = new Object();
            AtomicReference<Thread> ranOn = new AtomicReference<>();
            synchronized (lock) {
                connection.execute(() -> {
                    synchronized (lock) {
                        ranOn.set(Thread.currentThread());
                    }
                });
                assertThat(ranOn.get()).isNull();
            }
            await(() -> ranOn.get() != null);
            assertThat(ranOn.get()).isNotSameAs(Thread.currentThread());
        }
    }

    /** On this model callbacks may block; a hundred tasks that do must not keep the timers of others from running. */
    @Test
    void blockedTasksDoNotHoldUpOthers() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(100);
        List<Socket> clients = new ArrayList<>();
        try (Server server = start(Echo::new)) {
            for (int i = 0; i < 100; i++) {
                clients.add(connect(server));
                opened.take().execute(() -> {
                    inside.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
            assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
            try (Socket free = connect(server)) {
                Connection connection = opened.take();
                CountDownLatch rang = new CountDownLatch(1);
                connection.execute(() -> connection.after(1_000_000, rang::countDown));
                assertThat(rang.await(20, TimeUnit.SECONDS)).isTrue();
                free.getOutputStream().write('x');
                assertThat(free.getInputStream().read()).isEqualTo('x');
            }
            await(() -> server.stats().open() == 100); // the free one's end was heard
            release.countDown();
            assertThat(server.stop(Duration.ZERO)).isEqualTo(100);
        }
        for (Socket client : clients) {
            client.close();
        }
    }

    /** The peer takes nothing: the own thread waits for room, and is still woken to close. */
    @Test
    void aThreadThatWaitsForRoomIsWokenToClose() throws Exception {
        Service flood = connection -> new Session() {
            @Override
            public void opened() {
                opened.add(connection);
                connection.write(ByteBuffer.allocate(8 << 20));
            }

            @Override
            public void received(ByteBuffer input) {}

            @Override
            public void ended() {}

            @Override
            public void closed(Cause cause) {
                closed.add(cause);
            }
        };
        try (Server server = start(flood);
                Socket _ = connect(server)) {
            Connection connection = opened.take();
            connection.execute(connection::abort);
            assertThat(closed.take().kind()).isEqualTo(Cause.Kind.LOCAL);
            await(() -> server.stats().open() == 0);
            assertThat(server.stats().lentBuffers()).isZero();
        }
    }

    /** A callback that blocks for ever is interrupted when the server stops. */
    @Test
    void stopInterruptsACallbackThatBlocks() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Service blocking = connection -> new Session() {
            @Override
            public void received(ByteBuffer input) throws Exception {
                inside.countDown();
                new CountDownLatch(1).await();
            }

            @Override
            public void ended() {}
        };
        Server server = start(blocking);
        try (Socket client = connect(server)) {
            client.getOutputStream().write("x".getBytes(StandardCharsets.US_ASCII));
            inside.await();
            server.stop(Duration.ZERO);
            assertThat(server.stats().open()).isZero();
            assertThat(server.stats().failures()).isEqualTo(1);
            assertThat(server.stats().loopThreads()).isZero();
        }
    }

    @Test
    void aThousandConnectionsOneAfterAnotherLeaveNothing() throws Exception {
        try (Server server = start(Echo::new)) {
            for (int i = 0; i < 1_000; i++) {
                try (Socket client = connect(server)) {
                    client.getOutputStream().write(i);
                    assertThat(client.getInputStream().read()).isEqualTo(i & 0xff);
                }
            }
            await(() -> server.stats().open() == 0);
            await(() ->
                    ownThreads().stream().noneMatch(t -> t.getName().matches("sluice-threads-\\d+") && t.isAlive()));
            assertThat(server.stats().accepted()).isEqualTo(1_000);
            assertThat(server.stats().lentBuffers()).isZero();
        }
    }
}
