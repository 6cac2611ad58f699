package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket of the machine of the calling thread's world (see {@link Blocking}), whose calls block as those of the JDK's own do,
 * in virtual time. Buffers are the world's, not as {@link #setReceiveBufferSize} asks.
 */
public final class WorldSocket extends Socket {
    /** Of what the JDK's would wait for without a bound. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final SimSocket socket = new SimSocket(Blocking.host());
    private @Nullable InetAddress from;
    private long timeoutNanos = MOST_NANOS;
    private boolean closed;
    /** The JDK's own throw it again, though the kernel tells it once. */
    private @Nullable SocketException broken;

    public WorldSocket() {}

    @Override
    public void bind(SocketAddress address) {
        from = ((InetSocketAddress) address).getAddress();
    }

    @Override
    public void connect(SocketAddress remote, int timeoutMillis) throws IOException {
        socket.connect(from, (InetSocketAddress) remote);
        boolean done = Blocking.await(() -> !socket.isConnecting(), TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        if (!done) {
            throw new SocketTimeoutException("Connect timed out");
        }
        if (!socket.wasEstablished()) {
            throw new ConnectException(Errno.describe(socket.takeError()));
        }
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return length == 0 ? 0 : receive(into, offset, length);
            }
        };
    }

    private int receive(byte[] into, int offset, int length) throws IOException {
        requireOpen();
        if (!Blocking.await(() -> closed || socket.isReadable(), timeoutNanos)) {
            throw new SocketTimeoutException("Read timed out");
        }
        requireOpen();
        if (broken != null) {
            throw broken;
        }
        int n = Math.min(socket.receivable(), length);
        if (n < 0) {
            broken = new SocketException(Errno.describe(-n));
            throw broken;
        }
        if (n == 0) {
            return -1;
        }
        System.arraycopy(socket.input().stream, socket.input().read, into, offset, n);
        socket.received(n);
        return n;
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int sent = 0;
                while (sent < length) {
                    sent += transmit(bytes, offset + sent, length - sent);
                }
            }
        };
    }

    /** Sends as much as there is room for, at least a byte; waits for room as tcp_sendmsg() does, for a part of the buffer. */
    private int transmit(byte[] bytes, int offset, int length) throws IOException {
        requireOpen();
        int room = socket.sendable();
        if (room == -Errno.EAGAIN) {
            Blocking.await(() -> closed || socket.isReset() || socket.isWritable(), MOST_NANOS);
            requireOpen();
            room = socket.sendable();
        }
        if (room < 0) {
            throw new SocketException(Errno.describe(-room));
        }
        int n = Math.min(room, length);
        System.arraycopy(bytes, offset, socket.output().reserve(n), socket.output().written, n);
        socket.sent(n);
        return n;
    }

    private void requireOpen() throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        requireOpen();
        socket.shutdownOutput(); // the JDK ignores ENOTCONN as well
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            socket.close();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public int getLocalPort() {
        return socket.localAddress().getPort();
    }

    @Override
    public void setSoLinger(boolean on, int seconds) {
        if (!on || seconds != 0) {
            throw new UnsupportedOperationException("only a reset at the end");
        }
        socket.resetOnClose();
    }

    @Override
    public void setSoTimeout(int millis) {
        timeoutNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public void setReceiveBufferSize(int bytes) {}
}
