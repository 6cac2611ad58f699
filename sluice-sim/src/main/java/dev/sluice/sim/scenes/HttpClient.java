package dev.sluice.sim.scenes;

import dev.sluice.http.HttpLimits;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.scenes.HttpAsk.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client that makes its requests one after another or several at a time, and holds the server to the answers: each parses, each
 * is the one to its request, and none is missing unless the world knows why.
 */
final class HttpClient {
    private static final int TOO_SLOW = 408;

    private final World world;
    private final Dice dice;
    private final Peer peer;
    private final HttpLimits limits;
    private final List<HttpAsk> asks;
    private final Deque<Sent> outstanding = new ArrayDeque<>();
    private final List<HttpAnswer> answers = new ArrayList<>();
    private final HttpReader reader;

    private int depth = 1;
    private boolean drips;
    private boolean endsAtOnce;
    private boolean staysOpen;
    private boolean judges = true;

    private int next;
    private long queuedCount;
    private boolean busy;
    private boolean endAsked;
    private long endAskedAt;
    private boolean closing;
    private boolean broken;
    private boolean serverStops;
    private long lastAnsweredAt;

    /** A request that is on its way. */
    private static final class Sent {
        final HttpAsk ask;
        final long startedAt;
        long endsAt = Long.MAX_VALUE;
        boolean awaitsContinue;

        Sent(HttpAsk ask, long startedAt) {
            this.ask = ask;
            this.startedAt = startedAt;
            this.awaitsContinue = ask.awaitsContinue();
        }
    }

    HttpClient(World world, Dice dice, Peer peer, HttpLimits limits, List<HttpAsk> asks) {
        this.world = world;
        this.dice = dice;
        this.peer = peer;
        this.limits = limits;
        this.asks = asks;
        this.reader = new HttpReader(this::goesBare, this::answered);
        if (asks.stream().anyMatch(HttpAsk::leavesBody)) {
            peer.mayBreak();
        }
        if (asks.stream().anyMatch(ask -> ask.check() != null)) {
            peer.mayBreak(); // failed() looks whether it may
        }
        peer.expectEnd().onReceived(this::received).onEnded(this::ended).onFailed(this::failed);
    }

    /**
     * Starts clients, runs their world and stops the server; see {@link ServerDraw#runAndStop}.
     *
     * @param newcomer adds and starts one more
     * @return whether all of them had the time to finish
     */
    static boolean runAndStop(World world, CrashingServer server, List<HttpClient> clients, Runnable newcomer) {
        clients.forEach(HttpClient::start);
        boolean[] stops = new boolean[1];
        ServerDraw.runAndStop(world, server, newcomer, () -> {
            stops[0] = true;
            clients.forEach(HttpClient::serverStops);
        });
        if (!stops[0]) {
            clients.forEach(HttpClient::finish);
        }
        return !stops[0];
    }

    // ---- what it is like

    /** So many requests are on their way at a time. */
    HttpClient pipelines(int count) {
        depth = count;
        return this;
    }

    /** Sends in pieces, with a while between them. */
    HttpClient drips() {
        drips = true;
        return this;
    }

    /** Ends its side as soon as all is sent, and not when all is answered. */
    HttpClient endsAtOnce() {
        endsAtOnce = true;
        return this;
    }

    /** Never ends its side: the server has to. */
    HttpClient staysOpen() {
        staysOpen = true;
        return this;
    }

    /** Knows no answers beforehand: what comes is only read, and compared with what another gets. */
    HttpClient judgesNothing() {
        judges = false;
        return this;
    }

    Peer peer() {
        return peer;
    }

    /** From now on requests may be left unanswered, and answers may say that the connection closes. */
    void serverStops() {
        serverStops = true;
        peer.mayBreak();
    }

    void start() {
        lastAnsweredAt = world.elapsedNanos();
        sendMore();
    }

    // ---- requests

    private void sendMore() {
        while (!busy && !closing && next < asks.size() && outstanding.size() < depth) {
            HttpAsk ask = asks.get(next);
            if (ask.awaitsContinue() && !outstanding.isEmpty()) {
                return;
            }
            next++;
            Sent sent = new Sent(ask, world.elapsedNanos());
            if (!ask.statuses().isEmpty()) {
                outstanding.add(sent);
            }
            peer.tell("the client asks: " + ask.name(), 0);
            HttpAsk.Check check = ask.check();
            if (check != null) {
                check.asked();
            }
            busy = true;
            send(ask.head(), 0, () -> headSent(sent));
        }
        boolean allSent = next == asks.size() && !busy;
        if (allSent && !staysOpen && (endsAtOnce || closing || outstanding.isEmpty())) {
            end();
        }
    }

    private void end() {
        if (!endAsked) {
            endAsked = true;
            endAskedAt = world.elapsedNanos();
            peer.end();
        }
    }

    private void headSent(Sent sent) {
        if (!sent.awaitsContinue) {
            send(sent.ask.body(), 0, () -> wholeSent(sent));
        }
    }

    private void wholeSent(Sent sent) {
        sent.endsAt = queuedCount;
        busy = false;
        sendMore();
    }

    private void send(String bytes, int from, Runnable then) {
        int count =
                drips && from < bytes.length() ? (int) dice.spread(1, bytes.length() - from) : bytes.length() - from;
        peer.send(bytes.substring(from, from + count).getBytes(StandardCharsets.ISO_8859_1));
        queuedCount += count;
        if (from + count == bytes.length()) {
            then.run();
        } else {
            world.after(Duration.ofNanos(dice.spread(1, 300_000_000)), () -> send(bytes, from + count, then));
        }
    }

    // ---- answers

