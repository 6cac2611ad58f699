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

    /** Makes a play's service, in any process. */
    final class Provider implements ServiceProvider {
        public Provider() {}

        @Override
        public Service service(List<String> arguments) throws Exception {
            byte[] bytes = Base64.getDecoder().decode(arguments.getFirst());
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
                Play play = (Play) in.readObject();
                Trace trace = Witness.trace(arguments.get(1));
                return connection -> play.open(connection, trace);
            }
        }
    }
}
