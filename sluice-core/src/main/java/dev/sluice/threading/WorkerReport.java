package dev.sluice.threading;

import dev.sluice.ServerStats;
import dev.sluice.os.NativeMemory;

/**
 * What a worker process tells its master: whether it is free, and its counts since it started.
 *
 * @param state what the worker does
 * @param cutCount connections that it cut when it was told to stop
 * @param stats its counts
 */
record WorkerReport(State state, long cutCount, ServerStats stats) {
    enum State {
        /** It loads, and accepts nothing yet; never reported. */
        STARTING(0),
        /** It waits for a connection. */
        IDLE(1),
        /** It serves one. */
        BUSY(2),
        /** It accepts no more, and ends when it has nothing left to do. */
        LEAVING(3);

        private final long code;

        State(long code) {
            this.code = code;
        }

        private static State of(long code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            throw new IllegalStateException("a worker reported state " + code);
        }
    }

    private static final int COUNTS = ServerStats.class.getRecordComponents().length;
    static final int BYTES = (2 + COUNTS) * Long.BYTES;
    static final WorkerReport NONE = new WorkerReport(State.STARTING, 0, sum(new long[COUNTS]));

    void encode(long address) {
        NativeMemory.putLong(address, state.code);
        NativeMemory.putLong(address + Long.BYTES, cutCount);
        long[] counts = counts(stats);
        for (int i = 0; i < counts.length; i++) {
            NativeMemory.putLong(address + (2L + i) * Long.BYTES, counts[i]);
        }
    }

    static WorkerReport decode(long address) {
        long[] counts = new long[COUNTS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = NativeMemory.getLong(address + (2L + i) * Long.BYTES);
        }
        State state = State.of(NativeMemory.getLong(address));
        return new WorkerReport(state, NativeMemory.getLong(address + Long.BYTES), sum(counts));
    }

    /** As the counts of a worker that has ended: what was open is closed, and it holds nothing. */
    ServerStats ended() {
        return new ServerStats(
                stats.accepted(),
                0,
                stats.closed() + stats.open(),
                stats.failures(),
                stats.refused(),
                stats.shed(),
                stats.acceptPauses(),
                0,
                0,
                stats.systemCalls(),
                stats.receivedBytes(),
                stats.sentBytes(),
                stats.bufferExhaustions(),
                stats.completionOverflows(),
                stats.moved());
    }

    static long[] counts(ServerStats s) {
        return new long[] {
            s.accepted(),
            s.open(),
            s.closed(),
            s.failures(),
            s.refused(),
            s.shed(),
            s.acceptPauses(),
            s.lentBuffers(),
            s.loopThreads(),
            s.systemCalls(),
            s.receivedBytes(),
            s.sentBytes(),
            s.bufferExhaustions(),
            s.completionOverflows(),
            s.moved()
        };
    }

    /** The counts of several workers, added up. */
    static ServerStats sum(long[]... parts) {
        long[] c = new long[COUNTS];
        for (long[] part : parts) {
            for (int i = 0; i < c.length; i++) {
                c[i] += part[i];
            }
        }
        return new ServerStats(
                c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14]);
    }
}