    /** Whether the next answer is to a HEAD request; 408 is to one whose method the server may not know. */
    private boolean goesBare(int status) {
        Sent first = outstanding.peek();
        return first != null && first.ask.toHead() && status != TOO_SLOW;
    }

    private void received(byte[] bytes) {
        try {
            reader.receive(bytes);
        } catch (HttpReader.Malformed e) {
            peer.fail("the client reads " + e.getMessage());
        }
    }

    private void answered(HttpAnswer answer) {
        peer.tell("the client reads an answer of status #", answer.status());
        Sent first = outstanding.peek();
        if (!judges) {
            note(answer);
        } else if (closing) {
            peer.fail("an answer came behind one that closes");
        } else if (first == null) {
            peer.fail("an answer came, of status " + answer.status() + ", that nobody asked for");
        } else if (answer.status() == HttpAnswer.CONTINUE) {
            continued(first);
        } else {
            outstanding.remove();
            lastAnsweredAt = Math.max(lastAnsweredAt, first.startedAt);
            closing = answer.closing();
            judge(first, answer);
            if (first.awaitsContinue || closing) {
                closing = true;
                busy = false;
            }
            sendMore();
        }
    }

    private void note(HttpAnswer answer) {
        if (answer.status() != HttpAnswer.CONTINUE) {
            answers.add(answer);
        }
    }

    private void continued(Sent first) {
        if (!first.awaitsContinue) {
            peer.fail("100 came to a request that did not wait for it");
            return;
        }
        first.awaitsContinue = false;
        send(first.ask.body(), 0, () -> wholeSent(first));
    }

    private void judge(Sent sent, HttpAnswer answer) {
        if (!judges || isLate(sent, answer) || isCutShort(sent)) {
            return;
        }
        HttpAsk ask = sent.ask;
        String differs = ask.differs(answer);
        if (differs != null) {
            peer.fail("the answer to " + ask.name() + " " + differs);
        } else if (sent.endsAt == Long.MAX_VALUE && !ask.leavesBody() && ask.ending() == Ending.STAYS) {
            return; // answered before all of it was sent, as it may be where its body doesn't matter
        } else if (answer.closing() && ask.ending() == Ending.STAYS && !serverStops) {
            peer.fail("the answer to " + ask.name() + " closes the connection, and nobody asked for that");
        } else if (!answer.closing() && ask.ending() == Ending.CLOSES) {
            peer.fail("the answer to " + ask.name() + " does not say that the connection closes");
        }
    }

    /** Whether it says that the request came too slowly, and so it was. */
    private boolean isLate(Sent sent, HttpAnswer answer) {
        if (answer.status() != TOO_SLOW) {
            return false;
        }
        long patience =
                Math.min(limits.headerTimeout().toNanos(), limits.bodyGrace().toNanos());
        long since = world.elapsedNanos() - sent.startedAt;
        if (since < patience) {
            peer.fail("408 came after " + since + " ns, and the server has " + patience + " ns of patience");
        } else if (sent.awaitsContinue && patience == ServerDraw.PATIENCE.toNanos() && !peer.isHit()) {
            peer.fail("408 came to a request that waits for 100");
        }
        peer.mayBreak();
        return true;
    }

    /** Whether a fault kept it from sending all of the request, or ended what was only to begin one. */
    private boolean isCutShort(Sent sent) {
        boolean begins = sent.ask.statuses().contains(TOO_SLOW);
        return peer.hasEndedEarly() && (begins || peer.sentCount() < sent.endsAt);
    }

    // ---- the end

    private void failed(int errno) {
        broken = true;
        Sent first = outstanding.peek();
        if (first != null && first.ask.check() != null && mustBeWhole()) {
            peer.fail("the connection breaks with errno " + errno + ", and nothing explains it");
        }
    }

    private void ended() {
        try {
            if (!reader.ended() && mustBeWhole()) {
                peer.fail("the connection ends in the midst of an answer");
            }
        } catch (HttpReader.Malformed e) {
            peer.fail("the client reads " + e.getMessage());
        }
        Sent first = outstanding.peek();
        if (judges && first != null && !closing && mustBeWhole() && !mayGoUnanswered(first)) {
            peer.fail("the connection ends, and " + first.ask.name() + " was not answered");
        }
        if (endAsked && !peer.isHit() && world.elapsedNanos() - endAskedAt > ServerDraw.PATIENCE.toNanos() / 2) {
            peer.fail("the server let all its patience pass before it ended, though the client had ended");
        }
        closing = true;
        end();
    }

    private boolean mustBeWhole() {
        Sent first = outstanding.peek();
        return !peer.isHit() && !serverStops && !(first != null && (isCutShort(first) || first.ask.mayEnd()));
    }

    private boolean mayGoUnanswered(Sent sent) {
        // It was idle for too long; or the body of the one before, which was answered early, came too slowly.
        long patience = Math.min(limits.idleTimeout().toNanos(), requestNanos());
        return world.elapsedNanos() - lastAnsweredAt >= patience || sent.ask.ending() == Ending.CLOSES_OR_ENDS;
    }

    /** A request that takes no longer than this is not too slow. */
    private long requestNanos() {
        return Math.min(limits.headerTimeout().toNanos(), limits.bodyGrace().toNanos());
    }

    /** Nothing is left to happen. */
    void finish() {
        if (!broken && !peer.isHit() && !peer.hasEnded() && !peer.isOver()) {
            peer.fail("the connection neither ends nor breaks");
        }
    }

    /** What it got, or null where something kept it from getting all. */
    @Nullable
    List<HttpAnswer> answers() {
        return peer.hasEnded() && !peer.isHit() && !peer.hasEndedEarly() && !broken && !serverStops ? answers : null;
    }
}
