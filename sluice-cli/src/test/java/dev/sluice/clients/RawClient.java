package dev.sluice.clients;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A connection on which a test says exactly what it wants, a byte each char. */
final class RawClient implements AutoCloseable {
    /**
     * An answer.
     *
     * @param status 0 where the connection ended instead
     */
    record Answer(int status, String head, String body) {
        static final Answer NONE = new Answer(0, "", "");

        /** A field's value, or an empty text. */
        String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(LiveServer server) throws IOException {
        this.socket = server.connect();
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        this.out = socket.getOutputStream();
    }

    Socket socket() {
        return socket;
    }

    void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends, though the server may have had enough: false when it has. */
    boolean trySend(String text) {
        try {
            send(text);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    /** The next answer, whose length must be stated; {@link Answer#NONE} where the server ended the connection. */
    Answer read(boolean toHead) throws IOException {
        String head = head();
        if (head.isEmpty()) {
            return Answer.NONE;
        }
        int status = Integer.parseInt(head.substring(9, 12));
        Answer bare = new Answer(status, head, "");
        if (toHead || status < 200 || status == 204 || status == 304) {
            return bare;
        }
        String length = bare.header("Content-Length");
        if (length.isEmpty()) {
            throw new AssertionError("no length: " + head);
        }
        byte[] body = in.readNBytes(Integer.parseInt(length));
        return new Answer(status, head, new String(body, StandardCharsets.ISO_8859_1));
    }

    Answer read() throws IOException {
        return read(false);
    }

    private String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        try {
            int newlines = 0;
            int c;
            while (newlines < 2 && (c = in.read()) >= 0) {
                head.write(c);
                newlines = c == '\n' ? newlines + 1 : c == '\r' ? newlines : 0;
            }
        } catch (SocketException reset) {
            return head.toString(StandardCharsets.ISO_8859_1);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the server has ended the connection, before anything else came. */
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Whether there is something to read, or the end, within a time. */
    boolean isAnsweredWithin(int millis) throws IOException {
        int before = socket.getSoTimeout();
        socket.setSoTimeout(millis);
        in.mark(1);
        try {
            if (in.read() >= 0) {
                in.reset();
            }
            return true;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (SocketException reset) {
            return true;
        } finally {
            socket.setSoTimeout(before);
        }
    }

    /** Whether the server ends the connection within a time; whatever it sends before is dropped. */
    boolean isEndedWithin(int millis) throws IOException {
        int before = socket.getSoTimeout();
        socket.setSoTimeout(millis);
        try {
            return in.read(new byte[8 * 1024]) < 0;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (SocketException reset) {
            return true;
        } finally {
            socket.setSoTimeout(before);
        }
    }

    /** Waits, without reading, until the server has given the connection up. */
    void awaitReset(Duration limit) {
        long start = System.nanoTime();
        while (trySend("\r\n")) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new AssertionError("the connection is still there after " + limit);
            }
            LockSupport.parkNanos(PAUSE_NANOS); // how often it is tried
        }
    }

    /** All that comes until the server ends the connection. */
    String readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[8 * 1024];
        try {
            int n;
            while ((n = in.read(piece)) >= 0) {
                all.write(piece, 0, n);
            }
        } catch (SocketException reset) {
            return all.toString(StandardCharsets.ISO_8859_1);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Reads to the end and counts. */
    long drain() throws IOException {
        long count = 0;
        byte[] piece = new byte[64 * 1024];
        try {
            int n;
            while ((n = in.read(piece)) >= 0) {
                count += n;
            }
        } catch (SocketException reset) {
            return count;
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
