package dev.sluice.clients;

import dev.sluice.Model.Ability;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;

/** A server of {@link LiveService} on a model, on a loopback port. */
final class LiveServer implements AutoCloseable {
    /** A client that takes nothing for so long is given up. */
    static final Duration WRITE_PATIENCE = Duration.ofSeconds(1);

    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final Server server;

    private LiveServer(Server server) {
        this.server = server;
    }

    static LiveServer files(String model, Path root) {
        return start(model, "files", root.toString());
    }

    static LiveServer impatientFiles(String model, Path root) {
        return start(model, "files", root.toString(), "impatient");
    }

    static LiveServer reflect(String model) {
        return start(model, "reflect");
    }

    static LiveServer impatientReflect(String model) {
        return start(model, "reflect", "impatient");
    }

    private static LiveServer start(String model, String... words) {
        Options options =
                Options.builder().processes(8, 12).writeTimeout(WRITE_PATIENCE).build();
        return new LiveServer(Server.builder(LiveService.class, words)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .model(model)
                .options(options)
                .start());
    }

    /** How many connections it can be asked to hold at once: a worker process weighs too much to have many. */
    int connections(int wanted) {
        return isOneProcess() ? wanted : Math.min(wanted, 4);
    }

    /** Whether its connections share one process, which tells their counts. */
    boolean isOneProcess() {
        return server.model().can(Ability.ONE_PROCESS);
    }

    ServerStats stats() {
        return server.stats();
    }

    /** Lets what is in flight end, for so long; the number of connections that were cut. */
    long stop(Duration drain) {
        return server.stop(drain);
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    int port() {
        return server.port();
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 10_000);
        socket.setSoTimeout(20_000);
        return socket;
    }

    @Override
    public void close() {
        server.stop(DRAIN);
    }
}
