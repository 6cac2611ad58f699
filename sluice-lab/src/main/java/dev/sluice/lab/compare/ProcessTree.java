package dev.sluice.lab.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What /proc says of a process and all that descend from it. Linux only; elsewhere nothing is known. */
final class ProcessTree {
    /** USER_HZ, in which /proc counts: 100 on every architecture, whatever the kernel's own tick. */
    private static final long MICROS_PER_TICK = 10_000;

    private static final long KILO = 1024;

    /** Fields of /proc/PID/stat behind the name, which may hold anything: state is the first. */
    private static final int UTIME = 11;

    private static final int STIME = 12;
    private static final int CUTIME = 13;
    private static final int CSTIME = 14;

    /**
     * A sum at one moment.
     *
     * @param userMicros user CPU time since each process started, with that of children that have ended
     * @param systemMicros the same of the kernel for them
     * @param switchesCount context switches of the threads that live
     * @param residentBytes of one process its resident set; of several the sum of their proportional sets, in which a
     *     page that they share counts once
     * @param threadsCount threads that live
     * @param threads their ids; a process's first thread has the id of the process
     */
    record Usage(
            long userMicros,
            long systemMicros,
            long switchesCount,
            long residentBytes,
            long threadsCount,
            Set<Long> threads) {}

    private ProcessTree() {}

    /** Reads it, or null where there is no /proc or the process is gone. */
    static @Nullable Usage usage(ProcessHandle root) {
        List<Long> pids = new ArrayList<>();
        pids.add(root.pid());
        root.descendants().map(ProcessHandle::pid).forEach(pids::add);
        boolean alone = pids.size() == 1;
        long[] sums = new long[5];
        Set<Long> threads = new TreeSet<>();
        for (long pid : pids) {
            Path folder = Path.of("/proc", Long.toString(pid));
            try {
                String stat = Files.readString(folder.resolve("stat"));
                String[] fields =
                        stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
                long resident = KILO
                        * (alone
                                ? number(Files.readString(folder.resolve("status")), "VmRSS:")
                                : number(Files.readString(folder.resolve("smaps_rollup")), "Pss:"));
                long count = number(Files.readString(folder.resolve("status")), "Threads:");
                long switches = switches(folder.resolve("task"), threads);
                sums[0] += MICROS_PER_TICK * (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[CUTIME]));
                sums[1] += MICROS_PER_TICK * (Long.parseLong(fields[STIME]) + Long.parseLong(fields[CSTIME]));
                sums[2] += switches;
                sums[3] += resident;
                sums[4] += count;
            } catch (IOException e) {
                if (pid == root.pid()) {
                    return null; // no /proc, or it has just ended, which its owner notices by itself
                }
                // A child that ended meanwhile: its time is its parent's now.
            }
        }
        return new Usage(sums[0], sums[1], sums[2], sums[3], sums[4], threads);
    }

    private static long switches(Path tasks, Set<Long> threads) throws IOException {
        long sum = 0;
        try (Stream<Path> all = Files.list(tasks)) {
            for (Path task : all.toList()) {
                try {
                    String status = Files.readString(task.resolve("status"));
                    sum += number(status, "voluntary_ctxt_switches:") + number(status, "nonvoluntary_ctxt_switches:");
                    threads.add(Long.parseLong(tasks.relativize(task).toString()));
                } catch (IOException e) {
                    // A thread that ended meanwhile: its switches are gone from /proc with it.
                }
            }
        }
        return sum;
    }

    /** The number behind a name at a line's beginning; 0 where there is none (a kernel's thread, a zombie). */
    private static long number(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+")[0])
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }
}
