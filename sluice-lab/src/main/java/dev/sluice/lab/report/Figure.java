package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results.Figures;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One of the measured figures: how it is called, what unit it has, and which way is better. */
enum Figure {
    THROUGHPUT("Requests a second", "answers a second", Units.PER_SECOND, true, Figures::requestsPerSecond),
    BANDWIDTH("Bandwidth", "bytes read and written a second", Units.BYTES_PER_SECOND, true, Figures::bytesPerSecond),
    P50("p50", "half of the answers came within", Units.MICROS, false, Figures::p50Micros),
    P90("p90", "90 % of the answers came within", Units.MICROS, false, Figures::p90Micros),
    P99("p99", "99 % of the answers came within", Units.MICROS, false, Figures::p99Micros),
    P999("p99.9", "99.9 % of the answers came within", Units.MICROS, false, Figures::p999Micros),
    MAX("Max", "the slowest answer", Units.MICROS, false, Figures::maxMicros),
    CPU("CPU a request", "user and system CPU time of the server", Units.MICROS, false, Figures::cpuMicros),
    USER("User CPU", "user CPU time a request", Units.MICROS, false, Figures::userMicros),
    SYSTEM("System CPU", "system CPU time a request", Units.MICROS, false, Figures::systemMicros),
    PATTERN(
            "Pattern",
            "CPU time that filling and checking the block took, a part of the CPU time above",
            Units.MICROS,
            false,
            Figures::patternMicros),
    CALLS(
            "System calls",
            "system calls a request, by the runtime's counters",
            Units.COUNT,
            false,
            Figures::systemCallsPerRequest),
    CACHED(
            "From the cache",
            "share of the bytes read that the page cache had",
            Units.SHARE,
            true,
            Figures::cachedShare),
    SWITCHES(
            "Context switches",
            "context switches a request, of all threads",
            Units.COUNT,
            false,
            Figures::contextSwitchesPerRequest),
    RESIDENT("Memory", "resident memory at the end of a round", Units.BYTES, false, Figures::residentBytes),
    CONNECTION(
            "Memory a connection",
            "growth of resident memory for each connection held",
            Units.BYTES,
            false,
            Figures::connectionBytes),
    ALLOCATED(
            "Allocation",
            "bytes allocated on the heap a request, by the JVM's own count",
            Units.BYTES,
            false,
            Figures::allocatedBytesPerRequest),
    GC("GC pauses", "all collection pauses of a round", Units.MICROS, false, Figures::gcPauseMicros),
    THREADS("Threads", "threads of the server", Units.COUNT, false, Figures::threadsCount),
    ERRORS("Errors", "requests without a right answer", Units.COUNT, false, figures -> (double) figures.errorsCount());

    private static final Set<Figure> OF_DISKS_ALONE = EnumSet.of(BANDWIDTH, PATTERN, CACHED);
    private static final Set<Figure> OF_SERVERS_ALONE =
            EnumSet.of(SWITCHES, RESIDENT, CONNECTION, ALLOCATED, GC, THREADS, ERRORS);

    private final String title;
    private final String what;
    private final Units units;
    private final boolean higherIsBetter;

    @SuppressWarnings("ImmutableEnumChecker") // an accessor of the record, which holds nothing
    private final Function<Figures, @Nullable Double> reading;

    Figure(
            String title,
            String what,
            Units units,
            boolean higherIsBetter,
            Function<Figures, @Nullable Double> reading) {
        this.title = title;
        this.what = what;
        this.units = units;
        this.higherIsBetter = higherIsBetter;
        this.reading = reading;
    }

    /** Its heading, where it is of such a thing. */
    String title(Subject subject) {
        return words(subject, title);
    }

    /** What it measures, for people. */
    String what(Subject subject) {
        return words(subject, what);
    }

    private static String words(Subject subject, String ofServers) {
        return subject == Subject.SERVERS
                ? ofServers
                : ofServers
                        .replace("Requests a second", "IOPS")
                        .replace("answers a second", "operations a second")
                        .replace("of the server", "of the process")
                        .replace("answers came", "operations ended")
                        .replace("the slowest answer", "the slowest operation")
                        .replace("a request", subject.aRequest());
    }

    /** Whether such a thing has it. */
    boolean isOf(Subject subject) {
        return !(subject == Subject.SERVERS ? OF_DISKS_ALONE : OF_SERVERS_ALONE).contains(this);
    }

    boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** Its value, or null where it is unknown. */
    @Nullable
    Double of(Figures figures) {
        return reading.apply(figures);
    }

    String text(double value) {
        return units.text(value);
    }
}
