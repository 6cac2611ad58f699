package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Priority;
import dev.sluice.Session;
import dev.sluice.events.Events;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a request costs in user mode: parsed alone, answered by a session, and parsed by jetty-http for comparison. Run by
 * {@code bench/jmh.sh}; {@code gc.alloc.rate.norm} shows the bytes that each allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RequestBenchmark {
    private static final String SMALL = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nA: bcde\r\n\r\n";
    private static final String BROWSER = "GET /index.html HTTP/1.1\r\nHost: localhost:8080\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
            + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
            + "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
            + "Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nPriority: u=0, i\r\n\r\n";

    @Param({"small", "browser"})
    private String request;

    private ByteBuffer input;
    private RequestParser parser;
    private RequestHead head;
    private Session session;
    private HttpParser jetty;

    /** Makes what the benchmarks use. */
    @Setup
    public void prepare() throws Exception {
        byte[] bytes = (request.equals("small") ? SMALL : BROWSER).getBytes(StandardCharsets.ISO_8859_1);
        input = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        parser = new RequestParser(HttpLimits.standard());
        head = new RequestHead();
        session = HttpService.respond("Hello, World!").build().open(new Sink());
        session.opened();
        jetty = new HttpParser(new Ignoring(), 64 * 1024, HttpCompliance.STRICT);
    }

    /** Our parser. */
    @Benchmark
    public int parse() {
        input.rewind();
        return parser.parse(input, head);
    }

    /** A session, from the request's bytes to the response's. */
    @Benchmark
    public int answer() throws Exception {
        input.rewind();
        session.received(input);
        return input.position();
    }

    /** jetty-http's parser. */
    @Benchmark
    public boolean jetty() {
        input.rewind();
        boolean done = jetty.parseNext(input);
        jetty.reset();
        return done;
    }

    private static final class Ignoring implements HttpParser.RequestHandler {
        @Override
        public void startRequest(String method, String uri, HttpVersion version) {}

        @Override
        public void parsedHeader(HttpField field) {}

        @Override
        public boolean content(ByteBuffer bytes) {
            return false;
        }

        @Override
        public boolean headerComplete() {
            return false;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public boolean messageComplete() {
            return true;
        }

        @Override
        public void earlyEOF() {}
    }

    /** A connection that copies output to a buffer, as a loop does, and forgets it. */
    private static final class Sink implements Connection {
        private final ByteBuffer output = ByteBuffer.allocateDirect(64 * 1024);
        private final Timer timer = new Timer() {
            @Override
            public void start(long delayNanos) {}

            @Override
            public void cancel() {}
        };

        @Override
        public boolean write(ByteBuffer bytes) {
            output.clear().put(bytes);
            return true;
        }

        @Override
        public boolean write(byte[] bytes, int offset, int length) {
            output.clear().put(bytes, offset, length);
            return true;
        }

        @Override
        public boolean transfer(FileRegion region) {
            return true;
        }

        @Override
        public void end() {}

        @Override
        public void close() {}

        @Override
        public void abort() {}

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void readIndependently() {}

        @Override
        public void idleTimeout(long nanos) {}

        @Override
        public void priority(Priority priority) {}

        @Override
        public boolean execute(Runnable task) {
            return true;
        }

        @Override
        public Timer after(long delayNanos, Runnable task) {
            return timer;
        }

        @Override
        public Timer every(long periodNanos, Runnable task) {
            return timer;
        }

        @Override
        public Timer timer(Runnable task) {
            return timer;
        }

        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public long unsentBytes() {
            return 0;
        }

        @Override
        public long turnNanos() {
            return 0;
        }

        @Override
        public Events events() {
            throw new UnsupportedOperationException("it has no loop, and so no events");
        }

        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress("127.0.0.1", 1);
        }

        @Override
        public void remoteAddress(SocketAddress client) {
            throw new UnsupportedOperationException("nobody tells of another client here");
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress("127.0.0.1", 2);
        }

        @Override
        public long nanoTime() {
            return 1;
        }

        @Override
        public long currentTimeMillis() {
            return 784_111_777_000L;
        }

        @Override
        public RandomGenerator random() {
            return new Random(1);
        }

        @Override
        public Files files() {
            throw new UnsupportedOperationException();
        }
    }
}
