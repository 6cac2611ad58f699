package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The compatibility test suite for Redis of tair-opensource: what its cases for the commands of this store expect. Cases about
 * commands that the store doesn't offer must get Redis's error for an unknown command; those that differ are listed with their
 * reasons.
 */
@Timeout(60)
class CtsTest {
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    /** Cases about offered commands that are not met, with the reason. */
    private static final Map<String, String> DIFFERENT = Map.of(
            "pubsub shardchannels command", "sharded channels belong to clusters, which are left out",
            "pubsub shardnumsub command", "sharded channels belong to clusters, which are left out");

    /** Cases that expect the fields of a small hash in the order in which they were set: here they have none. */
    private static final Set<String> UNORDERED = Set.of("hkeys command", "hvals command");

    private static KvServer server;

    /** A case of the suite. */
    record Case(
            String name,
            List<String> commands,
            JsonNode result,
            boolean sorted,
            boolean binary,
            String tags,
            boolean skipped) {
        @Override
        public String toString() {
            return name;
        }

        boolean isOffered() {
            return commands.stream().allMatch(command -> Commands.find(words(command, false)[0]) != null);
        }
    }

    static List<Case> cases() throws IOException {
        try (InputStream in = CtsTest.class.getResourceAsStream("/redis-cts/cts.json")) {
            List<Case> cases = new ArrayList<>();
            for (JsonNode node : new ObjectMapper().readTree(in)) {
                List<String> commands = new ArrayList<>();
                node.get("command").forEach(command -> commands.add(command.asText()));
                cases.add(new Case(
                        node.get("name").asText(),
                        commands,
                        node.get("result"),
                        node.path("sort_result").asBoolean()
                                || UNORDERED.contains(node.get("name").asText()),
                        node.path("command_binary").asBoolean(),
                        node.path("tags").asText(""),
                        node.path("skipped").asBoolean()));
            }
            return cases;
        }
    }

    static Stream<Case> offered() throws IOException {
        return cases().stream().filter(Case::isOffered).filter(each -> !each.tags.equals("cluster") && !each.skipped);
    }

    @BeforeAll
    static void start() {
        server = KvServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("offered")
    void isMet(Case given) throws IOException {
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        try (RespClient client = server.connect()) {
            client.ask("FLUSHALL");
            for (int i = 0; i < given.commands.size(); i++) {
                String reply = client.ask(words(given.commands.get(i), given.binary));
                JsonNode wanted = given.result.get(i);
                expected.add(given.sorted ? sorted(shown(wanted)) : shown(wanted));
                actual.add(given.sorted ? sorted(plain(reply)) : plain(reply));
            }
        }
        String reason = DIFFERENT.get(given.name);
        if (reason == null) {
            assertThat(actual).isEqualTo(expected);
        } else {
            assertThat(actual).as("listed because: " + reason).isNotEqualTo(expected);
        }
    }

    @Test
    void whatIsNotOfferedGetsTheErrorForAnUnknownCommand() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (Case each : cases()) {
            for (String command : each.commands) {
                String name = words(command, false)[0];
                if (Commands.find(name) == null) {
                    missing.add(name);
                }
            }
        }
        assertThat(missing).contains("lpush", "zadd", "sadd", "xadd", "eval");
        try (RespClient client = server.connect()) {
            for (String name : missing) {
                assertThat(client.ask(name, "a"))
                        .isEqualTo("-ERR unknown command '" + name + "', with args beginning with: 'a' ");
            }
        }
    }

    @Test
    void mostOfTheStringsKeysAndHashesAreOffered() throws IOException {
        assertThat(offered().count()).isGreaterThan(70);
    }

    private static String[] words(String command, boolean binary) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            words.add(binary ? unescaped(word) : word);
        }
        return words.toArray(String[]::new);
    }

    private static String unescaped(String word) {
        return Pattern.compile("\\\\x([0-9a-fA-F]{2})")
                .matcher(word)
                .replaceAll(
                        found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }

    /** An expectation as {@link #plain} shows replies. */
    private static String shown(JsonNode node) {
        if (node.isNull()) {
            return "nil";
        }
        if (node.isArray()) {
            List<String> all = new ArrayList<>();
            node.forEach(each -> all.add(shown(each)));
            return "[" + String.join(", ", all) + "]";
        }
        return node.asText();
    }

    /** A reply without what tells texts from numbers and states. */
    private static String plain(String reply) {
        return reply.replace("\"", "").replace("nil[]", "nil").replaceAll("(^|[\\[ ])[+:]", "$1");
    }

    private static String sorted(String shown) {
        return Stream.of(shown.replaceAll("[\\[\\],]", " ").trim().split("\\s+"))
                .sorted()
                .toList()
                .toString();
    }
}
