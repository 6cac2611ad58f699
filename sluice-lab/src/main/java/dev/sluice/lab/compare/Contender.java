package dev.sluice.lab.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A server that takes part in a comparison, of whatever make.
 *
 * @param name of its row
 * @param family of its model; "reference" for another's server
 * @param line the command that starts such a server by hand
 * @param skipped why it can't take part at all; empty when it can
 * @param capacity how many connections it can hold
 * @param sluice whether it is a Sluice server, which tells its port and its counters on its control stream
 * @param oneProcess whether all connections live in one process
 * @param launch makes its command
 */
record Contender(
        String name,
        String family,
        String line,
        String skipped,
        Capacity capacity,
        boolean sluice,
        boolean oneProcess,
        Launch launch) {
    static final String REFERENCE = "reference";

    /**
     * A limit on connections.
     *
     * @param mostCount it holds no more
     * @param words why
     */
    record Capacity(int mostCount, String words) {
        static final Capacity UNBOUNDED = new Capacity(Integer.MAX_VALUE, "");

        /** Why so many are too many; empty where they aren't. */
        String cannotHold(int heldCount) {
            return heldCount <= mostCount
                    ? ""
                    : String.format(Locale.ROOT, "can't hold %,d connections: %s", heldCount, words);
        }
    }

    /** Makes the command that starts a server. */
    @FunctionalInterface
    interface Launch {
        /**
         * The command.
         *
         * @param port to listen on, or 0 for a Sluice server, which picks one
         * @param workload what it is to do, and how many connections it is to hold
         * @param folder its own, to leave files in
         */
        List<String> command(int port, Workload workload, Path folder) throws IOException;
    }

    /** Why it can't hold so many connections; empty where it can. */
    String cannotHold(int heldCount) {
        return capacity.cannotHold(heldCount);
    }
}
