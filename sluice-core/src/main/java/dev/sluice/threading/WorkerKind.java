package dev.sluice.threading;

import dev.sluice.Options;
import java.util.List;

/**
 * What a master's workers are.
 *
 * @param words one of them, in words
 * @param main the class that is started
 * @param flags of its JVM
 * @param ownFlags whether this JVM's own flags go with them, and win
 * @param least how many are kept at least
 * @param most how many are kept at most
 * @param readyCount how many must accept before the server has started
 * @param sharedQueue whether they accept from the master's listening socket; else each listens beside it (SO_REUSEPORT)
 * @param reports whether a worker tells its counts by itself; else it is asked
 */
record WorkerKind(
        String words,
        Class<?> main,
        List<String> flags,
        boolean ownFlags,
        int least,
        int most,
        int readyCount,
        boolean sharedQueue,
        boolean reports) {
    static WorkerKind prefork(Options options) {
        return new WorkerKind(
                "a worker of prefork",
                PreforkWorker.class,
                WorkerCommand.SMALL,
                false,
                options.processesMin(),
                options.processesMax(),
                1,
                true,
                true);
    }

    static WorkerKind serving(int count, boolean sharedQueue) {
        return new WorkerKind(
                "a server process",
                ProcessWorker.class,
                WorkerCommand.SERVING,
                true,
                count,
                count,
                count,
                sharedQueue,
                false);
    }
}
