package dev.sluice.threading;

/**
 * Counts of connections, plain fields: One for each loop, written by its thread only and read a little late by others;
 * the domain of {@code threads} has one for each connection and adds it up when that closes.
 */
public final class Ledger {
    long accepted;
    /** Connections that began here; where they end is another matter, since they move. */
    long opened;

    long closed;
    long failures;
    long shed;
    long acceptPauses;
    /** Connections that came from another loop. */
    long moved;
}
