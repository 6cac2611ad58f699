package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same random commands, told to a real redis-server and to the store: both must give the same answers. */
@Timeout(100)
class DifferentialTest {
    private static final String[] KEYS = {"a", "b", "c", "key:1", "", "with space", "\u00ff\u0000x"};
    private static final String[] FIELDS = {"f", "g", "h", "", "long-field-name"};
    private static final String[] VALUES = {
        "",
        "1",
        "-1",
        "0",
        "10",
        "9223372036854775807",
        "-9223372036854775808",
        "3.5",
        "abc",
        "1e3",
        "0.1",
        " 1",
        "01",
        "x\r\ny",
        "+5",
        "1.",
        ".5",
        "nan",
        "inf",
        "0x10",
        "99999999999999999999",
        "1e-5",
        "5.0e3",
        "200",
        "1e400",
        "3.0000000000000000001",
        "123456789012345678.25"
    };
    private static final String[] NUMBERS = {
        "0",
        "1",
        "-1",
        "2",
        "5",
        "-3",
        "100",
        "9223372036854775807",
        "-9223372036854775808",
        "x",
        "",
        "1.5",
        "4611686018427387904",
        "600000000"
    };
    /** None that ends while the test runs: two servers would see that at different moments. */
    private static final String[] TIMES = {
        "0", "-1", "x", "", "1.5", "9223372036854775807", "-9223372036854775808", "4611686018427387904", "600000000"
    };
    /** Their answers come in whatever order a table has. */
    private static final Set<String> UNORDERED =
            Set.of("KEYS", "HKEYS", "HVALS", "HGETALL", "SCAN", "HSCAN", "HRANDFIELD");

    /** Answers that tell of time: they are compared where both say the same kind of thing. */
    private static final Set<String> TIMED = Set.of("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME");

    private boolean inTransaction;
    private final List<String> trace = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 3", "3, 2", "4, 3"})
    void answersAreTheSame(long seed, int protocol, @TempDir Path folder) throws IOException {
        try (RedisServer redis = RedisServer.start(folder);
                KvServer server = KvServer.start();
                RespClient theirs = new RespClient(redis.port());
                RespClient ours = server.connect()) {
            Random random = new Random(seed);
            theirs.ask("HELLO", String.valueOf(protocol));
            ours.ask("HELLO", String.valueOf(protocol));
            for (int i = 0; i < count(); i++) {
                String[] command = command(random);
                if (!inTransaction || !TIMED.contains(command[0]) && !UNORDERED.contains(command[0])) {
                    compare(theirs, ours, command);
                }
            }
        }
    }

    /** Found by the above in its longest form, one at a time. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET k v PXAT 1|WATCH k|EXISTS k|MULTI|PING|EXEC",
                "SET k v PXAT 1|WATCH k|FLUSHDB|MULTI|PING|EXEC",
                "SET k v PXAT 1|WATCH k|DEL k|MULTI|PING|EXEC",
                "SET k v PXAT 1|WATCH k|EXISTS k|SET k v|MULTI|PING|EXEC",
                "SET k v PXAT 1|WATCH k|SET k v|MULTI|PING|EXEC",
                "SET k v|WATCH k|DEL k|MULTI|PING|EXEC",
                "SET k v|WATCH k|APPEND k |MULTI|PING|EXEC",
                "SET k v|WATCH k|SETRANGE k 0 |MULTI|PING|EXEC",
                "WATCH k|APPEND k |EXISTS k|MULTI|PING|EXEC",
                "SET k v|PEXPIREAT k 9223372036854775807|EXPIRETIME k|PEXPIRETIME k",
                "SET k v|PEXPIREAT k 9223372036854775499|EXPIRETIME k",
                "SET k v|PEXPIREAT k 9223372036854775500|EXPIRETIME k"
            })
    void whatDifferedIsTheSame(String script, @TempDir Path folder) throws IOException {
        try (RedisServer redis = RedisServer.start(folder);
                KvServer server = KvServer.start();
                RespClient theirs = new RespClient(redis.port());
                RespClient ours = server.connect()) {
            for (String line : script.split("\\|")) {
                compare(theirs, ours, line.split(" ", -1));
            }
        }
    }

    private static int count() {
        return switch (System.getProperty("sluice.tier", "quick")) {
            case "full" -> 200_000;
            case "plain" -> 20_000;
            default -> 5_000;
        };
    }

    private void compare(RespClient theirs, RespClient ours, String... command) throws IOException {
        trace.add(String.join(" ", command));
        String wanted = canonical(command, theirs.ask(command));
        String given = canonical(command, ours.ask(command));
        switch (command[0]) {
            case "MULTI" -> inTransaction = true;
            case "EXEC", "DISCARD" -> inTransaction = false;
            default -> {}
        }
        if (TIMED.contains(command[0]) && areClose(given, wanted)) {
            return;
        }
        assertThat(given)
                .as("after " + trace.subList(Math.max(0, trace.size() - 15), trace.size()))
                .isEqualTo(wanted);
    }

    /** Both are times that differ by what passes between two commands. */
    private static boolean areClose(String a, String b) {
        return a.length() > 3
                && b.length() > 3
                && Math.abs(Long.parseLong(a.substring(1)) - Long.parseLong(b.substring(1))) < 5000;
    }

