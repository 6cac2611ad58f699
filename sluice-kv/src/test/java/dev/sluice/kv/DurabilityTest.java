package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies wait for the journal; replaying what it was given comes to the same data. */
@Timeout(60)
class DurabilityTest {
    private static final int SILENCE_MILLIS = 60;

    /** A store that the test's thread may enter too. */
    private static KvServer shared(String model) {
        Store store = new Store(StoreOptions.standard());
        return KvServer.start(model, Options.standard(), store);
    }

    static Stream<String> models() {
        return KvServer.models();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aWriteIsAnsweredWhenItIsDurableAndWhatFollowsItTooAndInOrder(String model) throws Exception {
        try (KvServer server = shared(model);
                RespClient writer = server.connect();
                RespClient reader = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, false);
            assertThat(writer.ask("PING")).isEqualTo("+PONG");
            writer.send("GET", "k")
                    .send("SET", "k", "1")
                    .send("GET", "k")
                    .send("INCR", "k")
                    .send("PING", "x");
            assertThat(writer.reply()).isEqualTo("nil");
            Await.until("both records", () -> journal.count() == 2);
            assertThat(writer.hears(SILENCE_MILLIS)).isFalse();
            assertThat(reader.ask("GET", "k")).isEqualTo("\"2\"");
            journal.sync();
            assertThat(List.of(writer.reply(), writer.reply(), writer.reply(), writer.reply()))
                    .containsExactly("+OK", "\"1\"", ":2", "\"x\"");
            assertThat(writer.ask("GET", "k")).isEqualTo("\"2\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads"})
    void whatIsRefusedIsToldAndReadsGoOn(String model) throws Exception {
        try (KvServer server = shared(model);
                RespClient writer = server.connect();
                RespClient other = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, false);
            writer.send("SET", "k", "1")
                    .send("GET", "k")
                    .send("MULTI")
                    .send("INCR", "k")
                    .send("EXEC");
            Await.until("both records", () -> journal.count() == 2);
            journal.fail("sync of log-000003: Input/output error");
            for (int i = 0; i < 5; i++) {
                assertThat(writer.reply())
                        .startsWith("-MISCONF Errors writing to the log: sync of log-000003: Input/output error");
            }
            assertThat(writer.ask("PING")).isEqualTo("+PONG");
            assertThat(other.ask("SET", "k", "3")).startsWith("-MISCONF ");
            assertThat(other.ask("GET", "k")).isEqualTo("\"2\"");
            assertThat(other.ask("MULTI")).isEqualTo("+OK");
            assertThat(other.ask("SET", "k", "3")).startsWith("-MISCONF ");
            assertThat(other.ask("EXEC")).startsWith("-EXECABORT ");
            assertThat(journal.count()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads"})
    void whatWaitsWhenTheLogIsClosedIsAnsweredOnceItIsDurable(String model) throws Exception {
        try (KvServer server = shared(model);
                RespClient writer = server.connect();
                RespClient late = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, false);
            writer.send("SET", "k", "1");
            Await.until("the first record", () -> journal.count() == 1);
            writer.send("SET", "k", "2");
            Await.until("both records", () -> journal.count() == 2);
            journal.close(1);
            assertThat(writer.reply()).isEqualTo("+OK");
            assertThat(writer.hears(SILENCE_MILLIS)).isFalse();
            assertThat(late.ask("SET", "k", "3")).isEqualTo("-MISCONF Nothing is written any more: the log is closed");
            assertThat(late.ask("GET", "k")).isEqualTo("\"2\"");
            journal.sync();
            assertThat(writer.reply()).isEqualTo("+OK");
        }
    }

    @Test
    void aTransactionIsOneRecordAndReadsAreNone() throws Exception {
        try (KvServer server = shared("epoll");
                RespClient client = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, true);
            for (String line :
                    List.of("MULTI", "SET a 1", "INCR a", "HSET h f v", "GET a", "SELECT 1", "SET b 2", "EXEC")) {
                client.ask(line.split(" "));
            }
            client.ask("GET", "a");
            client.ask("HGETALL", "nothing");
            client.ask("DEL", "nothing");
            client.ask("EXPIRE", "nothing", "10");
            assertThat(journal.count()).isEqualTo(1);
            assertThat(text(journal.since(0).getFirst())).isEqualTo("SET a 1 SET a 2 HSET h f v SELECT 1 SET b 2");
        }
    }

    @Test
    void aKeyThatEndsIsWrittenDown() throws Exception {
        try (KvServer server = shared("epoll");
                RespClient client = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, true);
            client.ask("SET", "k", "v", "PX", "20");
            Await.until("the record of its end", () -> journal.count() == 2);
            assertThat(text(journal.since(1).getFirst())).isEqualTo("DEL k");
            assertThat(client.ask("DBSIZE")).isEqualTo(":0");
        }
    }

