package dev.sluice.lab.load;

import dev.sluice.Models;
import java.util.List;

/**
 * How connections are shared among the generator's processes: the first asks, and holds as many idle ones as it has room for;
 * the others hold the rest.
 *
 * @param processes at least one
 * @param each connections that any of them has at most
 * @param ownIdle idle connections of the first
 */
record Share(int processes, int each, int ownIdle) {
    /** Descriptors that lead from the first process to each of the others, with one to spare. */
    private static final int PIPES = 3;

    /**
     * The share of a load.
     *
     * @param sluice the command that starts Sluice; empty where there can be no other process
     * @throws LoadException where it doesn't fit
     */
    static Share of(Load load, List<String> sluice) {
        return of(load, Addresses.roomCount(Models.choose(load.model()), load.uring()), !sluice.isEmpty());
    }

    static Share of(Load load, int room, boolean others) {
        long active = (long) load.connectionsCount() + load.slowCount();
        int ownIdle = Math.clamp(room - active, 0, load.idleCount());
        if (ownIdle < load.idleCount()) {
            long pipes = (long) PIPES * Math.ceilDiv(load.idleCount(), room);
            ownIdle = (int) Math.max(0, ownIdle - pipes);
        }
        if (active > room || ownIdle < load.idleCount() && !others) {
            throw new LoadException(
                    active + (others ? 0 : load.idleCount()) + " connections are too many for one process: it may have "
                            + room + " open beside its own files; raise the limit (ulimit -n), or ask for fewer",
                    null);
        }
        int rest = load.idleCount() - ownIdle;
        int processes = 1 + Math.ceilDiv(rest, room);
        return new Share(processes, rest == 0 ? (int) active + ownIdle : room, ownIdle);
    }
}
