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

    public static StoreOptions standard() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.shared = shared;
        b.maxMemoryBytes = maxMemoryBytes;
        b.password = password;
        b.valueMostBytes = valueMostBytes;
        b.requestMostBytes = requestMostBytes;
        b.unfinishedMostBytes = unfinishedMostBytes;
        b.clientsMost = clientsMost;
        b.databases = databases;
        b.seed = seed;
        return b;
    }

    /** Collects settings. Not safe for use from several threads. */
    public static final class Builder {
        private boolean shared = true;
        private long maxMemoryBytes;
        private @Nullable String password;
        private int valueMostBytes = 512 * MEBI;
        private int requestMostBytes = 1024 * MEBI;
        private long unfinishedMostBytes = 1024L * MEBI;
        private int clientsMost;
        private int databases = 16;
        private @Nullable Long seed;

        private Builder() {}

        /** See {@link StoreOptions#shared}. */
        public Builder shared(boolean on) {
            shared = on;
            return this;
        }

        /** See {@link StoreOptions#maxMemoryBytes}. */
        public Builder maxMemory(long bytes) {
            maxMemoryBytes = bytes;
            return this;
        }

        /** See {@link StoreOptions#password}. */
        public Builder password(@Nullable String word) {
            password = word;
            return this;
        }

        /** The largest value; a request has room for one of it and what is around it. */
        public Builder valueMost(int bytes) {
            valueMostBytes = bytes;
            requestMostBytes = Math.max(requestMostBytes, bytes);
            unfinishedMostBytes = Math.max(unfinishedMostBytes, requestMostBytes);
            return this;
        }

        /** What is kept of unfinished requests: of one client, and of all. */
        public Builder unfinished(int requestBytes, long allBytes) {
            requestMostBytes = requestBytes;
            unfinishedMostBytes = allBytes;
            return this;
        }

        /** See {@link StoreOptions#clientsMost}. */
        public Builder clientsMost(int count) {
            clientsMost = count;
            return this;
        }

        /** See {@link StoreOptions#seed}. */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        public StoreOptions build() {
            return new StoreOptions(
                    shared,
                    maxMemoryBytes,
                    password,
                    valueMostBytes,
                    requestMostBytes,
                    unfinishedMostBytes,
                    clientsMost,
                    databases,
                    seed);
        }
    }
}
