package dev.sluice.proxy;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.http.HeadBytes;
import dev.sluice.http.HttpClientSession;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.RequestFailure;
import dev.sluice.http.ResponseHead;
import dev.sluice.http.ResponseReader;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One check of one back end, over a connection of its own. Its result is told once: what is wrong, or nothing. */
final class HealthCheck implements Service {
    private final HealthOptions options;
    private final String host;
    private final Consumer<String> result;
    private boolean told;

    HealthCheck(HealthOptions options, String host, Consumer<String> result) {
        this.options = options;
        this.host = host;
        this.result = result;
    }

    @Override
    public Session open(Connection connection) {
        String path = options.path();
        return path == null ? new Connecting(connection) : asking(connection, path);
    }

    private void tell(String problem) {
        if (!told) {
            told = true;
            result.accept(problem);
        }
    }

    private Session asking(Connection connection, String path) {
        long nanos = options.timeout().toNanos();
        HttpClientSession session = new HttpClientSession(connection, HttpLimits.standard(), new Once(), nanos);
        HeadBytes head = new HeadBytes()
                .text("GET " + path + " HTTP/1.1\r\n")
                .field("Host", host)
                .text("User-Agent: sluice-health\r\nConnection: close\r\n\r\n");
        session.send(head, 0, "GET", false, new Answer());
        session.deadlines(nanos, connection.nanoTime() + nanos, nanos);
        return session;
    }

    /** The connection serves this check alone. */
    private final class Once implements HttpClientSession.Keeper {
        @Override
        public void free(HttpClientSession session) {
            session.close();
        }

        @Override
        public void gone(HttpClientSession session) {
            tell("the connection ended");
        }
    }

    private final class Answer implements ResponseReader {
        @Override
        public void head(ResponseHead head) {
            int status = head.status();
            boolean well = status >= options.statusLeast() && status <= options.statusMost();
            tell(well ? "" : "GET " + options.path() + " was answered with " + status);
        }

        @Override
        public void received(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void ended(@Nullable HeadBytes trailers) {
            // The head has told.
        }

        @Override
        public void failed(RequestFailure failure) {
            tell(failure.kind() + ": " + failure.detail());
        }
    }

    /** Being connected is enough. */
    private final class Connecting implements Session {
        private final Connection connection;

        Connecting(Connection connection) {
            this.connection = connection;
            connection.after(options.timeout().toNanos(), connection::abort);
        }

        @Override
        public void opened() {
            tell("");
            connection.close();
        }

        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {
            connection.close();
        }

        @Override
        public void closed(Cause cause) {
            tell(cause.kind() == Cause.Kind.LOCAL ? "not connected in time" : cause.toString());
        }
    }
}
