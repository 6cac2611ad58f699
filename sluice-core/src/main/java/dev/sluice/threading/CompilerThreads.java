package dev.sluice.threading;

import dev.sluice.os.CallState;
import dev.sluice.os.SchedulingPolicy;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

/**
 * The threads of the JVM's compilers, which share their cores with loops. A loop that finds a method busy wakes one of them, and
 * an ordinary thread that wakes up may take the core from its waker for a whole slice, some 3 ms on Linux: in the midst of a
 * request, and for minutes where a server is asked seldom. With {@link SchedulingPolicy#SCHED_BATCH} they run when the loop
 * waits, and have their share of a core whose loop never does.
 */
public final class CompilerThreads {
    private static final File THREADS = new File("/proc/self/task");
    /** In the names of all of them, of which Linux keeps 15 characters. */
    private static final String NAME = "CompilerThre";

    private CompilerThreads() {}

    /**
     * Has them leave a core to whoever runs on it, and those that they start later; of the whole JVM, so a program decides itself
     * whether it wants that. From any thread, in some milliseconds; does nothing but on Linux.
     */
    public static void giveWay() {
        CallState state = new CallState();
        // Where the C library has no such call (musl), or a filter forbids it, they only stay as they were.
        numbers().forEach(thread -> SchedulingPolicy.set(thread, SchedulingPolicy.SCHED_BATCH, state));
    }

    /** Their numbers; none but on Linux. */
    static List<Integer> numbers() {
        String[] threads = THREADS.list();
        return threads == null
                ? List.of()
                : Stream.of(threads)
                        .filter(CompilerThreads::isOne)
                        .map(Integer::valueOf)
                        .toList();
    }

    private static boolean isOne(String thread) {
        try {
            return Files.readString(new File(THREADS, thread + "/comm").toPath())
                    .contains(NAME);
        } catch (IOException ended) { // any thread may, between the two looks
            return false;
        }
    }
}
