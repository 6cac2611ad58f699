package dev.sluice.sim.scenes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.sim.Dice;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client of the key-value store that writes numbered values, some of them to two keys at a time; at each visit to keys of its
 * own, since what an earlier connection has sent may be done late. At each visit it first looks what is there of those before: it
 * must be what the first N writes of each come to, for an N that reaches as far as was acknowledged.
 */
final class KvWriter {
    private static final int KEYS = 5;
    private static final int WRITES = 12;
    private static final int VALUE_BYTES = 600;
    private static final Duration GIVES_UP = Duration.ofSeconds(20);
    private static final int VISITS_MOST = 60;

    /** Which keys a write sets; its value follows from its number. */
    private record Write(int first, int second) {}

    /** What was written in one visit. */
    private static final class Ledger {
        final String prefix;
        final List<Write> sent = new ArrayList<>();
        int acknowledged;

        Ledger(String prefix) {
            this.prefix = prefix;
        }

        String key(int index) {
            return prefix + index;
        }

        String value(int write) {
            String head = prefix + ":" + write + ":";
            return head + String.valueOf((char) ('a' + write % 26)).repeat(write * 37 % VALUE_BYTES);
        }

        /** Says what is wrong with the values that its keys have, or null. */
        @Nullable
        String wrong(List<String> values) {
            int reach = acknowledged;
            int[] there = new int[KEYS];
            for (int i = 0; i < KEYS; i++) {
                there[i] = writeOf(values.get(i));
                if (there[i] < 0) {
                    return key(i) + " is not what was written: " + values.get(i);
                }
                reach = Math.max(reach, there[i]);
            }
            int[] owed = new int[KEYS];
            for (int write = 1; write <= reach; write++) {
                owed[sent.get(write - 1).first] = write;
                owed[sent.get(write - 1).second] = write;
            }
            for (int i = 0; i < KEYS; i++) {
                if (there[i] != owed[i]) {
                    return key(i) + " is at write " + there[i] + " and must be at " + owed[i] + ": " + acknowledged
                            + " were acknowledged";
                }
            }
            return null;
        }

        private int writeOf(String reply) {
            if (reply.equals("$-1")) {
                return 0;
            }
            String[] parts = reply.split(":", 3);
            int write = parts.length == 3 && parts[1].matches("\\d{1,6}") ? Integer.parseInt(parts[1]) : -1;
            return write >= 1 && write <= sent.size() && reply.equals(value(write)) ? write : -1;
        }
    }

    private final World world;
    private final Host host;
    private final KvMachine server;
    private final int number;
    private final Dice dice;
    private final int visits;
    private final List<Ledger> ledgers = new ArrayList<>();
    private int served;
    private int tried;

    KvWriter(World world, Host host, KvMachine server, int number, Dice dice, int visits) {
        this.world = world;
        this.host = host;
        this.server = server;
        this.number = number;
        this.dice = dice;
        this.visits = visits;
    }

    private static String request(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    // ---- a visit

    void visit() {
        if (served >= visits || ++tried > VISITS_MOST) {
            return;
        }
        new Visit().begin();
    }

    private final class Visit {
        private final Peer peer = host.connect(server.address()).mayBreak();
        private final StringBuilder input = new StringBuilder();
        private final List<String> found = new ArrayList<>();
        private final List<Ledger> before = List.copyOf(ledgers);
        private final Ledger mine = new Ledger("k" + number + "." + tried + ".");
        private int awaited;
        private boolean ended;

        void begin() {
            peer.onReceived(this::received).onEnded(this::end).onFailed(errno -> end());
            peer.after(GIVES_UP, this::end);
            for (Ledger ledger : before) { // with one command: something of it may still be done meanwhile
                peer.send(request("MGET", ledger.key(0), ledger.key(1), ledger.key(2), ledger.key(3), ledger.key(4)));
            }
            if (before.isEmpty()) {
                write();
            }
        }

        private void end() {
            if (!ended) {
                ended = true;
                peer.reset();
                world.after(Duration.ofMillis(1 + dice.below(2000)), KvWriter.this::visit);
            }
        }

        private void received(byte[] bytes) {
            input.append(new String(bytes, ISO_8859_1));
            for (String reply = next(); reply != null && !ended; reply = next()) {
                if (reply.startsWith("*")) {
                    continue; // of MGET: the values follow
                }
                if (found.size() < before.size() * KEYS) {
                    found.add(reply);
                    if (found.size() == before.size() * KEYS) {
                        look();
                        write();
                    }
                } else if (reply.equals("+OK")) {
                    mine.acknowledged++;
                    awaited--;
                    goOn();
                } else {
                    end(); // an error: the log has failed, and the server is started anew
                }
            }
        }

        /** Takes the next whole reply: its line, or the value without its length; null where there is none. */
        private @Nullable String next() {
            int line = input.indexOf("\r\n");
            if (line < 0) {
                return null;
            }
            String head = input.substring(0, line);
            int end = line + 2;
            String reply = head;
            if (head.startsWith("$") && !head.equals("$-1")) {
                end += Integer.parseInt(head.substring(1)) + 2;
                if (input.length() < end) {
                    return null;
                }
                reply = input.substring(line + 2, end - 2);
            }
            input.delete(0, end);
            return reply;
        }

        private void write() {
            if (mine.sent.isEmpty()) {
                ledgers.add(mine);
            }
            for (int n = 1 + dice.below(WRITES); n > 0; n--) {
                int first = dice.below(KEYS);
                int second = dice.chance(0.3) ? (first + 1) % KEYS : first;
                mine.sent.add(new Write(first, second));
                String value = mine.value(mine.sent.size());
                peer.send(
                        first == second
                                ? request("SET", mine.key(first), value)
                                : request("MSET", mine.key(first), value, mine.key(second), value));
                awaited++;
            }
        }

        private void goOn() {
            if (awaited == 0) {
                if (dice.chance(0.6)) {
                    world.after(Duration.ofMillis(dice.below(1000)), () -> {
                        if (!ended) {
                            write();
                        }
                    });
                } else {
                    served++;
                    end();
                }
            }
        }

        private void look() {
            for (int i = 0; i < before.size() && !server.isDamaged(); i++) {
                String wrong = before.get(i).wrong(found.subList(i * KEYS, (i + 1) * KEYS));
                if (wrong != null) {
                    peer.fail(wrong);
                }
            }
        }
    }
}