    /** The words of a record. */
    private static String text(byte[] record) {
        return new String(record, StandardCharsets.ISO_8859_1)
                .replaceAll("[*$]\\d+\r\n", "")
                .replace("\r\n", " ")
                .strip();
    }

    /** A client that uses the store itself, in the test's thread. */
    private static final class Inside {
        final Store store;
        final Client client;

        Inside(long seed) {
            store = new Store(StoreOptions.builder().shared(false).seed(seed).build());
            client = store.addClient(null, 1_000_000);
            store.begin(1_000_000);
        }

        void run(String... command) {
            RequestParser parser = new RequestParser(64);
            parser.fill(ByteBuffer.wrap(RespClient.request(command)));
            store.replies.clear();
            try {
                assertThat(parser.next(1 << 20, false)).isTrue();
            } catch (ProtocolException e) {
                throw new AssertionError(e);
            }
            store.executor().execute(client, parser.arguments);
        }

        /** All keys with their values and deadlines. */
        TreeMap<String, String> contents() {
            TreeMap<String, String> all = new TreeMap<>();
            for (int i = 0; i < store.databaseCount(); i++) {
                Database database = store.database(i);
                long cursor = 0;
                do {
                    cursor = database.keys()
                            .scan(
                                    cursor,
                                    entry -> all.put(
                                            database.number() + " " + latin(Entry.keyBytes(entry)),
                                            value(database, entry) + " until " + database.deadline(entry)));
                } while (cursor != 0);
            }
            return all;
        }

        private static String value(Database database, long entry) {
            if (!Entry.isHash(entry)) {
                return latin(Entry.valueBytes(entry));
            }
            TreeMap<String, String> fields = new TreeMap<>();
            long cursor = 0;
            do {
                cursor = database.fields(entry)
                        .scan(
                                cursor,
                                field -> fields.put(latin(Entry.keyBytes(field)), latin(Entry.valueBytes(field))));
            } while (cursor != 0);
            return fields.toString();
        }

