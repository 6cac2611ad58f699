package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A back end of a {@link ProxyScene}: a server of HTTP without any of Sluice in it, good or bad. */
final class ProxyBackend {
    private static final double DIES = 0.5;
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final World world;
    private final Dice dice;
    private final ProxyLedger ledger;
    private final boolean good;
    private final List<Peer> peers = new ArrayList<>();
    /** What each was asked last. */
    private final Map<Peer, Integer> answered = new HashMap<>();

    private boolean down;

    /** @param good whether it answers each request, though it closes connections in between */
    ProxyBackend(World world, Dice dice, ProxyLedger ledger, boolean good) {
        this.world = world;
        this.dice = dice;
        this.ledger = ledger;
        this.good = good;
        if (!good && dice.chance(DIES)) {
            world.after(Duration.ofMillis(dice.spread(1, 3000)), this::die);
        }
    }

    /** Breaks all connections; a response that is on its way is cut by that. */
    private void die() {
        down = true;
        for (Peer peer : peers) {
            Integer number = answered.get(peer);
            if (number != null) {
                ledger.cut(number);
            }
            peer.reset();
        }
        peers.clear();
        world.after(Duration.ofMillis(dice.spread(1, 3000)), () -> down = false);
    }

    void serve(Peer peer) {
        peer.mayBreak();
        if (down) {
            peer.reset();
            return;
        }
        peers.add(peer);
        StringBuilder input = new StringBuilder();
        boolean[] headSeen = new boolean[1];
        peer.onEnded(peer::end).onReceived(bytes -> {
            input.append(new String(bytes, StandardCharsets.ISO_8859_1));
            take(peer, input, headSeen);
        });
    }

    /** Takes a request, where it is whole; a proxy sends the next one only when it has the answer. */
    private void take(Peer peer, StringBuilder input, boolean[] headSeen) {
        int end = input.indexOf(END_OF_HEAD);
        if (end < 0) {
            return;
        }
        String head = input.substring(0, end);
        String method = head.substring(0, head.indexOf(' '));
        int number = Integer.parseInt(head.substring(method.length() + 2, head.indexOf(" HTTP/1.1")));
        if (!headSeen[0]) {
            headSeen[0] = true;
            ledger.seen(peer, method, number, head);
        }
        int at = head.indexOf("Content-Length: ");
        int line = head.indexOf("\r\n", at);
        int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, line < 0 ? head.length() : line));
        int whole = end + END_OF_HEAD.length() + length;
        if (input.length() < whole) {
            return;
        }
        String body = input.substring(end + END_OF_HEAD.length(), whole);
        if (input.length() > whole) {
            peer.fail("a proxy sent " + (input.length() - whole) + " bytes behind request " + number);
        }
        input.setLength(0);
        headSeen[0] = false;
        world.after(Duration.ofMillis(dice.below(50)), () -> respond(peer, method, number, body));
    }

    private void respond(Peer peer, String method, int number, String body) {
        answered.put(peer, number);
        switch (good ? 9 : dice.below(10)) {
            case 0 -> peer.reset();
            case 1 -> peer.end();
            case 2 -> peer.send("nonsense\r\n\r\n");
            case 3 -> peer.tell("the back end leaves request # without an answer", number);
            case 4 -> {
                ledger.cut(number);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nhalf")
                        .end();
            }
            default -> answer(peer, ProxyLedger.answer(method, number, body));
        }
    }

    private void answer(Peer peer, String text) {
        switch (dice.below(3)) {
            case 0 -> peer.send("HTTP/1.1 200 OK\r\n\r\n" + text).end();
            case 1 ->
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(text.length())
                        + "\r\n" + text + "\r\n0\r\n\r\n");
            default -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + END_OF_HEAD + text);
        }
        if (dice.chance(0.2)) {
            peer.after(Duration.ofMillis(dice.spread(1, 500)), peer::end);
        }
    }
}
