package dev.sluice.kv;

import org.jspecify.annotations.Nullable;

/**
 * Settings of a store; immutable. {@link #standard} has good values for all of them.
 *
 * @param shared whether sessions on several threads use it (several loops, {@code threads}, {@code virtual}); then their batches take a
 *     lock
 * @param maxMemoryBytes writes that need memory are refused above it; 0: no limit
 * @param password asked of clients; null: none is
 * @param valueMostBytes of a value, a key and any other argument (Redis: proto-max-bulk-len)
 * @param requestMostBytes of what has arrived of one unfinished request; a client that sends more is closed
 * @param unfinishedMostBytes of what has arrived of all clients' unfinished requests; who passes it is closed
 * @param clientsMost connections at once; 0: no limit
 * @param databases how many SELECT can choose from
 * @param seed of the hash function's key and of random keys; the same in a simulated world
 */
public record StoreOptions(
        boolean shared,
        long maxMemoryBytes,
        @Nullable String password,
        int valueMostBytes,
        int requestMostBytes,
        long unfinishedMostBytes,
        int clientsMost,
        int databases,
        @Nullable Long seed) {
    private static final int MEBI = 1 << 20;

    public static StoreOptions standard() {
        return new StoreOptions(true, 0, null, 512 * MEBI, 1024 * MEBI, 1024L * MEBI, 0, 16, null);
    }

    public StoreOptions {
        if (maxMemoryBytes < 0 || valueMostBytes < 1024 * 1024 || valueMostBytes > 1024 * MEBI || clientsMost < 0) {
            throw new IllegalArgumentException("a limit is out of range: maximal memory " + maxMemoryBytes + ", value "
                    + valueMostBytes + " (1 MiB to 1 GiB), clients " + clientsMost);
        }
        if (requestMostBytes < valueMostBytes || unfinishedMostBytes < requestMostBytes || databases < 1) {
            throw new IllegalArgumentException("a request (" + requestMostBytes + " bytes) must have room for a value ("
                    + valueMostBytes + "), all of them (" + unfinishedMostBytes
                    + ") for one, and there must be a database ("
                    + databases + ")");
        }
    }

    public StoreOptions withShared(boolean on) {
        return new StoreOptions(
                on,
                maxMemoryBytes,
                password,
                valueMostBytes,
                requestMostBytes,
                unfinishedMostBytes,
                clientsMost,
                databases,
                seed);
    }

    public StoreOptions withMaxMemory(long bytes) {
        return new StoreOptions(
                shared,
                bytes,
                password,
                valueMostBytes,
                requestMostBytes,
                unfinishedMostBytes,
                clientsMost,
                databases,
                seed);
    }

    public StoreOptions withPassword(@Nullable String word) {
        return new StoreOptions(
                shared,
                maxMemoryBytes,
                word,
                valueMostBytes,
                requestMostBytes,
                unfinishedMostBytes,
                clientsMost,
                databases,
                seed);
    }

    /** The largest value; a request has room for one of it and what is around it. */
    public StoreOptions withValueMost(int bytes) {
        int request = Math.max(requestMostBytes, bytes);
        return new StoreOptions(
                shared,
                maxMemoryBytes,
                password,
                bytes,
                request,
                Math.max(unfinishedMostBytes, request),
                clientsMost,
                databases,
                seed);
    }

    /** What is kept of unfinished requests: of one client, and of all. */
    public StoreOptions withUnfinished(int requestBytes, long allBytes) {
        return new StoreOptions(
                shared, maxMemoryBytes, password, valueMostBytes, requestBytes, allBytes, clientsMost, databases, seed);
    }

    public StoreOptions withClientsMost(int count) {
        return new StoreOptions(
                shared,
                maxMemoryBytes,
                password,
                valueMostBytes,
                requestMostBytes,
                unfinishedMostBytes,
                count,
                databases,
                seed);
    }

    public StoreOptions withSeed(long number) {
        return new StoreOptions(
                shared,
                maxMemoryBytes,
                password,
                valueMostBytes,
                requestMostBytes,
                unfinishedMostBytes,
                clientsMost,
                databases,
                number);
    }
}
