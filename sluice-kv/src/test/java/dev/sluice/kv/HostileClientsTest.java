package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/attacks.md says of the store's port, and its limits. */
@Timeout(60)
class HostileClientsTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void strangersMayOnlySayWhoTheyAre() throws Exception {
        try (KvServer server =
                        KvServer.start(StoreOptions.builder().password("secret").build());
                RespClient client = server.connect()) {
            assertThat(client.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.");
            assertThat(client.ask("HELLO", "3")).startsWith("-NOAUTH HELLO must be called");
            assertThat(client.ask("AUTH", "wrong")).startsWith("-WRONGPASS ");
            assertThat(client.ask("AUTH", "someone", "secret")).startsWith("-WRONGPASS ");
            assertThat(client.ask("HELLO", "2", "AUTH", "default", "secret")).contains("\"proto\", :2");
            assertThat(client.ask("GET", "k")).isEqualTo("nil");
            assertThat(client.ask("RESET")).isEqualTo("+RESET");
            assertThat(client.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.");
            client.send(bytes("*11\r\n"));
            assertThat(client.reply()).isEqualTo("-ERR Protocol error: unauthenticated multibulk length");
            assertThat(client.isOver()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n"})
    void whoSpeaksHttpIsClosedBeforeItsBodyIsRead(String request) throws Exception {
        try (KvServer server = KvServer.start();
                RespClient browser = server.connect();
                RespClient client = server.connect()) {
            browser.send(bytes(request));
            assertThat(browser.isOver()).isTrue();
            assertThat(client.ask("EXISTS", "k")).isEqualTo(":0");
            assertThat(client.ask("DBSIZE")).isEqualTo(":0");
        }
    }

    @Test
    void whatIsUnfinishedIsBoundedForOneAndForAll() throws Exception {
        int mebi = 1 << 20;
        StoreOptions options = StoreOptions.builder()
                .valueMost(mebi)
                .unfinished(2 * mebi, 5L * mebi)
                .build();
        try (KvServer server = KvServer.start(options)) {
            try (RespClient one = server.connect()) {
                String argument = "$1000000\r\n" + "x".repeat(1_000_000) + "\r\n";
                assertThat(isClosedWhileSending(one, "*5\r\n" + argument.repeat(3)))
                        .isTrue();
            }
            List<RespClient> many = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                many.add(server.connect());
            }
            String unfinished = "*2\r\n$3\r\nGET\r\n$1000000\r\n" + "x".repeat(900_000);
            List<RespClient> closed = many.stream()
                    .filter(client -> isRefused(client, unfinished))
                    .toList();
            assertThat(closed).hasSizeBetween(2, 7);
            for (RespClient client : many) {
                client.close();
            }
            try (RespClient healthy = server.connect()) {
                Await.until(
                        "what was unfinished to be forgotten",
                        () -> ask(healthy, "INFO", "clients").contains("unfinished_request_bytes:0"));
            }
        }
    }

    /** Whether the connection is closed for what was sent; a reset is seen sooner or later. */
    private static boolean isRefused(RespClient client, String text) {
        try {
            client.send(bytes(text));
            return client.isOver(300);
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isClosedWhileSending(RespClient client, String text) {
        try {
            client.send(bytes(text));
            return client.isOver();
        } catch (IOException e) {
            return true;
        }
    }

    private static String ask(RespClient client, String... command) {
        try {
            return client.ask(command);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void memoryIsBounded() throws Exception {
        try (KvServer server =
                        KvServer.start(StoreOptions.builder().maxMemory(1 << 20).build());
                RespClient client = server.connect()) {
            String value = "x".repeat(10_000);
            int stored = 0;
            while (client.ask("SET", "k" + stored, value).equals("+OK")) {
                stored++;
            }
            assertThat(stored).isBetween(95, 106);
            assertThat(client.ask("SET", "other", "1"))
                    .isEqualTo("-OOM command not allowed when used memory > 'maxmemory'.");
            assertThat(client.ask("GET", "k0")).isEqualTo("\"" + value + "\"");
            assertThat(client.ask("MULTI")).isEqualTo("+OK");
            assertThat(client.ask("SET", "other", "1")).startsWith("-OOM ");
            assertThat(client.ask("EXEC")).startsWith("-EXECABORT ");
            assertThat(client.ask("DEL", "k0", "k1", "k2")).isEqualTo(":3");
            assertThat(client.ask("SET", "other", "1")).isEqualTo("+OK");
            client.ask("FLUSHALL");
            Await.until("the memory to come back", () -> server.usedBytes() < 20_000);
        }
    }

    @Test
    void aSubscriberThatDoesNotReadIsClosed() throws Exception {
        try (KvServer server = KvServer.start();
                RespClient slow = server.connect();
                RespClient publisher = server.connect()) {
            slow.ask("SUBSCRIBE", "c");
            String message = "x".repeat(1_000_000);
            int count = 0;
            while (publisher.ask("PUBLISH", "c", message).equals(":1")) {
                count++;
                assertThat(count).isLessThan(200);
            }
            assertThat(count).isGreaterThan(30);
        }
    }

    @Test
    void aClientTooManyIsTold() throws Exception {
        try (KvServer server =
                        KvServer.start(StoreOptions.builder().clientsMost(1).build());
                RespClient first = server.connect()) {
            assertThat(first.ask("PING")).isEqualTo("+PONG");
            try (RespClient second = server.connect()) {
                assertThat(second.reply()).isEqualTo("-ERR max number of clients reached");
                assertThat(second.isOver()).isTrue();
            }
            assertThat(first.ask("PING")).isEqualTo("+PONG");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "threads"})
    void sleepersHoldUpNobodyElse(String model) throws Exception {
        try (KvServer server = KvServer.start(model, Options.standard(), StoreOptions.standard());
                RespClient sleeper = server.connect();
                RespClient other = server.connect()) {
            AtomicLong begun = new AtomicLong(System.nanoTime());
            sleeper.send("PING").send("DEBUG", "SLEEP", "0.2").send("PING", "later");
            assertThat(sleeper.reply()).isEqualTo("+PONG");
            assertThat(other.ask("PING")).isEqualTo("+PONG");
            assertThat(sleeper.reply()).isEqualTo("+OK");
            assertThat(System.nanoTime() - begun.get()).isGreaterThan(190_000_000L);
            assertThat(sleeper.reply()).isEqualTo("\"later\"");
        }
    }

    /** An idle connection's session and client are small objects, and hold no buffer, whatever it did before. */
    @Test
    @Tag("slow")
    void manyIdleConnectionsOwnNoBuffer() throws Exception {
        try (KvServer server = KvServer.start("epoll", Options.standard(), StoreOptions.standard())) {
            int count = 4_000; // their other ends are of this process too, which may hold 20,000 descriptors
            List<RespClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    RespClient client = server.connect();
                    clients.add(client);
                    byte[] request = RespClient.request("SET", "key" + i, "x".repeat(2000));
                    client.send(Arrays.copyOf(request, 700));
                    client.send(Arrays.copyOfRange(request, 700, request.length));
                }
                for (RespClient client : clients) {
                    assertThat(client.reply()).isEqualTo("+OK");
                }
                assertThat(clients.getFirst().ask("INFO", "clients"))
                        .contains("unfinished_request_bytes:0", "connected_clients:" + count);
                assertThat(server.outlets()).hasSize(count).allMatch(KvOutlet::holdsNothing);
            } finally {
                for (RespClient client : clients) {
                    client.close();
                }
            }
        }
    }
}
