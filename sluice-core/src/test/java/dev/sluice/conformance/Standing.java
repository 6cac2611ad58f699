package dev.sluice.conformance;

import dev.sluice.Model;
import dev.sluice.Options;
import dev.sluice.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server that stays up from test to test, playing what a file says: for models whose servers take a second to start.
 * It must be without connections before the next test; else it is stopped. What stands at the end ends with this
 * process.
 */
final class Standing {
    private static final long EMPTY_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** So many stand at most: each keeps processes. */
    private static final int MOST = 2;

    private static final Map<String, Standing> ALL = new LinkedHashMap<>(8, 0.75f, true);

    private final Path file;
    private final Server server;

    private Standing(Model model, Options options) throws IOException {
        this.file = Files.createTempFile("sluice-play", ".txt");
        file.toFile().deleteOnExit();
        this.server = Server.builder(Play.FileProvider.class, file.toString())
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .model(model.name())
                .options(options)
                .start();
    }

    /** A server of these options, a play on it. */
    static synchronized Standing play(Model model, Options options, Play play, Witness witness) {
        String key = model.name() + options;
        try {
            Standing standing = ALL.get(key);
            if (standing == null) {
                makeRoom();
                standing = new Standing(model, options);
                ALL.put(key, standing);
            }
            standing.put(Play.arguments(play, witness));
            return standing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the server that was not used for longest, where there are enough. */
    private static void makeRoom() {
        if (ALL.size() >= MOST) {
            Standing eldest = ALL.values().iterator().next();
            ALL.values().remove(eldest);
            eldest.server.stop(Duration.ZERO);
        }
    }

    private void put(String[] lines) throws IOException {
        Path written = Files.write(file.resolveSibling(file.getFileName() + ".new"), List.of(lines));
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Forgets a server that a test has stopped. */
    static synchronized void gone(Server server) {
        ALL.values().removeIf(standing -> standing.server == server);
    }

    Server server() {
        return server;
    }

    /** After a test: the server is without connections, or stopped. */
    void settle() throws Exception {
        if (!Await.holdsWithin(EMPTY_NANOS, () -> server.stats().open() == 0)) {
            Conformance.stop(server, Duration.ZERO);
        }
    }
}
