package dev.sluice.lab.preflight;

/**
 * What is to be held.
 *
 * @param connectionsCount connections
 * @param side which end this process is to hold
 * @param bothHere whether the other end is on this machine too
 * @param processesCount of this side
 * @param each what a connection takes at this side
 */
public record Plan(long connectionsCount, Side side, boolean bothHere, int processesCount, Each each) {
    /** An end of a connection. */
    public enum Side {
        SERVER,
        CLIENT
    }

    /** What a connection takes beside its descriptor. */
    public enum Each {
        /** Nothing: loops wait for it. */
        NOTHING,
        /** A thread. */
        THREAD,
        /** A process. */
        PROCESS
    }

    /** Sockets of it on this machine. */
    long socketsCount() {
        return bothHere ? 2 * connectionsCount : connectionsCount;
    }

    /** Connections of one process. */
    long perProcess() {
        return each == Each.PROCESS ? 1 : Math.ceilDiv(connectionsCount, processesCount);
    }
}
