package dev.sluice.lab.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Processor time of the generator's loops since they started.
 *
 * @param runNanos on a processor
 * @param waitNanos able to run, and waiting for a processor; 0 where the system does not tell
 */
record ProcessorTime(long runNanos, long waitNanos) {
    /** What the runtime's threads are called. */
    private static final String PREFIX = "sluice-";

    /** As of now: of the loops where the system tells of single threads (Linux), else of the whole process. */
    static ProcessorTime now() {
        long run = 0;
        long wait = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                String[] times = read(task, "comm").startsWith(PREFIX)
                        ? read(task, "schedstat").split(" ")
                        : new String[0];
                if (times.length >= 2) {
                    run += Long.parseLong(times[0]);
                    wait += Long.parseLong(times[1]);
                }
            }
        } catch (IOException e) {
            run = 0; // not Linux
        }
        return run > 0 ? new ProcessorTime(run, wait) : ofProcess();
    }

    private static ProcessorTime ofProcess() {
        Duration time = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        return new ProcessorTime(time.toNanos(), 0);
    }

    /** A file of a thread; empty where the thread has ended meanwhile. */
    private static String read(Path task, String file) {
        try {
            return Files.readString(task.resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    ProcessorTime minus(ProcessorTime earlier) {
        return new ProcessorTime(runNanos - earlier.runNanos, waitNanos - earlier.waitNanos);
    }
}
