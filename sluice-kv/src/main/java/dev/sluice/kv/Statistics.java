package dev.sluice.kv;

/** What INFO counts. */
final class Statistics {
    long connections;
    long refusedConnections;
    long commands;
    long errors;
    long changes;
    long expired;
    long hits;
    long misses;
    long receivedBytes;
    long sentBytes;

    /** CONFIG RESETSTAT. */
    void reset() {
        connections = 0;
        refusedConnections = 0;
        commands = 0;
        errors = 0;
        expired = 0;
        hits = 0;
        misses = 0;
        receivedBytes = 0;
        sentBytes = 0;
    }
}
