package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the whole server allocates for a request in steady state, from the wait to the send, by the JVM's own count. Once the
 * compiler is done it is nothing, apart from what the JDK's own asynchronous channels need.
 */
@Tag("slow")
@Timeout(120)
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int WINDOW_REQUESTS = 2_000;
    private static final int MOST_WINDOWS = 100;
    /** For sleep-poll: with its millisecond a request the compiler would take minutes. */
    private static final Duration SHORT = Duration.ofNanos(20_000);
    /** The JVM's other threads allocate a little now and then. */
    private static final double NOTHING_BYTES = 1;

    /** AsynchronousSocketChannel makes objects for each operation: about 104 bytes of them a request. */
    private static final Map<String, Double> OF_THE_JDK = Map.of("aio", 160.0);

    static Stream<Model> models() {
        return Models.all().stream().filter(m -> m.availability().available() && m.can(Ability.ONE_PROCESS));
    }

    @ParameterizedTest
    @MethodSource("models")
    void aRequestAllocatesNothing(Model model) throws Exception {
        measure(model, HttpService.respond("Hello, World!").build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads", "virtual", "epoll", "io_uring"})
    void norUnderALimit(String name) throws Exception {
        Model model = Models.find(name).orElseThrow();
        assumeTrue(model.availability().available());
        measure(
                model,
                HttpService.respond("Hello, World!")
                        .limiter(ConcurrencyLimiter.adaptive())
                        .build());
    }

    private static void measure(Model model, HttpService service) throws Exception {
        double limit = OF_THE_JDK.getOrDefault(model.name(), NOTHING_BYTES);
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Server server = Server.builder(service)
                        .listen(address)
                        .model(model.name())
                        .options(Options.builder().pollSleep(SHORT).build())
                        .start();
                SocketChannel client = SocketChannel.open(server.address())) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            double least = Double.MAX_VALUE;
            for (int i = 0; i < MOST_WINDOWS && least > limit; i++) {
                least = Math.min(least, window(client));
            }
            assertThat(least).as("bytes a request").isLessThanOrEqualTo(limit);
        }
    }

    private static double window(SocketChannel client) throws IOException {
        ByteBuffer request =
                ByteBuffer.allocateDirect(REQUEST.length).put(REQUEST).flip();
        ByteBuffer answer = ByteBuffer.allocateDirect(4096);
        long before = othersBytes();
        for (int i = 0; i < WINDOW_REQUESTS; i++) {
            client.write(request.rewind());
            answer.clear();
            do {
                client.read(answer);
            } while (answer.get(answer.position() - 1) != '!');
        }
        return (double) (othersBytes() - before) / WINDOW_REQUESTS;
    }

    /** What all threads but this one, the client's, have allocated. */
    private static long othersBytes() {
        return THREADS.getTotalThreadAllocatedBytes() - THREADS.getCurrentThreadAllocatedBytes();
    }
}
