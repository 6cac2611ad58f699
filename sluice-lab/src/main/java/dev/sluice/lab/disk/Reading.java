package dev.sluice.lab.disk;

import dev.sluice.os.CallState;
import dev.sluice.os.ResourceUsage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * This process at one moment, as the kernel sees it; its threads for a pool, and those of the kernel for a ring, included.
 *
 * @param nanos when, of {@link System#nanoTime}
 * @param userMicros processor time
 * @param systemMicros processor time in the kernel
 * @param systemCallsCount made by the engine
 * @param storageBytes caused to be fetched from storage (read_bytes of /proc/PID/io); negative where it isn't told
 */
record Reading(long nanos, long userMicros, long systemMicros, long systemCallsCount, long storageBytes) {
    private static final Path IO = Path.of("/proc/self/io");
    private static final String READ = "read_bytes: ";

    static Reading now(long systemCallsCount) {
        long[] micros = new long[2];
        try (Arena arena = Arena.ofConfined()) {
            int result = ResourceUsage.processorMicros(new CallState(arena), micros);
            if (result < 0) {
                throw new IllegalStateException("getrusage refuses its own process");
            }
        }
        return new Reading(System.nanoTime(), micros[0], micros[1], systemCallsCount, fetched());
    }

    private static long fetched() {
        try {
            return Files.readAllLines(IO).stream()
                    .filter(line -> line.startsWith(READ))
                    .mapToLong(line -> Long.parseLong(line.substring(READ.length())))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1; // a kernel without task accounting, or no /proc
        }
    }
}
