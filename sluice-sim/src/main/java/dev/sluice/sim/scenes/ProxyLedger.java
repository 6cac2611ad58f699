package dev.sluice.sim.scenes;

import dev.sluice.sim.Peer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What back ends have seen of the requests that clients made, by the number that each has. */
final class ProxyLedger {
    private static final int REQUESTS_MOST = 1000;

    private final boolean behind;
    private final Map<Integer, Integer> seen = new HashMap<>();
    private final Set<Integer> cut = new HashSet<>();

    /** @param behind whether each client's address is told by a header in front */
    ProxyLedger(boolean behind) {
        this.behind = behind;
    }

    /** The number of a client's first request; the others follow. */
    static int firstOf(int client) {
        return client * REQUESTS_MOST;
    }

    /** What a client's connection begins with; empty for nothing. */
    String header(int number) {
        return behind ? "PROXY TCP4 " + address(number) + " 198.51.100.1 4711 80\r\n" : "";
    }

    /** The address of the client that makes a request. */
    private static String address(int number) {
        int client = number / REQUESTS_MOST;
        return "10.0." + client / 256 + "." + client % 256;
    }

    /** A back end has the head of a request. */
    void seen(Peer at, String method, int number, String head) {
        if (behind && !head.contains("\r\nX-Forwarded-For: " + address(number) + "\r\n")) {
            at.fail("request " + number + " came as another client's: " + head);
        }
        int times = seen.merge(number, 1, Integer::sum);
        if (times > 1 && method.equals("POST")) {
            at.fail("request " + number + ", a POST, came " + times + " times");
        }
    }

    /** A back end has broken off in the midst of its response, which nothing can save. */
    void cut(int number) {
        cut.add(number);
    }

    boolean isCut(int number) {
        return cut.contains(number);
    }

    /** The body of the one right answer to a request. */
    static String answer(String method, int number, String body) {
        return method + " " + number + ": " + body;
    }

    /** A body of a length that the number decides. */
    static String body(int number) {
        return "x".repeat(number * 31 % 5000);
    }
}
