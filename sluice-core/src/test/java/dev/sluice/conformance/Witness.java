package dev.sluice.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Hears what the sessions of one test say, line by line, wherever they run: in this process directly, from a worker
 * process through a socket.
 */
final class Witness implements AutoCloseable {
    private static final Map<Long, Witness> ALL = new ConcurrentHashMap<>();
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final ServerSocket listener;

    /** Starts hearing. */
    Witness() throws IOException {
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        ALL.put(id, this);
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket worker = listener.accept();
                Thread.ofVirtual().start(() -> hear(worker));
            } catch (IOException closed) {
                return; // the test is over
            }
        }
    }

    private void hear(Socket worker) {
        try (worker;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("lost a worker: " + e);
        }
    }

    /** Where a play's trace leads: an argument for a process. */
    String address() {
        return ProcessHandle.current().pid() + ":" + id + ":" + listener.getLocalPort();
    }

    /** The trace that leads to an address. */
    static Trace trace(String address) {
        String[] parts = address.split(":");
        if (Long.parseLong(parts[0]) == ProcessHandle.current().pid()) {
            Witness witness = ALL.get(Long.valueOf(parts[1]));
            return witness == null ? line -> {} : witness.lines::add;
        }
        return remote(Integer.parseInt(parts[2]));
    }

    private static Trace remote(int port) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            return line -> {
                try {
                    synchronized (socket) {
                        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("the witness is gone", e);
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The trace of sessions of this process. */
    Trace trace() {
        return lines::add;
    }

    /** What was said so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** What was said so far that begins so. */
    List<String> lines(String beginning) {
        return lines.stream().filter(line -> line.startsWith(beginning)).toList();
    }

    long count(String line) {
        return lines.stream().filter(line::equals).count();
    }

    /** Waits for a line. */
    void await(String line) {
        await(line, 1);
    }

    /** Waits until a line was said so often. */
    void await(String line, long times) {
        Await.until(() -> times + " times '" + line + "' in " + lines, () -> count(line) >= times);
    }

    /** Waits for a line that begins so; its rest. */
    String awaitRest(String beginning) {
        Predicate<String> begins = line -> line.startsWith(beginning);
        Await.until(
                () -> "'" + beginning + "' in " + lines, () -> lines.stream().anyMatch(begins));
        return lines.stream().filter(begins).findFirst().orElseThrow().substring(beginning.length());
    }

    /** What was said, when nothing is said any more. */
    List<String> atLast() {
        while (isSaidWithin(15)) {}
        return lines();
    }

    private boolean isSaidWithin(long millis) {
        int before = lines.size();
        return Await.holdsWithin(TimeUnit.MILLISECONDS.toNanos(millis), () -> lines.size() > before);
    }

    @Override
    public void close() throws IOException {
        ALL.remove(id);
        listener.close();
    }
}
