package dev.sluice.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One side's plain socket, read and written by hand, so that a test says each byte. Reads give up after some seconds. */
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 15_000;

    private final Socket socket;
    private final InputStream in;

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = socket.getInputStream();
    }

    static Wire to(int port) throws IOException {
        return new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Up to and with an empty line; what there is of it where the other side ends. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return head.toString();
            }
            head.append((char) b);
        }
        return head.toString();
    }

    String bytes(int count) throws IOException {
        return new String(in.readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** A response: its head, and its body as its framing says. */
    Answer answer() throws IOException {
        String head = head();
        String lower = head.toLowerCase(Locale.ROOT);
        int length = lower.indexOf("content-length: ");
        if (head.startsWith("HTTP/1.1 1") || head.startsWith("HTTP/1.1 204") || head.startsWith("HTTP/1.1 304")) {
            return new Answer(head, "");
        }
        if (length >= 0) {
            int end = head.indexOf("\r\n", length);
            return new Answer(head, bytes(Integer.parseInt(head.substring(length + 16, end))));
        }
        return new Answer(head, lower.contains("transfer-encoding: chunked") ? chunks() : rest());
    }

    /** Chunked coding as it came, up to and with the end of its trailers. */
    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            String size = line();
            int count = Integer.parseInt(size, 16);
            if (count == 0) {
                StringBuilder trailers = new StringBuilder();
                for (String line = line(); !line.isEmpty(); line = line()) {
                    trailers.append('[').append(line).append(']');
                }
                return body.append(trailers).toString();
            }
            body.append(bytes(count));
            line();
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the other side ended in the middle of a line: " + line);
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** All up to the other side's end. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Sends back all that comes, as it comes. */
    void echo() throws IOException {
        in.transferTo(socket.getOutputStream());
    }

    /** Whether the other side has ended or broken the connection; waits for that. */
    boolean isOver() {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException late) {
            return false;
        } catch (IOException broken) {
            return true;
        }
    }

    Wire end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A response.
     *
     * @param head with its empty line
     * @param body without chunked coding; trailers in brackets behind it
     */
    record Answer(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }
    }
}
