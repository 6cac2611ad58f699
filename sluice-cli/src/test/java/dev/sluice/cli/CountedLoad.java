package dev.sluice.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that each ask again as soon as they have an answer, over connections that they keep for as long as the server does. Each
 * request has a name of its own, and is asked once: what has no answer is lost, whatever HTTP lets a client repeat.
 */
final class CountedLoad implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final int port;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> clients = new ArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /** Starts so many clients. */
    CountedLoad(int port, int count) {
        this.port = port;
        for (int i = 0; i < count; i++) {
            int client = i;
            clients.add(threads.submit(() -> {
                ask(client);
                return null;
            }));
        }
    }

    private void ask(int client) throws IOException {
        Socket socket = null;
        try {
            for (int i = 0; !over; i++) {
                String path = (i % 3 == 0 ? "/post-" : "/get-") + client + "-" + i;
                asked.add(path);
                try {
                    if (socket == null) {
                        socket = new Socket(InetAddress.getLoopbackAddress(), port);
                        socket.setSoTimeout(PATIENCE_MILLIS);
                        socket.setTcpNoDelay(true);
                        connections.incrementAndGet();
                    }
                    boolean kept = exchange(socket, path);
                    answered.incrementAndGet();
                    if (!kept) {
                        socket.close();
                        socket = null;
                    }
                } catch (IOException e) {
                    lost.add(path + ": " + e);
                    if (socket != null) {
                        socket.close();
                    }
                    socket = null;
                }
            }
        } finally {
            if (socket != null) {
                socket.close();
            }
        }
    }

    /** Whether the server keeps the connection. */
    private static boolean exchange(Socket socket, String path) throws IOException {
        String request = path.startsWith("/post")
                ? "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nonce"
                : "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = new BufferedInputStream(socket.getInputStream());
        String status = line(in);
        int length = 0;
        boolean kept = true;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            if (field.startsWith("Content-Length: ")) {
                length = Integer.parseInt(field.substring(16));
            }
            kept &= !field.equals("Connection: close");
        }
        if (in.readNBytes(length).length < length) {
            throw new IOException("the body ended early");
        }
        if (!status.equals("HTTP/1.1 200 OK")) {
            throw new IOException(status);
        }
        return kept;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended behind '" + line + "'");
            }
            line.append((char) b);
        }
        return line.substring(0, line.length() - 1);
    }

    /** Waits until so many more requests were answered. */
    void awaitMore(int count) {
        int enough = answered.get() + count;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (answered.get() < enough) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no further answers came; lost: " + lost);
            }
            LockSupport.parkNanos(200_000);
        }
    }

    int connectionCount() {
        return connections.get();
    }

    /** Ends the clients, each behind an answer, and tells what was lost. */
    List<String> finish() throws Exception {
        over = true;
        for (Future<?> client : clients) {
            client.get();
        }
        return List.copyOf(lost);
    }

    /** What was asked; once it is finished. */
    Set<String> asked() {
        return asked;
    }

    @Override
    public void close() {
        over = true;
        threads.close();
    }
}