        private static String latin(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static void write(Inside inside, Random random) {
        String key = "k" + random.nextInt(12);
        String other = "k" + random.nextInt(12);
        String field = "f" + random.nextInt(400);
        String value = "v" + random.nextInt(1000);
        switch (random.nextInt(22)) {
            case 0, 1 -> inside.run("SET", key, value);
            case 2 -> inside.run("SET", key, value, "PX", String.valueOf(1 + random.nextInt(5000)));
            case 3 -> inside.run("SET", key, value, "KEEPTTL");
            case 4 -> inside.run("SETRANGE", key, String.valueOf(random.nextInt(50)), value);
            case 5 -> inside.run("APPEND", key, value);
            case 6 -> inside.run("INCRBY", "n" + random.nextInt(3), "7");
            case 7 -> inside.run("DEL", key, other);
            case 8 -> inside.run("RENAME", key, other);
            case 9 -> inside.run("EXPIRE", key, String.valueOf(random.nextInt(8)));
            case 10 -> inside.run("PERSIST", key);
            case 11, 12, 13 -> inside.run("HSET", key, field, value, "f" + random.nextInt(400), value);
            case 14, 15 -> inside.run("HDEL", key, field, "f" + random.nextInt(400));
            case 16 -> inside.run("HINCRBY", "h", field, "3");
            case 17 -> inside.run("MSET", key, value, other, value);
            case 18 -> inside.run("GETEX", key, "PX", "3000");
            case 19 -> inside.run("SELECT", String.valueOf(random.nextInt(2)));
            case 20 -> inside.run("GETDEL", key);
            default -> {
                if (random.nextInt(60) == 0) {
                    inside.run(random.nextBoolean() ? "FLUSHDB" : "FLUSHALL");
                } else {
                    // One large hash, dumped piece by piece, that comes and goes.
                    String[] many = new String[2 + 2 * 300];
                    many[0] = "HSET";
                    many[1] = "large";
                    for (int i = 0; i < 300; i++) {
                        many[2 + 2 * i] = "f" + random.nextInt(3000);
                        many[3 + 2 * i] = value;
                    }
                    inside.run(many);
                    if (random.nextInt(4) == 0) {
                        inside.run(random.nextBoolean() ? "DEL" : "GETDEL", "large");
                        inside.run("EXPIRE", "large", "100");
                    }
                }
            }
        }
        if (random.nextInt(10) == 0) {
            inside.store.begin(inside.store.now() + random.nextInt(500));
            inside.store.tick();
        }
    }

    private static Inside replayed(long seed, List<byte[]> records) {
        Inside inside = new Inside(seed);
        inside.store.begin(0);
        records.forEach(record -> inside.store.apply(ByteBuffer.wrap(record)));
        return inside;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void replayComesToTheSameData(long seed) {
        Random random = new Random(seed);
        Inside inside = new Inside(seed);
        MemoryJournal journal = new MemoryJournal(inside.store, true);
        for (int i = 0; i < 4000; i++) {
            write(inside, random);
        }
        assertThat(replayed(seed + 100, journal.since(0)).contents()).isEqualTo(inside.contents());
    }

    /** A dump that goes on while the store is written to, and then the records since it began. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aDumpAndWhatCameSinceItBeganComeToTheSameData(long seed) {
        Random random = new Random(seed);
        Inside inside = new Inside(seed);
        MemoryJournal journal = new MemoryJournal(inside.store, true);
        for (int i = 0; i < 1500; i++) {
            write(inside, random);
        }
        int begun = journal.count();
        List<byte[]> dumped = new ArrayList<>();
        Consumer<ByteBuffer> keep = record -> {
            byte[] bytes = new byte[record.remaining()];
            record.get(bytes);
            dumped.add(bytes);
        };
        Dump dump = inside.store.dump();
        boolean more = true;
        for (int i = 0; i < 1500 || more; i++) {
            write(inside, random);
            more = more && (random.nextInt(40) != 0 || dump.next(keep));
        }
        assertThat(dumped).isNotEmpty();
        dumped.addAll(journal.since(begun));
        assertThat(replayed(seed + 100, dumped).contents()).isEqualTo(inside.contents());
    }

    @Test
    void whatIsNoRecordIsToldSo() {
        Inside inside = new Inside(1);
        for (String text :
                List.of("*1\r\n$3\r\nFOO\r\n", "*2\r\n$3\r\nDEL\r\n$1\r\n", "*1\r\n$3\r\nSET\r\n", "*x\r\n")) {
            assertThatThrownBy(() -> inside.store.apply(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void manyRepliesThatWaitAreBounded() throws Exception {
        try (KvServer server = shared("epoll");
                RespClient client = server.connect()) {
            MemoryJournal journal = new MemoryJournal(server.store, false);
            String value = "x".repeat(1000);
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 5000; i++) {
                        client.send("SET", "k", value, "GET");
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            int[] before = new int[1];
            Await.until("the store to stop reading", () -> {
                int now = journal.count();
                boolean same = now == before[0] && now > 500;
                before[0] = now;
                LockSupport.parkNanos(100_000_000);
                return same;
            });
            assertThat(journal.count()).isLessThan(2500);
            Thread syncer = Thread.ofPlatform().daemon().start(() -> {
                while (writer.isAlive() || journal.count() < 5000) {
                    journal.sync();
                    LockSupport.parkNanos(1_000_000);
                }
                journal.sync();
            });
            assertThat(client.reply()).isEqualTo("nil");
            for (int i = 1; i < 5000; i++) {
                assertThat(client.reply()).hasSize(1002);
            }
            syncer.join();
            assertThat(journal.count()).isEqualTo(5000);
        }
    }
}
