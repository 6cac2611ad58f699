package dev.sluice.style;

import static dev.sluice.style.StyleServer.read;
import static dev.sluice.style.StyleServer.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Options;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What blocks, and what ends that. */
@Timeout(30)
@ParameterizedClass
@MethodSource("dev.sluice.style.StyleServer#models")
record BlockingConnectionTest(String model) {
    private StyleServer serve(BlockingConnection.Body body) {
        return new StyleServer(model, c -> BlockingConnection.session(c, body));
    }

    @Test
    void readsAndWritesAsStreams() throws Exception {
        try (StyleServer server = serve(c -> {
                    BufferedReader in = new BufferedReader(new InputStreamReader(c.input(), ISO_8859_1));
                    OutputStream out = c.output();
                    for (String line = in.readLine(); line != null; line = in.readLine()) {
                        out.write((line + "!\n").getBytes(ISO_8859_1));
                        out.write('.');
                    }
                });
                Socket client = server.connect()) {
            send(client, "one\ntwo\n");
            assertThat(read(client, 12)).isEqualTo("one!\n.two!\n.");
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void readsThatTakeTooLongThrowAndMayBeTriedAgain() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> {
                    c.readTimeout(Duration.ofMillis(30));
                    try {
                        c.read(ByteBuffer.allocate(10));
                    } catch (SocketTimeoutException e) {
                        here.get().said.add("timed out");
                    }
                    byte[] line = c.readTimeout(Duration.ofSeconds(20)).readUntil("\n", 100);
                    c.write("got " + new String(line, ISO_8859_1));
                });
                Socket client = server.connect()) {
            here.set(server);
            assertThat(server.next()).isEqualTo("timed out");
            send(client, "it\n");
            assertThat(read(client, 6)).isEqualTo("got it");
        }
    }

    @Test
    void anInterruptClosesTheConnectionAndIsNotLost() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch reading = new CountDownLatch(1);
        try (StyleServer server = serve(c -> {
                    thread.set(Thread.currentThread());
                    c.write("x");
                    reading.countDown();
                    try {
                        c.read(ByteBuffer.allocate(10));
                    } catch (ClosedByInterruptException e) {
                        here.get()
                                .said
                                .add("interrupted " + Thread.currentThread().isInterrupted() + " open " + c.isOpen());
                    }
                });
                Socket client = server.connect()) {
            here.set(server);
            reading.await();
            assertThat(read(client, 1)).isEqualTo("x");
            thread.get().interrupt();
            assertThat(server.next()).isEqualTo("interrupted true open false");
        }
    }

    @Test
    void aThreadThatWaitsElsewhereIsInterruptedWhenThePeerVanishes() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> {
                    c.write("x");
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        here.get()
                                .said
                                .add("let go, failures " + here.get().stats().failures());
                    }
                });
                Socket client = server.connect()) {
            here.set(server);
            assertThat(read(client, 1)).isEqualTo("x");
            client.setSoLinger(true, 0);
            client.close();
            assertThat(server.next()).isEqualTo("let go, failures 0");
        }
    }

    @Test
    void aWriteWaitsForASlowReaderAndEndsWithIt() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        Options options = Options.builder().outputMarks(8 * 1024, 32 * 1024).build();
        try (StyleServer server = new StyleServer(
                        model,
                        options,
                        connection -> BlockingConnection.session(connection, c -> {
                            long most = 0;
                            try {
                                byte[] some = new byte[10_000];
                                while (true) {
                                    c.write(some);
                                    most = Math.max(most, connection.queuedBytes());
                                }
                            } finally {
                                here.get().said.add("most " + (most <= 48 * 1024 ? "bounded" : most + " bytes"));
                            }
                        }));
                Socket client = server.connect()) {
            here.set(server);
            assertThat(client.getInputStream().skip(1 << 20)).isPositive();
            client.setSoLinger(true, 0);
            client.close();
            assertThat(server.next()).isEqualTo("most bounded");
        }
    }

    @Test
    void aLoopOfWritesEndsWithItsConnection() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> {
                    c.readUntil("\n", 10);
                    c.connection().abort(); // closing, and not told yet
                    try {
                        while (true) {
                            c.write("x");
                        }
                    } finally {
                        here.get().said.add("ended");
                    }
                });
                Socket client = server.connect()) {
            here.set(server);
            send(client, "\n");
            assertThat(server.next()).isEqualTo("ended");
        }
    }

    @Test
    void otherThreadsResumeItAndUseIt() throws Exception {
        try (StyleServer server = serve(c -> {
                    byte[] line = c.readUntil("\n", 100);
                    String made = CompletableFuture.supplyAsync(() -> new String(line, ISO_8859_1) + " from afar")
                            .get();
                    Thread.sleep(2);
                    Thread.yield();
                    c.write(made);
                    Thread other = Thread.ofPlatform().start(() -> {
                        try {
                            c.write(", and by another");
                        } catch (java.io.IOException e) {
                            throw new AssertionError(e);
                        }
                    });
                    other.join();
                    c.write("; done");
                });
                Socket client = server.connect()) {
            send(client, "answer\n");
            String expected = "answer from afar, and by another; done";
            assertThat(read(client, expected.length())).isEqualTo(expected);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(server.stats().failures()).isZero();
        }
    }

    @Test
    void anExceptionIsTheSessionsFailure() throws Exception {
        try (StyleServer server = serve(c -> {
                    throw new IllegalStateException("planned");
                });
                Socket client = server.connect()) {
            assertThat(client.getInputStream().readNBytes(1)).isEmpty();
        } catch (java.net.SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    // ---- scopes

    @Test
    void aScopesFirstFailureCancelsTheRest() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> {
                    try (Scope scope = c.scope(Duration.ofSeconds(20))) {
                        scope.fork(() -> {
                            try {
                                return c.read(ByteBuffer.allocate(1));
                            } finally {
                                here.get().said.add("cancelled");
                            }
                        });
                        scope.fork(() -> {
                            Thread.sleep(1);
                            throw new IllegalArgumentException("planned");
                        });
                        scope.join();
                    } catch (ExecutionException e) {
                        here.get().said.add(String.valueOf(e.getCause().getMessage()));
                    }
                });
                Socket client = server.connect()) {
            here.set(server);
            send(client, ""); // nothing: the read waits
            assertThat(server.next()).isEqualTo("cancelled");
            assertThat(server.next()).isEqualTo("planned");
        }
    }

    @Test
    void aScopesDeadlineIsOverAll() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        try (StyleServer server = serve(c -> {
                    try (Scope scope = c.scope(Duration.ofMillis(30))) {
                        for (int i = 0; i < 3; i++) {
                            scope.fork(() -> {
                                try {
                                    Thread.sleep(60_000);
                                    return "never";
                                } finally {
                                    ended.incrementAndGet();
                                }
                            });
                        }
                        scope.join();
                    } catch (TimeoutException e) {
                        c.write(ended.get() + " ended");
                    }
                });
                Socket client = server.connect()) {
            assertThat(read(client, 7)).isEqualTo("3 ended");
        }
    }

    @Test
    void aScopeGivesWhatItsCallsReturn() throws Exception {
        try (StyleServer server = serve(c -> {
                    try (Scope scope = c.scope(Duration.ofSeconds(20))) {
                        Scope.Task<String> one = scope.fork(() -> "1");
                        Scope.Task<Integer> two = scope.fork(() -> {
                            Thread.sleep(2);
                            return 2;
                        });
                        scope.join();
                        c.write(one.get() + two.get());
                    }
                });
                Socket client = server.connect()) {
            assertThat(read(client, 2)).isEqualTo("12");
        }
    }
}
