package dev.sluice.sim.scenes;

import dev.sluice.sim.Dice;
import dev.sluice.sim.scenes.HttpAsk.Ending;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is no request, and what a server that reads strictly answers to it: once, and then the end. */
final class HttpRefusals {
    private static final String GET = "GET /fixed/5/1 HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST /count/5/1 HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    private static final List<HttpAsk> ALL = new ArrayList<>();

    static {
        // Lengths that lie, or say two things.
        for (String framing : List.of(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                "Content-Length: 5, 6\r\n\r\nhello!",
                "Content-Length: +5\r\n\r\nhello",
                "Content-Length: -5\r\n\r\nhello",
                "Content-Length: 0x5\r\n\r\nhello",
                "Content-Length:\r\n\r\nhello",
                "Content-Length: 99999999999999999999999999\r\n\r\nhello",
                "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n")) {
            add(POST + framing, 400, 413, 501);
        }
        // Chunks that are none.
        for (String body : List.of(
                "0x5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n0\r\n\r\n",
                "5\nhello\r\n0\r\n\r\n",
                "5\rhello\r\n0\r\n\r\n",
                "5;\rx\r\nhello\r\n0\r\n\r\n",
                "\r\nhello\r\n0\r\n\r\n",
                "G\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello!\r\n0\r\n\r\n",
                "FFFFFFFFFFFFFFFFF\r\nhello")) {
            add(CHUNKED + body, 400, 413);
        }
        // Heads that read two ways.
        for (String fields : List.of(
                "X: a\r\n b\r\n\r\n",
                " X: a\r\n\r\n",
                "X : a\r\n\r\n",
                ": a\r\n\r\n",
                "X\r\n\r\n",
                "X: a\nY: b\r\n\r\n",
                "X: a\rY: b\r\n\r\n",
                "X: a\u0000b\r\n\r\n",
                "X(: a\r\n\r\n",
                "Host: b\r\n\r\n")) {
            add(GET + fields, 400);
        }
        for (String head : List.of(
                "GET /fixed/5/1 HTTP/1.1\r\n\r\n",
                "GET /fixed/5/1 HTTP/1.1\nHost: a\n\n",
                "GET  /fixed/5/1 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET\t/fixed/5/1 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /fixed/5/1\r\nHost: a\r\n\r\n",
                "GET /fixed/5/1 HTTP/1.1x\r\nHost: a\r\n\r\n",
                "G(T /fixed/5/1 HTTP/1.1\r\nHost: a\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n",
                "GET /fixed/5/1 HTTP/2.0\r\nHost: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
            add(head, 400, 505);
        }
        add("BREW /fixed/5/1 HTTP/1.1\r\nHost: a\r\n\r\n", 501);
        add("GET /" + "a".repeat(HttpScene.REQUEST_LINE_BYTES) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
        add(GET + "X: " + "a".repeat(HttpScene.HEADER_BYTES) + "\r\n\r\n", 431);
        add(GET + "X:\r\n".repeat(HttpScene.HEADER_COUNT + 1) + "\r\n", 431);
        add(POST + "Expect: the best\r\nContent-Length: 5\r\n\r\nhello", 417);
    }

    private HttpRefusals() {}

    private static void add(String bytes, Integer... statuses) {
        String name = "what is no request, number " + (ALL.size() + 1);
        ALL.add(HttpAsk.raw(name, bytes, Ending.CLOSES, statuses));
    }

    static int count() {
        return ALL.size();
    }

    static HttpAsk draw(Dice dice) {
        return ALL.get(dice.below(ALL.size()));
    }

    /** Bytes that hardly make a request: an answer need not come, since they may end before anything is wrong. */
    static HttpAsk noise(Dice dice) {
        byte[] bytes = dice.bytes((int) dice.spread(1, 2000));
        return HttpAsk.raw(
                "noise",
                new String(bytes, StandardCharsets.ISO_8859_1),
                Ending.CLOSES_OR_ENDS,
                400,
                414,
                431,
                501,
                505);
    }
}
