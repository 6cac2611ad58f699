package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** What the tests that drive an engine directly share: the engine with a listener, its clients, and what it told. */
abstract class EngineFrame<E extends LoopEngine> {
    static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    final List<Socket> sockets = new ArrayList<>();
    final LoopChunkPool pool = new LoopChunkPool();
    E engine;
    Told listening;
    Handle listener;

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

    // ---- listening and dialling

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    void listen(SocketAddress address, ListenOptions options) {
        acceptOn(engine.listen(address, options));
    }

    void acceptOn(Handle socket) {
        listening = new Told();
        listener = socket;
        listener.completion(listening);
        engine.accept(listener);
    }

    void closeListener() {
        engine.close(listener, false);
        until(() -> listening.closed == 1);
    }

    Socket dial() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        socket.connect(listener.localAddress());
        return socket;
    }

    /** The engine's side of a connection. */
    record Peer(Handle handle, Told told) {}

    static Peer peer(Handle handle) {
        Told told = new Told();
        handle.completion(told);
        return new Peer(handle, told);
    }

    Peer nextPeer() {
        int before = listening.newcomers.size();
        until(() -> listening.newcomers.size() > before);
        return peer(listening.newcomers.getLast());
    }

    Peer accept(Socket socket) {
        Peer peer = nextPeer();
        assertThat(peer.handle().remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
        return peer;
    }

    // ---- turns of the loop

    void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("the time is over; the listener was told %s", listening == null ? "nothing" : listening.order)
                    .isNegative();
            engine.poll(TURN_NANOS);
        }
    }

    /** Turns of the loop in which nothing is expected. */
    void idle(int turns) {
        for (int i = 0; i < turns; i++) {
            engine.poll(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    // ---- bytes

    Chunk chunk(byte[] bytes) {
        Chunk chunk = pool.acquire();
        chunk.buffer.put(0, bytes);
        chunk.end = bytes.length;
        return chunk;
    }

    static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static CompletableFuture<Void> writing(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    static CompletableFuture<byte[]> reading(Socket socket, int count) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return socket.getInputStream().readNBytes(count);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
