package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Drives the engines that hold the JDK's channels. */
@Timeout(60)
class JdkEnginesTest {
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final ListenOptions OPTIONS = new ListenOptions(1024, false, true, true, false, false);
    private static final int TURN_BYTES = 128 * 1024;

    /** The engines under test. */
    enum Kind {
        NIO(() -> new NioEngine(TURN_BYTES)),
        AIO(AioEngine::new);

        private final Supplier<LoopEngine> make;

        Kind(Supplier<LoopEngine> make) {
            this.make = make;
        }
    }

    private final List<Socket> sockets = new ArrayList<>();
    private final LoopChunkPool pool = new LoopChunkPool();
    private LoopEngine engine;
    private Told listening;
    private Handle listener;

    @AfterEach
    void closeAll() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (engine != null) {
            engine.close();
        }
        pool.close();
    }

    // ---- the frame

    private void start(Kind kind) {
        engine = kind.make.get();
        listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), OPTIONS);
    }

    private void listen(java.net.SocketAddress address, ListenOptions options) {
        listening = new Told();
        listener = engine.listen(address, options);
        listener.completion(listening);
        engine.accept(listener);
    }

    private void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("the time is over").isNegative();
            engine.poll(TURN_NANOS);
        }
    }

    /** Turns of the loop in which nothing is expected. */
    private void idle(int turns) {
        for (int i = 0; i < turns; i++) {
            engine.poll(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        socket.connect(listener.localAddress());
        return socket;
    }

    /** The engine's side of a connection. */
    private record Peer(Handle handle, Told told) {}

    private static Peer peer(Handle handle) {
        Told told = new Told();
        handle.completion(told);
        return new Peer(handle, told);
    }

    private Peer accept(Socket socket) {
        int before = listening.newcomers.size();
        until(() -> listening.newcomers.size() > before);
        Peer peer = peer(listening.newcomers.getLast());
        assertThat(peer.handle.remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
        assertThat(peer.handle.localAddress()).isEqualTo(socket.getRemoteSocketAddress());
        assertThat(peer.handle.descriptor()).isEqualTo(-1);
        return peer;
    }

    private Chunk chunk(byte[] bytes) {
        Chunk chunk = pool.acquire();
        chunk.buffer.put(0, bytes);
        chunk.end = bytes.length;
        return chunk;
    }

    private void send(Peer peer, byte[] bytes) {
        int before = peer.told.sent.size();
        Chunk chunk = chunk(bytes);
        engine.send(peer.handle, chunk);
        assertThat(peer.told.sent).as("not from inside the call").hasSize(before);
        until(() -> peer.told.sent.size() > before);
        assertThat(peer.told.sent.getLast()).isEqualTo(bytes.length);
        pool.release(chunk);
    }

    private void close(Peer peer, boolean reset) {
        engine.close(peer.handle, reset);
        assertThat(peer.told.closed).as("not from inside the call").isZero();
        until(() -> peer.told.closed == 1);
        idle(3);
        assertThat(peer.told.closed).isEqualTo(1);
        assertThat(peer.told.order.getLast()).isEqualTo("closed");
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static CompletableFuture<byte[]> reading(Socket socket, int count) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return socket.getInputStream().readNBytes(count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static CompletableFuture<Void> writing(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    // ---- the plain ways

    @ParameterizedTest
    @EnumSource
    void echoes(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        for (int round = 1; round <= 100; round++) {
            byte[] message = ascii("round " + round + "\n");
            int total = peer.told.bytes.size() + message.length;
            socket.getOutputStream().write(message);
            until(() -> peer.told.bytes.size() == total);
            send(peer, message);
            assertThat(socket.getInputStream().readNBytes(message.length)).isEqualTo(message);
        }
        assertThat(engine.counters().receivedBytes).isEqualTo(peer.told.bytes.size());
        assertThat(engine.counters().sentBytes).isEqualTo(peer.told.bytes.size());
        assertThat(engine.counters().accepts).isEqualTo(1);
        close(peer, false);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void receives_many_bytes_in_order(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        byte[] bytes = randomBytes(8 * 1024 * 1024);
        CompletableFuture<Void> writer = writing(socket, bytes);
        until(() -> peer.told.bytes.size() == bytes.length);
        writer.get(20, TimeUnit.SECONDS);
        assertThat(Arrays.equals(peer.told.bytes.toByteArray(), bytes)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void gathers_a_chain_and_goes_on_where_the_kernel_stopped(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(300 * 16_000);
        List<Chunk> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += 16_000) {
            Chunk chunk = chunk(Arrays.copyOfRange(bytes, at, at + 16_000));
            if (!chunks.isEmpty()) {
                chunks.getLast().next = chunk;
            }
            chunks.add(chunk);
        }
        int[] first = {0};
        Runnable onwards = () -> engine.send(peer.handle, chunks.get(first[0]));
        peer.told.onSent = () -> {
            long left = peer.told.sent.getLast();
            assertThat(left).isPositive();
            while (left > 0) {
                Chunk chunk = chunks.get(first[0]);
                int taken = (int) Math.min(left, chunk.length());
                chunk.start += taken;
                left -= taken;
                if (chunk.length() == 0) {
                    first[0]++;
                }
            }
            if (first[0] < chunks.size()) {
                onwards.run();
            }
        };
        onwards.run();
        idle(10);
        assertThat(first[0]).as("nobody reads, so the kernel has refused some").isLessThan(chunks.size());
        CompletableFuture<byte[]> reader = reading(socket, bytes.length);
        until(() -> first[0] == chunks.size());
        assertThat(Arrays.equals(reader.get(20, TimeUnit.SECONDS), bytes)).isTrue();
        assertThat(peer.told.sent.size()).as("sends of up to 16 chunks").isLessThan(chunks.size());
        chunks.forEach(pool::release);
        assertThat(pool.lentCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void sends_a_file(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(3_000_000);
        OpenFile file = new BytesFile(bytes);
        long[] position = {100};
        peer.told.onSent = () -> {
            position[0] += peer.told.sent.getLast();
            if (position[0] < bytes.length) {
                engine.sendFile(peer.handle, file, position[0], bytes.length - position[0]);
            }
        };
        engine.sendFile(peer.handle, file, 100, bytes.length - 100);
        assertThat(peer.told.sent).isEmpty();
        CompletableFuture<byte[]> reader = reading(socket, bytes.length - 100);
        until(() -> position[0] == bytes.length);
        assertThat(Arrays.equals(reader.get(20, TimeUnit.SECONDS), Arrays.copyOfRange(bytes, 100, bytes.length)))
                .isTrue();
        peer.told.onSent = () -> {};
        engine.sendFile(peer.handle, file, bytes.length, 10);
        until(() -> peer.told.sent.getLast() < 0);
        assertThat(peer.told.sent.getLast()).as("beyond the end").isEqualTo(-Errno.ENODATA);
    }

    private record BytesFile(byte[] bytes) implements OpenFile {
        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public long modifiedMillis() {
            return 0;
        }

        @Override
        public long version() {
            return 0;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            int count = (int) Math.min(into.remaining(), bytes.length - position);
            into.put(bytes, (int) position, count);
            return count;
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public OpenFile retain() {
            return this;
        }

        @Override
        public void release() {}
    }

    // ---- listening and connecting

    @ParameterizedTest
    @EnumSource
    void accepts_a_burst_and_stops_accepting(Kind kind) throws IOException {
        start(kind);
        for (int i = 0; i < 200; i++) {
            dial();
        }
        until(() -> listening.newcomers.size() == 200);
        engine.stopAccepting(listener);
        Socket late = dial(); // the backlog takes it
        Socket later = dial();
        idle(10);
        assertThat(listening.newcomers.size()).as("one may be under way").isBetween(200, 201);
        engine.accept(listener);
        until(() -> listening.newcomers.size() == 202);
        assertThat(List.of(
                        listening.newcomers.get(200).remoteAddress(),
                        listening.newcomers.get(201).remoteAddress()))
                .containsExactly(late.getLocalSocketAddress(), later.getLocalSocketAddress());
    }

    @ParameterizedTest
    @EnumSource
    void closes_a_listener_that_is_accepting(Kind kind) {
        start(kind);
        idle(2);
        var address = (InetSocketAddress) listener.localAddress();
        engine.close(listener, false);
        assertThat(listening.closed).isZero();
        until(() -> listening.closed == 1);
        assertThat(listening.order).containsExactly("closed");
        assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void says_which_address_is_in_use(Kind kind) {
        start(kind);
        assertThatThrownBy(() -> engine.listen(listener.localAddress(), OPTIONS))
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE))
                .hasMessageContaining(String.valueOf(((InetSocketAddress) listener.localAddress()).getPort()));
    }

    @ParameterizedTest
    @EnumSource
    void shares_an_address_by_SO_REUSEPORT(Kind kind) {
        engine = kind.make.get();
        ListenOptions shared = new ListenOptions(16, true, true, true, false, false);
        listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), shared);
        Handle second = engine.listen(listener.localAddress(), shared);
        assertThat(second.localAddress()).isEqualTo(listener.localAddress());
    }

    @ParameterizedTest
    @EnumSource
    void takes_no_descriptor_of_others(Kind kind) {
        start(kind);
        assertThatThrownBy(() -> engine.listenOn(7))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--accept reuseport");
    }

    @ParameterizedTest
    @EnumSource
    void connects_and_talks_to_itself(Kind kind) {
        start(kind);
        Peer client = peer(engine.connect(listener.localAddress()));
        assertThat(client.told.connected).isEmpty();
        until(() -> !client.told.connected.isEmpty() && !listening.newcomers.isEmpty());
        assertThat(client.told.connected).containsExactly(0);
        Peer server = peer(listening.newcomers.getFirst());
        assertThat(client.handle.localAddress()).isEqualTo(server.handle.remoteAddress());
        engine.receive(client.handle);
        engine.receive(server.handle);
        send(client, ascii("ping"));
        until(() -> server.told.bytes.size() == 4);
        send(server, ascii("pong"));
        until(() -> client.told.bytes.size() == 4);
        close(client, false);
        until(() -> server.told.ends.contains(0));
        close(server, false);
    }

    @ParameterizedTest
    @EnumSource
    void tells_that_a_connect_is_refused(Kind kind) throws IOException {
        engine = kind.make.get();
        InetSocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        Peer client = peer(engine.connect(nobody));
        until(() -> !client.told.connected.isEmpty());
        assertThat(client.told.connected).containsExactly(-Errno.ECONNREFUSED);
        idle(3);
        close(client, false);
        assertThat(client.told.order).containsExactly("connected", "closed");
    }

    @ParameterizedTest
    @EnumSource
    void closes_while_connecting(Kind kind) {
        start(kind);
        Peer client = peer(engine.connect(listener.localAddress()));
        close(client, false);
        assertThat(client.told.order).containsExactly("closed");
    }

    @Test
    void nio_moves_a_newcomer_to_another_selector() throws IOException {
        start(Kind.NIO);
        Socket socket = dial();
        until(() -> !listening.newcomers.isEmpty());
        try (NioEngine other = new NioEngine(TURN_BYTES)) {
            Handle moved = other.adopt(listening.newcomers.getFirst());
            Told told = new Told();
            moved.completion(told);
            other.receive(moved);
            socket.getOutputStream().write(ascii("hello"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (told.bytes.size() < 5 && System.nanoTime() < deadline) {
                other.poll(TURN_NANOS);
            }
            assertThat(told.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
            other.close(moved, false);
            other.poll(0);
            assertThat(told.closed).isEqualTo(1);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aio_hands_nothing_over() throws IOException {
        start(Kind.AIO);
        Peer peer = accept(dial());
        assertThatThrownBy(() -> engine.adopt(peer.handle))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--accept reuseport");
    }

    @Test
    void nio_talks_over_a_unix_socket(@TempDir Path directory) throws IOException {
        engine = new NioEngine(TURN_BYTES);
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        listen(address, OPTIONS);
        try (SocketChannel socket = SocketChannel.open(address)) {
            until(() -> !listening.newcomers.isEmpty());
            Peer peer = peer(listening.newcomers.getFirst());
            engine.receive(peer.handle);
            socket.write(ByteBuffer.wrap(ascii("unix")));
            until(() -> peer.told.bytes.size() == 4);
            close(peer, true);
        }
        Peer client = peer(engine.connect(address));
        until(() -> client.told.connected.contains(0) && listening.newcomers.size() == 2);
        close(client, false);
    }

    @Test
    void aio_says_that_it_knows_no_unix_sockets(@TempDir Path directory) {
        engine = new AioEngine();
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        assertThatThrownBy(() -> engine.listen(address, OPTIONS)).hasMessageContaining("EAFNOSUPPORT");
        assertThatThrownBy(() -> engine.connect(address)).hasMessageContaining("no Unix sockets");
    }

    // ---- ends

    @ParameterizedTest
    @EnumSource
    void half_closes_both_ways(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        socket.getOutputStream().write(ascii("last"));
        socket.shutdownOutput();
        until(() -> !peer.told.ends.isEmpty());
        assertThat(peer.told.ends).containsExactly(0);
        assertThat(peer.told.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("last");
        send(peer, ascii("still here"));
        engine.shutdownOutput(peer.handle);
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(ascii("still here"));
        idle(3);
        assertThat(peer.told.ends).as("an end is told once").hasSize(1);
        close(peer, false);
    }

    @ParameterizedTest
    @EnumSource
    void tells_a_reset_to_the_receive(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        idle(2);
        socket.setSoLinger(true, 0);
        socket.close();
        until(() -> !peer.told.ends.isEmpty());
        assertThat(peer.told.ends).containsExactly(-Errno.ECONNRESET);
        engine.shutdownOutput(peer.handle);
        close(peer, true);
    }

    @ParameterizedTest
    @EnumSource
    void tells_a_reset_to_the_send(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        Chunk chunk = chunk(randomBytes(16 * 1024));
        peer.told.onSent = () -> {
            if (peer.told.sent.getLast() > 0) {
                engine.send(peer.handle, chunk);
            }
        };
        engine.send(peer.handle, chunk);
        idle(5); // until the socket is full
        socket.setSoLinger(true, 0);
        socket.close();
        until(() -> peer.told.sent.getLast() < 0);
        assertThat(peer.told.sent.getLast()).isIn((long) -Errno.ECONNRESET, (long) -Errno.EPIPE);
        close(peer, false);
        pool.release(chunk);
    }

    @ParameterizedTest
    @EnumSource
    void closes_with_operations_in_flight(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        Chunk chunk = chunk(randomBytes(16 * 1024));
        peer.told.onSent = () -> engine.send(peer.handle, chunk);
        engine.send(peer.handle, chunk);
        idle(5);
        int told = peer.told.order.size();
        close(peer, false);
        assertThat(peer.told.order.subList(told, peer.told.order.size())).containsExactly("closed");
        engine.receive(peer.handle);
        engine.close(peer.handle, false);
        idle(2);
        assertThat(peer.told.order).as("nothing after closed").hasSize(told + 1);
        pool.release(chunk);
    }

    @ParameterizedTest
    @EnumSource
    void closes_from_inside_a_receive(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told.onReceived = _ -> engine.close(peer.handle, false);
        engine.receive(peer.handle);
        socket.getOutputStream().write(randomBytes(100_000));
        until(() -> peer.told.closed == 1);
        idle(3);
        assertThat(peer.told.order).containsExactly("received", "closed");
    }

    @Test
    void nio_resets_where_it_is_asked_to() throws IOException {
        start(Kind.NIO);
        Socket socket = dial();
        Peer peer = accept(socket);
        engine.receive(peer.handle);
        idle(2);
        close(peer, true);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void aio_ends_where_the_JDK_lets_it_not_reset() throws IOException {
        start(Kind.AIO);
        Socket socket = dial();
        Peer peer = accept(socket);
        close(peer, true);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    // ---- stopping and going on

    @ParameterizedTest
    @EnumSource
    void loses_nothing_where_receiving_stops_and_goes_on(Kind kind) throws Exception {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        peer.told.onReceived = _ -> engine.stopReceiving(peer.handle);
        byte[] bytes = randomBytes(1_000_000);
        CompletableFuture<Void> writer = writing(socket, bytes);
        while (peer.told.bytes.size() < bytes.length) {
            int receives = peer.told.receives;
            engine.receive(peer.handle);
            until(() -> peer.told.receives > receives);
            engine.poll(0);
            assertThat(peer.told.receives).as("one may be under way").isBetween(receives + 1, receives + 2);
        }
        writer.get(20, TimeUnit.SECONDS);
        assertThat(Arrays.equals(peer.told.bytes.toByteArray(), bytes)).isTrue();
        socket.shutdownOutput();
        idle(3);
        assertThat(peer.told.ends).as("an end waits until it is asked for").isEmpty();
        engine.receive(peer.handle);
        until(() -> peer.told.ends.contains(0));
    }

    @ParameterizedTest
    @EnumSource
    void a_lent_buffer_is_left_alone_though_receiving_is_armed_anew_inside(Kind kind) throws IOException {
        start(kind);
        Socket socket = dial();
        Peer peer = accept(socket);
        byte[] bytes = randomBytes(40_000);
        List<Boolean> unchanged = new ArrayList<>();
        peer.told.onReceived = lent -> {
            byte[] before = new byte[lent.remaining()];
            lent.get(lent.position(), before);
            engine.stopReceiving(peer.handle);
            engine.receive(peer.handle);
            byte[] after = new byte[lent.remaining()];
            lent.get(lent.position(), after);
            unchanged.add(Arrays.equals(before, after));
        };
        socket.getOutputStream().write(bytes);
        engine.receive(peer.handle);
        until(() -> peer.told.bytes.size() == bytes.length);
        assertThat(unchanged).isNotEmpty().doesNotContain(false);
        assertThat(peer.told.bytes.toByteArray()).isEqualTo(bytes);
    }

    // ---- waiting

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
        engine.receive(peer.handle);
        idle(2);
        socket.getOutputStream().write(1);
        until(() -> peer.told.receives == 1);
        close(peer, false);
        engine.close(listener, false);
        until(() -> listening.closed == 1);
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

    // ---- errors

    @Test
    void finds_the_number_behind_an_exception() {
        assertThat(ChannelErrors.errno(new IOException("Too many open files"))).isEqualTo(Errno.EMFILE);
        assertThat(ChannelErrors.errno(new IOException("Too many open files in system")))
                .isEqualTo(Errno.ENFILE);
        assertThat(ChannelErrors.errno(new SocketException("Connection reset"))).isEqualTo(Errno.ECONNRESET);
        assertThat(ChannelErrors.errno(new IOException("Broken pipe"))).isEqualTo(Errno.EPIPE);
        assertThat(ChannelErrors.errno(new java.net.ConnectException("Verbindungsaufbau abgelehnt")))
                .isEqualTo(Errno.ECONNREFUSED);
        assertThat(ChannelErrors.errno(new ClosedChannelException())).isEqualTo(Errno.ECANCELED);
        assertThat(ChannelErrors.errno(new IOException("never heard of"))).isEqualTo(Errno.EIO);
    }
}
