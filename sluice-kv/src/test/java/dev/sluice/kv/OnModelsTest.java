package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Options;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The store's behaviour where clients meet, on each model and on several loops. */
@Timeout(60)
class OnModelsTest {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 200;

    /** A model and a number of loops. */
    record Row(String model, int loops) {
        KvServer start() {
            return KvServer.start(model, Options.builder().loops(loops).build(), StoreOptions.standard());
        }

        @Override
        public String toString() {
            return model + " on " + loops;
        }
    }

    static Stream<Row> rows() {
        return KvServer.models()
                .flatMap(model -> Models.choose(model).can(Model.Ability.LOOPS)
                        ? Stream.of(new Row(model, 1), new Row(model, 2))
                        : Stream.of(new Row(model, 1)));
    }

    private static void all(KvServer server, ClientTask task) throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Object>> ends = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                Callable<Object> run = () -> {
                    try (RespClient client = server.connect()) {
                        task.run(client, number);
                    }
                    return number;
                };
                ends.add(threads.submit(run));
            }
            for (Future<Object> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** What one of several clients does. */
    private interface ClientTask {
        void run(RespClient client, int number) throws IOException;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void countersLoseNothing(Row row) throws Exception {
        try (KvServer server = row.start()) {
            all(server, (client, number) -> {
                for (int i = 0; i < ROUNDS; i++) {
                    client.send("INCR", "n").send("HINCRBY", "h", "f", "2").send("INCR", "own" + number);
                }
                for (int i = 0; i < ROUNDS; i++) {
                    client.reply();
                    client.reply();
                    assertThat(client.reply()).isEqualTo(":" + (i + 1));
                }
            });
            try (RespClient client = server.connect()) {
                assertThat(client.ask("GET", "n")).isEqualTo("\"" + CLIENTS * ROUNDS + "\"");
                assertThat(client.ask("HGET", "h", "f")).isEqualTo("\"" + 2 * CLIENTS * ROUNDS + "\"");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void watchedKeysKeepTransactionsApart(Row row) throws Exception {
        try (KvServer server = row.start()) {
            all(server, (client, number) -> {
                for (int i = 0; i < 30; i++) {
                    String result;
                    do {
                        client.ask("WATCH", "n");
                        String value = client.ask("GET", "n");
                        int n = value.equals("nil") ? 0 : Integer.parseInt(value.replace("\"", ""));
                        client.ask("MULTI");
                        client.ask("SET", "n", String.valueOf(n + 1));
                        result = client.ask("EXEC");
                    } while (result.equals("nil[]"));
                    assertThat(result).isEqualTo("[+OK]");
                }
            });
            try (RespClient client = server.connect()) {
                assertThat(client.ask("GET", "n")).isEqualTo("\"" + CLIENTS * 30 + "\"");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void messagesReachEverySubscriberInOrder(Row row) throws Exception {
        try (KvServer server = row.start();
                RespClient two = server.connect();
                RespClient three = server.connect();
                RespClient pattern = server.connect();
                RespClient publisher = server.connect()) {
            assertThat(two.ask("SUBSCRIBE", "news", "more")).isEqualTo("[\"subscribe\", \"news\", :1]");
            assertThat(two.reply()).isEqualTo("[\"subscribe\", \"more\", :2]");
            three.ask("HELLO", "3");
            assertThat(three.ask("SUBSCRIBE", "news")).isEqualTo(">[\"subscribe\", \"news\", :1]");
            assertThat(pattern.ask("PSUBSCRIBE", "n?ws")).isEqualTo("[\"psubscribe\", \"n?ws\", :1]");
            assertThat(two.ask("GET", "k")).startsWith("-ERR Can't execute 'get'");
            for (int i = 0; i < ROUNDS; i++) {
                publisher.send("PUBLISH", "news", "m" + i);
            }
            for (int i = 0; i < ROUNDS; i++) {
                assertThat(publisher.reply()).isEqualTo(":3");
                assertThat(two.reply()).isEqualTo("[\"message\", \"news\", \"m" + i + "\"]");
                assertThat(three.reply()).isEqualTo(">[\"message\", \"news\", \"m" + i + "\"]");
                assertThat(pattern.reply()).isEqualTo("[\"pmessage\", \"n?ws\", \"news\", \"m" + i + "\"]");
            }
            assertThat(three.ask("PING")).isEqualTo("+PONG");
            two.close();
            Await.until("the subscriber to be forgotten", () -> {
                try {
                    return publisher.ask("PUBSUB", "NUMSUB", "more").equals("[\"more\", :0]");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void largeValuesAndDeepPipelines(Row row) throws Exception {
        try (KvServer server = row.start();
                RespClient client = server.connect()) {
            String large = "0123456789abcdef".repeat(200_000);
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    client.send("SET", "large", large);
                    for (int i = 0; i < 20; i++) {
                        client.send("GET", "large");
                    }
                    for (int i = 0; i < 3000; i++) {
                        client.send("SET", "k" + i % 50, "v" + i).send("GET", "k" + i % 50);
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.reply()).isEqualTo("+OK");
            for (int i = 0; i < 20; i++) {
                assertThat(client.reply().equals("\"" + large + "\"")).isTrue();
            }
            for (int i = 0; i < 3000; i++) {
                assertThat(client.reply()).isEqualTo("+OK");
                assertThat(client.reply()).isEqualTo("\"v" + i + "\"");
            }
            writer.join();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void keysEndWithoutBeingLookedFor(Row row) throws Exception {
        try (KvServer server = row.start();
                RespClient client = server.connect()) {
            for (int i = 0; i < 1000; i++) {
                client.send("SET", "k" + i, "v", "PX", "1");
            }
            for (int i = 0; i < 1000; i++) {
                client.reply();
            }
            Await.until("all keys to end", () -> {
                try {
                    return client.ask("DBSIZE").equals(":0");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.ask("INFO", "stats")).contains("expired_keys:1000");
        }
    }
}
