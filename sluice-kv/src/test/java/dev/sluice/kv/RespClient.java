package dev.sluice.kv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that shows each reply as a text: its type and its content, byte for byte. */
final class RespClient implements AutoCloseable {
    private static final int READ_MILLIS = 15_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RespClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** The bytes of a request; its arguments are of ISO 8859-1. */
    static byte[] request(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + arguments.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (String argument : arguments) {
            bytes.writeBytes(("$" + argument.length() + "\r\n").getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(argument.getBytes(StandardCharsets.ISO_8859_1));
            bytes.writeBytes(new byte[] {'\r', '\n'});
        }
        return bytes.toByteArray();
    }

    String ask(String... arguments) throws IOException {
        send(request(arguments));
        return reply();
    }

    RespClient send(String... arguments) throws IOException {
        return send(request(arguments));
    }

    RespClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    /** The next reply: {@code "text"}, {@code +OK}, {@code -ERR …}, {@code :1}, {@code [a, b]}, {@code nil}. */
    String reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '$', '=' -> bulk(Integer.parseInt(rest), line.charAt(0) == '=' ? "=" : "");
            case '*' -> Integer.parseInt(rest) < 0 ? "nil[]" : many(Integer.parseInt(rest), "[", "]");
            case '%' -> many(Integer.parseInt(rest) * 2, "{", "}");
            case '~' -> many(Integer.parseInt(rest), "~[", "]");
            case '>' -> many(Integer.parseInt(rest), ">[", "]");
            case '_' -> "null";
            case '+', '-', ':', ',', '#' -> line;
            default -> throw new IOException("no reply begins so: " + line);
        };
    }

    private String many(int count, String open, String close) throws IOException {
        StringBuilder all = new StringBuilder(open);
        for (int i = 0; i < count; i++) {
            all.append(i == 0 ? "" : ", ").append(reply());
        }
        return all.append(close).toString();
    }

    private String bulk(int length, String mark) throws IOException {
        if (length < 0) {
            return "nil";
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        in.readFully(new byte[2]);
        return mark + '"' + new String(bytes, StandardCharsets.ISO_8859_1) + '"';
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the end came after '" + line + "'");
            }
            if (b == '\r') {
                in.readByte();
                return line.toString(StandardCharsets.ISO_8859_1);
            }
            line.write(b);
        }
    }

    /** Whether the connection is over, once all is read. */
    boolean isOver() throws IOException {
        return isOver(READ_MILLIS);
    }

    /** The same within a time. */
    boolean isOver(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            while (in.read() >= 0) {}
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Whether there is something to read within a time. */
    boolean hears(int millis) throws IOException {
        socket.setSoTimeout(millis);
        in.mark(1);
        try {
            boolean heard = in.read() >= 0;
            in.reset();
            return heard;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(READ_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
