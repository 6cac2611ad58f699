package dev.sluice.threading;

import dev.sluice.ServerStats;
import dev.sluice.engine.EngineCounters;

/** What several loops or domains did, added up; for one thread at a time. */
final class Totals {
    private final EngineCounters work = new EngineCounters();
    private final Ledger ledger = new Ledger();

    void add(Totals part) {
        add(part.work, part.ledger);
    }

    void add(EngineCounters engine, Ledger part) {
        work.systemCalls += engine.systemCalls;
        work.refused += engine.refused;
        work.receivedBytes += engine.receivedBytes;
        work.sentBytes += engine.sentBytes;
        work.bufferExhaustions += engine.bufferExhaustions;
        work.completionOverflows += engine.completionOverflows;
        ledger.accepted += part.accepted;
        ledger.closed += part.closed;
        ledger.opened += part.opened; // read later than those that closed: there are never less open than none
        ledger.failures += part.failures;
        ledger.shed += part.shed;
        ledger.acceptPauses += part.acceptPauses;
        ledger.moved += part.moved;
    }

    /** Connections that are open, those among them that are between two loops. */
    long open() {
        return ledger.opened - ledger.closed;
    }

    /**
     * The sums as a server's counts.
     *
     * @param refused newcomers that were refused, those apart that an engine counted
     */
    ServerStats stats(long open, long refused, long lentChunks, long threads) {
        return new ServerStats(
                ledger.accepted,
                open,
                ledger.closed,
                ledger.failures,
                work.refused + refused,
                ledger.shed,
                ledger.acceptPauses,
                lentChunks,
                threads,
                work.systemCalls,
                work.receivedBytes,
                work.sentBytes,
                work.bufferExhaustions,
                work.completionOverflows,
                ledger.moved);
    }
}
