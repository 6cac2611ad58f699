package dev.sluice.engine;

import dev.sluice.UringOptions;
import dev.sluice.observe.Incidents;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import dev.sluice.os.Uring;
import dev.sluice.os.UringCalls;
import dev.sluice.os.UringQueues;

/**
 * Makes a ring with the best flags that the kernel takes. What it takes is found by trying, never by reading a version:
 * distributions carry newer parts back.
 *
 * <p>The ring is made disabled: SINGLE_ISSUER binds it to the thread that enables it, so that an engine can be made on
 * one thread and turned by another.
 *
 * @param queues the ring
 * @param features the names of what is active, for people
 */
record UringSetup(UringQueues queues, String features) {
    private static final int ALWAYS =
            Uring.IORING_SETUP_R_DISABLED | Uring.IORING_SETUP_CLAMP | Uring.IORING_SETUP_SUBMIT_ALL;

    /** Of each level: tells, in memory, that the kernel has work which an enter would finish. */
    private static final int TOLD = Uring.IORING_SETUP_COOP_TASKRUN | Uring.IORING_SETUP_TASKRUN_FLAG;

    /** One combination of flags, and since when it exists. */
    private record Level(int flags, String features) {}

    private static final Level[] LEVELS = {
        new Level( // Linux 6.6
                Uring.IORING_SETUP_SINGLE_ISSUER
                        | Uring.IORING_SETUP_DEFER_TASKRUN
                        | TOLD
                        | Uring.IORING_SETUP_NO_SQARRAY,
                "SINGLE_ISSUER, DEFER_TASKRUN, NO_SQARRAY"),
        new Level( // Linux 6.1
                Uring.IORING_SETUP_SINGLE_ISSUER | Uring.IORING_SETUP_DEFER_TASKRUN | TOLD,
                "SINGLE_ISSUER, DEFER_TASKRUN"),
        new Level( // Linux 6.0
                Uring.IORING_SETUP_SINGLE_ISSUER | TOLD,
                "SINGLE_ISSUER, COOP_TASKRUN, without DEFER_TASKRUN (Linux 6.1)"),
        new Level( // Linux 5.19
                TOLD, "COOP_TASKRUN, without SINGLE_ISSUER (Linux 6.0) and DEFER_TASKRUN (Linux 6.1)"),
    };

    /** How many levels there are. */
    static int levels() {
        return LEVELS.length;
    }

    /**
     * Makes a ring.
     *
     * @throws SysException if the kernel refuses all of the levels, or io_uring altogether
     */
    static UringSetup open(UringOptions options, UringCalls calls) {
        UringSetup made = options.sqPollMillis() > 0 ? polled(options, calls) : best(options, calls);
        return options.napiMicros() > 0 ? made.withNapi(options.napiMicros(), calls) : made;
    }

    private static UringSetup best(UringOptions options, UringCalls calls) {
        for (int i = options.level(); i < LEVELS.length - 1; i++) {
            try {
                UringSetup made = at(LEVELS[i], options, calls);
                if (i > options.level()) {
                    Incidents.fellBack("io_uring", made.features());
                }
                return made;
            } catch (SysException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e; // not a flag that the kernel doesn't know: forbidden, no memory, no such call
                }
            }
        }
        UringSetup made = at(LEVELS[LEVELS.length - 1], options, calls);
        if (options.level() < LEVELS.length - 1) {
            Incidents.fellBack("io_uring", made.features());
        }
        return made;
    }

    /** With a thread of the kernel that submits; DEFER_TASKRUN and COOP_TASKRUN don't go with it. */
    private static UringSetup polled(UringOptions options, UringCalls calls) {
        int flags = ALWAYS | Uring.IORING_SETUP_SQPOLL | Uring.IORING_SETUP_SINGLE_ISSUER;
        int idle = options.sqPollMillis();
        return new UringSetup(
                new UringQueues(options.sqEntries(), options.cqEntries(), flags, idle, calls),
                "SINGLE_ISSUER, SQPOLL (its thread sleeps after " + idle + " ms)");
    }

    private UringSetup withNapi(int micros, UringCalls calls) {
        int result = Uring.registerNapi(queues.fd(), micros, calls);
        String word = result == 0
                ? ", NAPI busy polling (" + micros + " us)"
                : ", without NAPI busy polling (" + Errno.describe(-result) + ")";
        return new UringSetup(queues, features + word);
    }

    private static UringSetup at(Level level, UringOptions options, UringCalls calls) {
        int flags = ALWAYS | level.flags();
        return new UringSetup(
                new UringQueues(options.sqEntries(), options.cqEntries(), flags, calls), level.features());
    }
}
