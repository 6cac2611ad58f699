package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Priority;
import dev.sluice.Server;
import dev.sluice.os.Affinity;
import dev.sluice.os.CallState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More requests at once than may be in hand, over sockets, on every model that serves from one process. */
@Timeout(60)
class OverloadTest {
    private static final int CROWD = 12;
    private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    static Stream<Model> models() {
        return Models.all().stream().filter(m -> m.availability().available() && m.can(Ability.ONE_PROCESS));
    }

    /** A connection of a client that writes now and reads later. */
    private record Asking(Socket socket) implements AutoCloseable {
        static Asking of(Server server) throws IOException {
            InetSocketAddress address = (InetSocketAddress) server.address();
            return new Asking(new Socket(address.getAddress(), address.getPort()));
        }

        void ask(String path) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        /** The next answer's status; the body of each is as long as its length says. */
        int status() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                assertThat(next).as("the connection ended after: " + head).isNotNegative();
                head.append((char) next);
            }
            String length =
                    head.substring(head.indexOf("Content-Length: ") + 16).split("\r\n", 2)[0];
            in.skipNBytes(Long.parseLong(length));
            return Integer.parseInt(head.substring(9, 12));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsTooMuchIsRefusedAndEveryConnectionGoesOn(Model model) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch crowded = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        ConcurrencyLimiter limiter = ConcurrencyLimiter.fixed(2);
        HttpService service = HttpService.builder()
                .limiter(limiter)
                .priority(request -> request.path().equals("/health") ? Priority.HIGH : Priority.NORMAL)
                .handler(request -> {
                    begun.countDown();
                    crowded.await(); // the first holds up whoever shares its thread, until all have asked
                    long until = System.nanoTime() + WORK_NANOS;
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    order.add(request.path());
                    return Response.text("served");
                })
                .build();
        List<Asking> crowd = new ArrayList<>();
        try (Server server = Server.builder(service)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .model(model.name())
                .start()) {
            for (int i = 0; i <= CROWD; i++) {
                crowd.add(Asking.of(server));
            }
            Asking high = crowd.removeLast();
            crowd.getFirst().ask("/first");
            begun.await();
            for (Asking each : crowd.subList(1, CROWD)) {
                each.ask("/");
            }
            high.ask("/health");
            crowded.countDown();
            int served = 0;
            int refused = 0;
            for (Asking each : crowd) {
                int status = each.status();
                assertThat(status).isIn(200, 503);
                served += status == 200 ? 1 : 0;
                refused += status == 503 ? 1 : 0;
            }
            assertThat(high.status()).isEqualTo(200);
            assertThat(served).as("of " + CROWD).isGreaterThanOrEqualTo(2);
            assertThat(refused).as("of " + CROWD).isPositive().isEqualTo((int) limiter.shedCount());
            for (Asking each : crowd) { // one after the other there is room for all
                each.ask("/again");
                assertThat(each.status()).isEqualTo(200);
            }
            assertThat(order).hasSize(served + 1 + CROWD);
            high.close();
        } finally {
            for (Asking each : crowd) {
                each.close();
            }
        }
        assertThat(limiter.inFlight()).isZero();
    }

    /**
     * On one core the requests of all but one connection wait in the kernel's queue of ready threads, where no limit sees them;
     * so each thread lets the others have theirs counted before it works.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void threadsThatAreReadyAreCountedBeforeOneOfThemWorks() throws Exception {
        FutureTask<Integer> refused = new FutureTask<>(OverloadTest::refusedOnOneCore);
        Thread.ofPlatform().start(refused); // not this thread: what it pins stays pinned, with all that it starts
        assertThat(refused.get()).as("of " + CROWD).isBetween(CROWD / 2, CROWD - 1);
    }

    private static int refusedOnOneCore() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            CallState state = new CallState(arena);
            assertThat(Affinity.pin(Affinity.cores(state)[0], state)).isZero();
        }
        HttpService service = HttpService.builder()
                .limiter(ConcurrencyLimiter.fixed(1))
                .handler(request -> Response.text("served"))
                .build();
        List<Asking> crowd = new ArrayList<>();
        try (Server server = Server.builder(service)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .model("threads")
                .start()) {
            for (int i = 0; i < CROWD; i++) {
                Asking each = Asking.of(server);
                crowd.add(each);
                each.ask("/");
                assertThat(each.status()).as("one at a time").isEqualTo(200);
            }
            for (Asking each : crowd) {
                each.ask("/");
            }
            int refused = 0;
            for (Asking each : crowd) {
                refused += each.status() == 503 ? 1 : 0;
            }
            return refused;
        } finally {
            for (Asking each : crowd) {
                each.close();
            }
        }
    }
}
