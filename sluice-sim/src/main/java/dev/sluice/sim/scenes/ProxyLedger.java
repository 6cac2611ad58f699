package dev.sluice.sim.scenes;

import dev.sluice.sim.Peer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What back ends have seen of the requests that clients made, by the number that each has. */
final class ProxyLedger {
    private final Map<Integer, Integer> seen = new HashMap<>();
    private final Set<Integer> cut = new HashSet<>();

    /** A back end has the head of a request. */
    void seen(Peer at, String method, int number) {
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
