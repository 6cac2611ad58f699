package dev.sluice.lab.load;

/**
 * One kind of request in a mix.
 *
 * @param weight its share, against the sum of all weights; at least 1
 * @param method of HTTP, as in GET; empty for a protocol that has none
 * @param target path and query, as in /users?id=7; empty for a protocol that has none
 * @param body what is sent along
 */
public record RequestKind(int weight, String method, String target, Body body) {
    public RequestKind {
        if (weight < 1 || weight > 1_000_000) {
            throw new IllegalArgumentException("a weight is " + weight + ", must be 1 to 1000000");
        }
    }
}
