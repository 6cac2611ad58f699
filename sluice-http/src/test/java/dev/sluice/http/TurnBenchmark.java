package dev.sluice.http;

import dev.sluice.Echo;
import dev.sluice.Files;
import dev.sluice.OpenFile;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.engine.Chunk;
import dev.sluice.engine.FdCalls;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.Poller;
import dev.sluice.engine.ReadinessEngine;
import dev.sluice.engine.WakeSignal;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.threading.Environment;
import dev.sluice.threading.Loop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a loop's turn costs in user mode, from the wait to the send: the real loop, engine, connections and sessions over calls
 * that do nothing but what a kernel does with memory; with a session that does next to nothing ({@code echo}), and with HTTP on
 * top, without a limit and with one ({@code limited}). Run by {@code bench/jmh.sh}; {@code gc.alloc.rate.norm} shows that nothing is allocated.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TurnBenchmark {
    private static final int CONNECTIONS = 64;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nA: bcde\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    @Param({"echo", "http", "limited"})
    private String service;

    private final Ready ready = new Ready();
    private Memory memory;
    private Loop loop;

    /** A loop with connections that always have a request. */
    @Setup
    public void prepare() {
        HttpService.Builder hello = HttpService.respond("Hello, World!");
        Service served = switch (service) {
            case "echo" -> Echo::new;
            case "http" -> hello.build();
            default -> hello.limiter(ConcurrencyLimiter.adaptive()).build();
        };
        memory = new Memory();
        Options options = Options.builder().writeTimeout(Duration.ZERO).build();
        loop = new Loop(
                "benchmark", options, -1, () -> new ReadinessEngine(ready, memory, options.turnBytes()), new ByHand());
        loop.begin();
        for (int i = 0; i < CONNECTIONS; i++) {
            loop.dial(new InetSocketAddress("127.0.0.1", 1), served);
        }
        turn(0);
        if (loop.openCount() != CONNECTIONS) {
            throw new IllegalStateException(loop.openCount() + " connections are open");
        }
    }

    @TearDown
    public void release() {
        loop.finish();
        memory.free();
    }

    private void turn(int count) {
        ready.count = count;
        loop.engine().poll(loop.beforeWait());
        loop.afterWait();
    }

    /** A turn with requests of many connections, each: what a request adds. */
    @Benchmark
    @OperationsPerInvocation(CONNECTIONS)
    public long manyReady() {
        turn(CONNECTIONS);
        return memory.sentBytes;
    }

    /** A turn with one request. */
    @Benchmark
    public long oneReady() {
        turn(1);
        return memory.sentBytes;
    }

    /** A turn with nothing in it. */
    @Benchmark
    public long noneReady() {
        turn(0);
        return memory.sentBytes;
    }

    /** Turns no loop: the benchmark does. */
    private static final class ByHand extends Environment {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long currentTimeMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public RandomGenerator random() {
            return MACHINE.random();
        }

        @Override
        public Files files() {
            return MACHINE.files();
        }

        @Override
        public void turn(Loop loop) {
            throw new IllegalStateException("turned by hand");
        }

        @Override
        public boolean await(CompletableFuture<?> future, long nanos) {
            return future.isDone();
        }

        @Override
        public void pause(long nanos) {}
    }

    /** Says that the first so many descriptors are readable. */
    private static final class Ready implements Poller {
        private int count;

        @Override
        public boolean edgeTriggered() {
            return false;
        }

        @Override
        public int add(int fd, int interest) {
            return 0;
        }

        @Override
        public int modify(int fd, int interest) {
            return 0;
        }

        @Override
        public int remove(int fd) {
            return 0;
        }

        @Override
        public int poll(long timeoutNanos) {
            return count;
        }

        @Override
        public int readyFd(int index) {
            return index;
        }

        @Override
        public int readyEvents(int index) {
            return IN;
        }

        @Override
        public void wake() {}

        @Override
        public long systemCalls() {
            return 0;
        }

        @Override
        public void close() {}
    }

    /** A kernel that has a request for whoever reads, and takes whatever is sent: it copies, and that is all. */
    private static final class Memory extends FdCalls {
        private final long request = NativeMemory.allocate(REQUEST.length);
        private final long sink = NativeMemory.allocate(64 * 1024);
        private int opened;
        private long sentBytes;

        Memory() {
            NativeMemory.copy(REQUEST, 0, REQUEST.length, request);
        }

        void free() {
            NativeMemory.free(request);
            NativeMemory.free(sink);
        }

        @Override
        public int socket(SocketAddress remote) {
            return opened++;
        }

        @Override
        public int connect(int fd, SocketAddress remote) {
            return 0;
        }

        @Override
        public long receive(int fd, long address, long length) {
            NativeMemory.copy(request, address, REQUEST.length);
            return REQUEST.length;
        }

        @Override
        public long send(int fd, long address, long length, boolean more) {
            NativeMemory.copy(address, sink, length);
            sentBytes += length;
            return length;
        }

        @Override
        public long gather(int fd, Chunk first) {
            throw new UnsupportedOperationException("one chunk holds an answer");
        }

        @Override
        public long sendFile(int fd, OpenFile file, long position, long count) {
            return -Errno.EINVAL;
        }

        @Override
        public int listen(SocketAddress address, ListenOptions options) {
            return -Errno.EINVAL;
        }

        @Override
        public int setNonBlocking(int fd) {
            return 0;
        }

        @Override
        public int accept(int listener) {
            return -Errno.EAGAIN;
        }

        @Override
        public int shutdownOutput(int fd) {
            return 0;
        }

        @Override
        public int takeError(int fd) {
            return 0;
        }

        @Override
        public int resetOnClose(int fd) {
            return 0;
        }

        @Override
        public int close(int fd) {
            return 0;
        }

        @Override
        public SocketAddress localAddress(int fd) {
            return new InetSocketAddress("127.0.0.1", 2);
        }

        @Override
        public SocketAddress remoteAddress(int fd) {
            return new InetSocketAddress("127.0.0.1", 1);
        }

        @Override
        public long descriptorLimit() {
            return Integer.MAX_VALUE;
        }

        @Override
        public WakeSignal wakeSignal() {
            throw new UnsupportedOperationException("nobody wakes this loop");
        }

        @Override
        public void release() {}
    }
}