    private static String canonical(String[] command, String reply) {
        String name = command[0].toUpperCase(Locale.ROOT);
        if (UNORDERED.contains(name) && !reply.startsWith("-")) {
            return Arrays.stream(reply.split("[\\[\\]{}, ]+")).sorted().toList().toString();
        }
        return reply;
    }

    private static <T> T one(Random random, T[] of) {
        return of[random.nextInt(of.length)];
    }

    private static String[] command(Random random) {
        String k = one(random, KEYS);
        String k2 = one(random, KEYS);
        String v = one(random, VALUES);
        String v2 = one(random, VALUES);
        String n = one(random, NUMBERS);
        String t = one(random, TIMES);
        String f = one(random, FIELDS);
        String f2 = one(random, FIELDS);
        String flag = one(random, new String[] {"NX", "XX", "GT", "LT", "nx", "bogus", "KEEPTTL", "GET", "PERSIST"});
        String[] one = {
            "GET",
            "SET",
            "SET",
            "SETNX",
            "SETEX",
            "PSETEX",
            "GETSET",
            "GETDEL",
            "GETEX",
            "MGET",
            "MSET",
            "MSETNX",
            "APPEND",
            "STRLEN",
            "GETRANGE",
            "SETRANGE",
            "INCR",
            "DECR",
            "INCRBY",
            "DECRBY",
            "INCRBYFLOAT",
            "DEL",
            "UNLINK",
            "EXISTS",
            "TYPE",
            "KEYS",
            "SCAN",
            "RENAME",
            "RENAMENX",
            "TOUCH",
            "EXPIRE",
            "PEXPIRE",
            "EXPIREAT",
            "PEXPIREAT",
            "TTL",
            "PTTL",
            "EXPIRETIME",
            "PEXPIRETIME",
            "PERSIST",
            "HSET",
            "HSET",
            "HGET",
            "HDEL",
            "HMGET",
            "HMSET",
            "HGETALL",
            "HKEYS",
            "HVALS",
            "HLEN",
            "HEXISTS",
            "HINCRBY",
            "HINCRBYFLOAT",
            "HSETNX",
            "HSTRLEN",
            "HSCAN",
            "HRANDFIELD",
            "MULTI",
            "EXEC",
            "DISCARD",
            "WATCH",
            "UNWATCH",
            "SELECT",
            "ECHO",
            "PING",
            "OBJECTLESS",
            "SETOPT",
            "SETOPT",
            "GETEXOPT",
            "EXPIREOPT",
            "ARITY",
            "FLUSHDB",
            "PUBLISH",
            "HELLO",
            "CLIENT",
            "PUBSUB",
            "SUBSCRIBED",
            "AUTH",
            "EXPIRED",
            "CONFIG"
        };
        String name = one(random, one);
        return switch (name) {
            case "GET",
                    "GETDEL",
                    "GETEX",
                    "STRLEN",
                    "INCR",
                    "DECR",
                    "TYPE",
                    "TTL",
                    "PTTL",
                    "EXPIRETIME",
                    "PEXPIRETIME",
                    "PERSIST",
                    "HGETALL",
                    "HKEYS",
                    "HVALS",
                    "HLEN" -> new String[] {name, k};
            case "SET", "SETNX", "GETSET", "APPEND", "INCRBYFLOAT" -> new String[] {name, k, v};
            case "SETEX", "PSETEX" -> new String[] {name, k, random.nextBoolean() ? "1000000" : t, v};
            case "MGET", "DEL", "UNLINK", "EXISTS", "TOUCH" -> new String[] {name, k, k2};
            case "WATCH" -> new String[] {name, k};
            case "MSET", "MSETNX" ->
                random.nextInt(8) == 0 ? new String[] {name, k, v, k2} : new String[] {name, k, v, k2, v2};
            case "GETRANGE" -> new String[] {name, k, n, one(random, NUMBERS)};
            case "SETRANGE" -> new String[] {name, k, n, v};
            case "INCRBY", "DECRBY" -> new String[] {name, k, n};
            case "KEYS" ->
                new String[] {
                    name,
                    one(random, new String[] {"*", "?", "[ab]", "key:*", "[^a]", "\\a", "*e*", "[a-c]", "x*y", "["})
                };
            case "SCAN" ->
                new String[] {
                    name,
                    random.nextInt(5) == 0 ? "x" : "0",
                    "COUNT",
                    one(random, new String[] {"1000", "1000", "0", "x"})
                };
            case "RENAME", "RENAMENX" -> new String[] {name, k, k2};
            case "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT" -> new String[] {name, k, far(random, name, t)};
            case "HSET", "HMSET" ->
                random.nextInt(8) == 0 ? new String[] {name, k, f, v, f2} : new String[] {name, k, f, v, f2, v2};
            case "HGET", "HEXISTS", "HSTRLEN", "HDEL" -> new String[] {name, k, f};
            case "HMGET" -> new String[] {name, k, f, f2};
            case "HINCRBY" -> new String[] {name, k, f, n};
            case "HINCRBYFLOAT" -> new String[] {name, k, f, v};
            case "HSETNX" -> new String[] {name, k, f, v};
            case "HSCAN" -> new String[] {name, k, "0"};
            case "HRANDFIELD" ->
                random.nextBoolean() ? new String[] {name, k, "100"} : new String[] {name, k, "100", "WITHVALUES"};
            case "SELECT" -> new String[] {name, one(random, new String[] {"0", "0", "1", "15", "16", "-1", "x"})};
            case "ECHO" -> new String[] {name, v};
            case "PING" -> random.nextBoolean() ? new String[] {name} : new String[] {name, v};
            case "OBJECTLESS" -> new String[] {"nosuch\u00e9command", k, v, n, "x".repeat(150)};
            case "SETOPT" -> setOptions(random, k, v, t);
            case "GETEXOPT" ->
                new String[] {
                    "GETEX",
                    k,
                    one(random, new String[] {"EX", "PX", "PXAT", "EXAT", "PERSIST", "NX"}),
                    far(random, "", t)
                };
            case "EXPIREOPT" -> // which of two moments is greater mustn't be up to when they were told
                new String[] {"EXPIREAT", k, one(random, new String[] {"99999999999", "88888888888"}), flag};
            case "ARITY" ->
                new String[] {
                    one(random, new String[] {"GET", "SET", "HSET", "INCR", "EXPIRE", "MSET", "CLIENT", "CONFIG"})
                };
            case "FLUSHDB" -> random.nextInt(20) == 0 ? new String[] {name} : new String[] {name, "NOW"};
            case "PUBLISH" -> new String[] {name, k, v};
            case "HELLO" ->
                new String[] {
                    "HELLO", one(random, new String[] {"1", "4", "x"}), one(random, new String[] {"AUTH", "SETNAME"}), v
                };
            case "CLIENT" ->
                random.nextBoolean()
                        ? new String[] {"CLIENT", "GETNAME"}
                        : new String[] {"CLIENT", one(random, new String[] {"SETNAME", "NOSUCH", "KILL", "REPLY"}), v};
            case "PUBSUB" ->
                new String[] {"PUBSUB", one(random, new String[] {"CHANNELS", "NUMPAT", "NUMSUB", "NOSUCH"})};
            case "SUBSCRIBED" -> new String[] {"UNSUBSCRIBE", k};
            case "AUTH" -> new String[] {"AUTH", v};
            case "EXPIRED" -> new String[] {"SET", k, v, "PXAT", "1"};
            case "CONFIG" -> new String[] {"CONFIG", one(random, new String[] {"NOSUCH", "GET", "SET"}), "nosuch"};
            default -> new String[] {name};
        };
    }

    /** Mostly a time that doesn't come while the test runs. */
    private static String far(Random random, String command, String otherwise) {
        return switch (random.nextInt(4)) {
            case 0 -> otherwise;
            case 1 -> "-5";
            default -> command.endsWith("AT") ? "99999999999" : "10000000";
        };
    }

    private static String[] setOptions(Random random, String key, String value, String number) {
        List<String> words = new ArrayList<>(List.of("SET", key, value));
        for (int i = random.nextInt(3); i >= 0; i--) {
            String word = one(
                    random,
                    new String[] {"NX", "XX", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "get", "PERSIST", "bogus"});
            words.add(word);
            if (word.endsWith("X") && !word.endsWith("NX") && !word.endsWith("XX") || word.endsWith("XAT")) {
                words.add(random.nextInt(3) == 0 ? number : "99999999999");
            }
        }
        return words.toArray(String[]::new);
    }
}
