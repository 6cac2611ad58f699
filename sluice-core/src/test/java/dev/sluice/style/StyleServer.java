package dev.sluice.style;

import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server of one service for a test's clients, and what its sessions say. */
final class StyleServer implements AutoCloseable {
    private static final int SECONDS = 15;

    final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final Server server;

    StyleServer(String model, Options options, Service service) {
        server = Server.builder(service)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .model(model)
                .options(options)
                .start();
    }

    StyleServer(String model, Service service) {
        this(model, Options.standard(), service);
    }

    /** Models that are quick to start and differ in where callbacks run. */
    static Stream<String> models() {
        return Stream.of("threads", "virtual", "epoll", "epoll-et", "io_uring", "nio", "aio")
                .filter(name -> Models.all().stream().anyMatch(row -> row.name().equals(name) && runs(row)));
    }

    private static boolean runs(Model row) {
        return row.can(Ability.ONE_PROCESS) && row.availability().available();
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(SECONDS * 1000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.address();
    }

    ServerStats stats() {
        return server.stats();
    }

    /** The next line that was said. */
    String next() throws InterruptedException {
        String line = said.poll(SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing was said for " + SECONDS + " s");
        }
        return line;
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String read(Socket socket, int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        server.close();
    }
}
