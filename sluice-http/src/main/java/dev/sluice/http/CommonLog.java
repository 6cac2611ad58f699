package dev.sluice.http;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An access log in the common log format: {@code 127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2326}.
 *
 * <p>One response is one line whatever the client sent: in the request line quotes, backslashes, and all that is not
 * printable ASCII, are written as {@code \xHH}. Lines go through a bounded queue, without a lock, to a thread that alone
 * writes; where it can't keep up, lines are dropped and counted, and no connection waits. Safe for use from any thread.
 */
public final class CommonLog implements AccessLog, AutoCloseable {
    private record Line(SocketAddress peer, long millis, String requestLine, int status, long bodyBytes) {
        /** What it holds while it waits, about. */
        int bytes() {
            return LINE_BYTES + requestLine.length();
        }
    }

    private static final System.Logger LOGGER = System.getLogger("dev.sluice.http");
    /** Bytes and not lines, since a client chooses how long they are. */
    private static final int QUEUE_BYTES = 4 << 20;

    /** Of a line, but for the request's own. */
    private static final int LINE_BYTES = 128;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH);

    private final OutputStream out;
    private final ZoneId zone;
    private final boolean closesOut;
    private final int limitBytes;
    private final ConcurrentLinkedQueue<Line> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queuedBytes = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private volatile boolean closing;
    private volatile boolean waiting;
    private final Thread writer;

    // Of the writer alone.
    private final StringBuilder text = new StringBuilder(256);
    private long second = Long.MIN_VALUE;
    private String date = "";
    private @Nullable SocketAddress lastPeer;
    private String host = "";
    private boolean failed;

    CommonLog(OutputStream out, boolean closesOut, ZoneId zone, int limitBytes) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.closesOut = closesOut;
        this.zone = zone;
        this.limitBytes = limitBytes;
        this.writer = Thread.ofPlatform().daemon().name("sluice-access-log").start(this::write);
    }

    /** Writes to a stream, standard output for one, which is left open. */
    public static CommonLog to(OutputStream out) {
        return new CommonLog(out, false, ZoneId.systemDefault(), QUEUE_BYTES);
    }

    /**
     * Writes to a file, behind what it holds already.
     *
     * @throws IOException where it can't be opened for writing
     */
    public static CommonLog toFile(Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new CommonLog(out, true, ZoneId.systemDefault(), QUEUE_BYTES);
    }

    /** Lines that were not written, since the queue was full or the output failed. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void answered(Request request, int status, long bodyBytes, long elapsedNanos) {
        if (closing || queuedBytes.get() >= limitBytes) {
            dropped.incrementAndGet();
            return;
        }
        Line line =
                new Line(request.remoteAddress(), request.receivedMillis(), request.requestLine(), status, bodyBytes);
        queuedBytes.addAndGet(line.bytes());
        queue.add(line);
        if (waiting) {
            waiting = false;
            LockSupport.unpark(writer);
        }
    }

    private void write() {
        while (true) {
            Line line = queue.poll();
            if (line != null) {
                queuedBytes.addAndGet(-line.bytes());
                write(line);
                continue;
            }
            flush();
            if (closing && queue.isEmpty()) {
                return; // lines that came during a slow flush are written too
            }
            waiting = true;
            if (queue.isEmpty() && !closing) {
                LockSupport.park(this);
            }
            waiting = false;
        }
    }

    private void write(Line line) {
        text.setLength(0);
        text.append(host(line.peer)).append(" - - [").append(date(line.millis)).append("] \"");
        escape(line.requestLine, text);
        text.append("\" ").append(line.status).append(' ');
        if (line.bodyBytes == 0) {
            text.append('-');
        } else {
            text.append(line.bodyBytes);
        }
        text.append('\n');
        try {
            out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            dropped.incrementAndGet();
            failed(e);
        }
    }

    private void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Says it once; the log goes on trying, since a full disk may be emptied. */
    private void failed(IOException e) {
        if (!failed) {
            failed = true;
            LOGGER.log(Level.WARNING, "the access log can't be written", e);
        }
    }

    private String host(SocketAddress peer) {
        if (peer != lastPeer) {
            lastPeer = peer;
            InetAddress address = peer instanceof InetSocketAddress inet ? inet.getAddress() : null;
            host = address != null ? address.getHostAddress() : "unix"; // a Unix-domain peer has no name
        }
        return host;
    }

    private String date(long millis) {
        long now = Math.floorDiv(millis, 1000L);
        if (now != second) {
            second = now;
            date = DATE.format(Instant.ofEpochSecond(now).atZone(zone));
        }
        return date;
    }

    private static void escape(String from, StringBuilder to) {
        for (int i = 0; i < from.length(); i++) {
            char c = from.charAt(i);
            if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
                to.append(c);
            } else {
                to.append("\\x")
                        .append(Character.toUpperCase(Character.forDigit(c >> 4 & 15, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
    }

    /** Writes what is queued and ends the thread; waits for that five seconds at most. After the server has stopped. */
    @Override
    public void close() throws IOException {
        closing = true;
        LockSupport.unpark(writer);
        boolean stuck;
        try {
            stuck = !writer.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stuck = true;
        }
        if (stuck) {
            LOGGER.log(Level.WARNING, "the access log's output is stuck; lines are lost: " + queue.size());
        } else if (closesOut) {
            out.close();
        }
        if (dropped.get() > 0) {
            LOGGER.log(Level.WARNING, "lines that the access log dropped: " + dropped.get());
        }
    }
}
