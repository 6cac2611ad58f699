package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** A request that is answered with 101: the connection is another session's from then on. */
final class SwitchedTest {
    private static final String UPGRADE =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: shout\r\n\r\n";

    private final List<String> told = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    /** Answers in capitals; a {@code !} is too much for it. */
    private final class Shout implements Session {
        private final Connection connection;

        Shout(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void received(ByteBuffer input) {
            byte[] bytes = new byte[input.remaining()];
            input.get(bytes);
            String text = new String(bytes, StandardCharsets.US_ASCII);
            if (text.contains("!")) {
                throw new IllegalStateException("too loud");
            }
            byte[] answer = text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
            connection.write(answer, 0, answer.length);
        }

        @Override
        public void ended() {
            told.add("ended");
            connection.end();
        }

        @Override
        public void closed(Cause cause) {
            told.add("closed");
        }
    }

    private TestConnection connect() throws Exception {
        return new TestConnection(HttpService.builder()
                .gateway(exchange -> exchange.switchProtocols(
                        new HeadBytes().text("Connection: upgrade\r\nUpgrade: shout\r\n"),
                        new Shout(exchange.connection())))
                .onFailure((line, failure) -> failures.add(failure))
                .build());
    }

    @Test
    void whatFollowsIsTheOtherSessions() throws Exception {
        TestConnection connection = connect();
        connection.send(UPGRADE + "at once, ");
        assertThat(connection.output()).startsWith("HTTP/1.1 101 ").endsWith("\r\n\r\nAT ONCE, ");
        connection.send("later").sendEnd();
        assertThat(connection.output()).endsWith("AT ONCE, LATER");
        assertThat(connection.isClosed()).isTrue();
        assertThat(told).containsExactly("ended", "closed");
        assertThat(failures).isEmpty();
    }

    @Test
    void aSessionThatThrowsLosesItsConnection() throws Exception {
        TestConnection connection = connect();
        connection.send(UPGRADE).send("hush!");
        assertThat(connection.isClosed()).isTrue();
        assertThat(failures).singleElement().asString().contains("too loud");
        assertThat(told).containsExactly("closed");
    }
}
