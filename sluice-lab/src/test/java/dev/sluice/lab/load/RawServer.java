package dev.sluice.lab.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on plain sockets, a thread each, that may misbehave as it likes. */
final class RawServer implements AutoCloseable {
    /** What is done with one connection; it is closed afterwards. */
    interface Behaviour {
        void serve(Socket socket) throws IOException;
    }

    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    RawServer(Behaviour behaviour) throws IOException {
        listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("raw-accept").start(() -> accept(behaviour));
    }

    private void accept(Behaviour behaviour) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                accepted.incrementAndGet();
                sockets.add(socket);
                if (listener.isClosed()) {
                    socket.close(); // whoever closed this server did not see it among the sockets
                }
                Thread.ofPlatform().daemon().name("raw").start(() -> serve(socket, behaviour));
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket socket, Behaviour behaviour) {
        try (socket) {
            behaviour.serve(socket);
        } catch (IOException e) {
            // The load ends in the middle of what this server does: that is not what the tests are about.
            sockets.remove(socket);
        }
    }

    /** Reads one request without a body; false at the end of the connection. */
    static boolean readRequest(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        int seen = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            seen = b == '\n' ? seen + 1 : b == '\r' ? seen : 0;
            if (seen == 2) {
                return true;
            }
        }
        return false;
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    int accepted() {
        return accepted.get();
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/";
    }

    String echoUrl() {
        return "tcp://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
