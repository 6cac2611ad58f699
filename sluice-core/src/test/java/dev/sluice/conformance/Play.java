package dev.sluice.conformance;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/**
 * A service of the suite, written where it is tested. It may hold only what can be serialized: it is made anew from its
 * bytes, in this process or in a worker's, so that one test is good for both.
 */
@FunctionalInterface
interface Play extends Serializable {
    Session open(Connection connection, Trace trace) throws Exception;

    /** The arguments by which {@link Provider} makes the play again. */
    static String[] arguments(Play play, Witness witness) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(play);
        } catch (IOException e) {
            throw new IllegalArgumentException("a play must not hold its test: " + e, e);
        }
        return new String[] {Base64.getEncoder().encodeToString(bytes.toByteArray()), witness.address()};
    }

    private static Service service(String play, String witness) throws IOException, ClassNotFoundException {
        byte[] bytes = Base64.getDecoder().decode(play);
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            Play made = (Play) in.readObject();
            Trace trace = Witness.trace(witness);
            return connection -> made.open(connection, trace);
        }
    }

    /** Makes a play's service, in any process. */
    final class Provider implements ServiceProvider {
        public Provider() {}

        @Override
        public Service service(List<String> arguments) throws Exception {
            return Play.service(arguments.getFirst(), arguments.get(1));
        }
    }

    /** Makes a service that looks into a file, for each connection, for the play that is on. */
    final class FileProvider implements ServiceProvider {
        public FileProvider() {}

        @Override
        public Service service(List<String> arguments) {
            Path file = Path.of(arguments.getFirst());
            return new Service() {
                private List<String> lines = List.of();
                private Service current = connection -> {
                    throw new IllegalStateException("no play is on");
                };

                @Override
                public synchronized Session open(Connection connection) throws Exception {
                    List<String> now = Files.readAllLines(file);
                    if (!now.equals(lines)) {
                        current = Play.service(now.getFirst(), now.get(1));
                        lines = now;
                    }
                    return current.open(connection);
                }
            };
        }
    }
}
