package dev.sluice.conformance;

import dev.sluice.sim.Blocking;
import dev.sluice.sim.WorldSocket;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A peer of the server under test: blocking calls of the JDK's own sockets, or a world's, every read bounded in time. */
final class TestClient implements AutoCloseable {
    private static final int READ_MILLIS = 15_000;

    /** What came until the end, and whether the end was a reset. */
    record Rest(byte[] bytes, boolean reset) {
        String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private TestClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** The other way round: a connection that was dialled by what is under test, and accepted here. */
    static TestClient accepted(Socket socket) throws IOException {
        socket.setSoTimeout(READ_MILLIS);
        return new TestClient(socket);
    }

    static TestClient connect(InetSocketAddress address) throws IOException {
        return connect(address, null, 0);
    }

    /**
     * Connects.
     *
     * @param from the address to connect from, or null
     * @param receiveBytes the receive buffer's size, or 0 for the kernel's choice
     */
    static TestClient connect(
            InetSocketAddress address, @org.jspecify.annotations.Nullable String from, int receiveBytes)
            throws IOException {
        Socket socket = Blocking.inWorld() ? new WorldSocket() : new Socket();
        try {
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes);
            }
            if (from != null) {
                socket.bind(new InetSocketAddress(from, 0));
            }
            socket.connect(address, READ_MILLIS);
            socket.setSoTimeout(READ_MILLIS);
            socket.setTcpNoDelay(true);
            return new TestClient(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Its own. */
    int port() {
        return socket.getLocalPort();
    }

    TestClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    TestClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    /** Sends a byte as TCP's urgent data, which no stream carries on (tcp(7), SO_OOBINLINE). */
    TestClient sendUrgent(char data) throws IOException {
        socket.sendUrgentData(data);
        return this;
    }

    /** Sends a part of an array. */
    TestClient send(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        return this;
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        return in.read();
    }

    /** As many bytes as one call gives; -1 at the end. */
    int read(byte[] into) throws IOException {
        return in.read(into);
    }

    /** Exactly so many bytes. */
    byte[] readBytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the end came after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    /** Exactly so many bytes, as text. */
    String read(int count) throws IOException {
        return new String(readBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** Sends a text and expects as many bytes back. */
    String ask(String text) throws IOException {
        return send(text).read(text.length());
    }

    /** All until the end or a reset. */
    Rest rest() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] some = new byte[64 * 1024];
        try {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                bytes.write(some, 0, n);
            }
            return new Rest(bytes.toByteArray(), false);
        } catch (SocketException reset) {
            return new Rest(bytes.toByteArray(), true);
        }
    }

    /** Reads on until the end, forgetting what it reads. */
    void discard() throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
    }

    /** The digest of all until the end. */
    String digest() throws IOException {
        MessageDigest digest = Pattern.sha256();
        byte[] some = new byte[64 * 1024];
        for (int n = in.read(some); n >= 0; n = in.read(some)) {
            digest.update(some, 0, n);
        }
        return Pattern.hex(digest);
    }

    /** Whether the connection is over, sooner or later, by an end or a reset. */
    boolean isOver() throws IOException {
        rest();
        return true;
    }

    /** Sends the last byte's mark: half-close. */
    TestClient end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes with a reset (RST). */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
