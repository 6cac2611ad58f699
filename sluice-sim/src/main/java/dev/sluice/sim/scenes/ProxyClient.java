package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client of a {@link ProxyScene}: asks one thing after another, and holds the proxy to what it must do. */
final class ProxyClient {
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final World world;
    private final Dice dice;
    private final Supplier<? extends SocketAddress> proxy;
    private final ProxyLedger ledger;
    private final boolean judges;
    private int number;
    private int left;
    private String method = "";
    private String body = "";
    private boolean stopped;
    private @Nullable Peer peer;
    private final StringBuilder input = new StringBuilder();

    /**
     * A client.
     *
     * @param number of its first request
     * @param requests so many
     * @param judges whether nothing may be lost
     */
    ProxyClient(
            World world,
            Dice dice,
            Supplier<? extends SocketAddress> proxy,
            ProxyLedger ledger,
            int number,
            int requests,
            boolean judges) {
        this.world = world;
        this.dice = dice;
        this.proxy = proxy;
        this.ledger = ledger;
        this.number = number;
        this.left = requests;
        this.judges = judges;
    }

    void start() {
        world.after(Duration.ofMillis(dice.spread(0, 1000)), this::ask);
    }

    /** From now on nobody has to be served. */
    void serverStops() {
        stopped = true;
        if (peer != null) {
            peer.mayBreak();
        }
    }

    /** All is quiet: then everything was answered. */
    void finish() {
        if (left > 0 && peer != null) {
            peer.fail("request " + number + " has no answer");
        }
    }

    private void ask() {
        if (left == 0 || stopped) {
            if (peer != null) {
                peer.end();
            }
            return;
        }
        method = dice.any(new String[] {"GET", "PUT", "POST"});
        body = method.equals("GET") ? "" : ProxyLedger.body(number);
        Peer to = peer;
        if (to == null || to.hasEnded() || to.isOver()) {
            to = connect();
        }
        String length = method.equals("GET") ? "" : "Content-Length: " + body.length() + "\r\n";
        to.send(method + " /" + number + " HTTP/1.1\r\nHost: h\r\n" + length + "\r\n" + body);
    }

    private Peer connect() {
        Peer made = world.host("client").connect(proxy.get());
        peer = made;
        input.setLength(0);
        if (!judges || stopped) {
            made.mayBreak();
        }
        if (dice.chance(0.2)) {
            made.pace((int) dice.spread(1, 4096), Duration.ofMillis(dice.below(20)));
        }
        String header = ledger.header(number);
        if (!header.isEmpty()) {
            made.send(header);
        }
        made.onReceived(bytes -> {
            if (made == peer) {
                input.append(new String(bytes, StandardCharsets.ISO_8859_1));
                take(made);
            }
        });
        made.onEnded(() -> {
            made.end();
            if (made == peer && input.length() > 0) {
                lost(made, "a part of an answer");
            }
        });
        return made;
    }

    /** The connection ended before the answer was whole. */
    private void lost(Peer by, String what) {
        if (judges && !stopped && !ledger.isCut(number)) {
            by.fail("request " + number + ", " + method + ", got " + what);
        }
        next();
    }

    private void take(Peer by) {
        int end = input.indexOf(END_OF_HEAD);
        if (end < 0) {
            return;
        }
        String head = input.substring(0, end);
        String rest = input.substring(end + END_OF_HEAD.length());
        String got;
        int at = head.indexOf("Content-Length: ");
        if (at >= 0) {
            int line = head.indexOf("\r\n", at);
            int length = Integer.parseInt(head.substring(at + 16, line < 0 ? head.length() : line));
            if (rest.length() < length) {
                return;
            }
            got = rest.substring(0, length);
        } else if (rest.endsWith("\r\n0\r\n\r\n") || rest.equals("0\r\n\r\n")) {
            got = withoutChunks(rest);
        } else {
            return;
        }
        input.setLength(0);
        judge(by, Integer.parseInt(head.substring(9, 12)), got);
        if (head.contains("Connection: close")) {
            peer = null;
            by.mayBreak().end(); // it has its answer; what it still sends of a body is lost
        }
        next();
    }

    private static String withoutChunks(String coded) {
        StringBuilder plain = new StringBuilder();
        int at = 0;
        while (true) {
            int line = coded.indexOf("\r\n", at);
            int size = Integer.parseInt(coded.substring(at, line), 16);
            if (size == 0) {
                return plain.toString();
            }
            plain.append(coded, line + 2, line + 2 + size);
            at = line + 2 + size + 2;
        }
    }

    private void judge(Peer by, int status, String got) {
        if (status == 200) {
            String right = ProxyLedger.answer(method, number, body);
            // A back end that a fault ended early may have sent a body whose end is the connection's: nobody can tell.
            boolean cut = !judges && right.startsWith(got);
            if (!got.equals(right) && !cut) {
                by.fail("request " + number + ", " + method + ", was answered with \"" + got + "\"");
            }
        } else if (status == 400 && by.hasEndedEarly()) {
            by.tell("request # was cut by a fault", number);
        } else if (status < 502 || status > 504) {
            by.fail("request " + number + " was answered with " + status + ": " + got);
        } else if (judges && !method.equals("POST")) {
            by.fail("request " + number + ", " + method + ", could have been saved, and got " + got);
        }
    }

    private void next() {
        left--;
        number++;
        world.after(Duration.ofMillis(dice.spread(0, 500)), this::ask);
    }
}
