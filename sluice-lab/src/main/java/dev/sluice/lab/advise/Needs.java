package dev.sluice.lab.advise;

import dev.sluice.lab.compare.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a service.
 *
 * @param connectionsCount held at once
 * @param activeShare of them, that ask; the rest is silent
 * @param ratePerSecond requests over all connections; 0 where it is not known: as many as the server can
 * @param cpu that a handler computes for
 * @param block that a handler waits for something else
 * @param tail that the 99th percentile must keep; null: none
 * @param memoryBytes that the server may take; null: no limit
 * @param sequential whether handlers must be sequential code, which may block
 * @param systems that it must run on: linux, macos, windows
 */
public record Needs(
        int connectionsCount,
        double activeShare,
        double ratePerSecond,
        Duration cpu,
        Duration block,
        @Nullable Duration tail,
        @Nullable Long memoryBytes,
        boolean sequential,
        Set<String> systems) {
    public static final List<String> SYSTEMS = List.of("linux", "macos", "windows");

    /** Requests above which a waiting handler would keep a pool of this size busy; more threads are another model. */
    private static final int MOST_WORKERS = 512;

    private static final int FEWEST_WORKERS = 4;
    /** Room for requests that don't come evenly. */
    private static final double SPARE = 1.5;

    public Needs {
        systems = Set.copyOf(systems);
        require(connectionsCount >= 1, "connections are " + connectionsCount + ", must be at least 1");
        require(activeShare > 0 && activeShare <= 1, "the active share must be above 0 and at most 1 (100 %)");
        require(ratePerSecond >= 0, "the rate is below 0");
        for (String system : systems) {
            require(SYSTEMS.contains(system), "no system is named '" + system + "'; there are " + SYSTEMS);
        }
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalArgumentException(what);
        }
    }

    int activeCount() {
        return Math.max(1, (int) Math.round(connectionsCount * activeShare));
    }

    /** Whether one handler may hold up another that shares its thread. */
    boolean handlersWait() {
        return sequential || !block.isZero();
    }

    /** Threads that the waiting handlers keep busy (Little's law), with room; of an unknown rate one a connection. */
    int workersCount() {
        double busy = ratePerSecond > 0 ? ratePerSecond * block.plus(cpu).toNanos() / 1e9 * SPARE : activeCount();
        return (int) Math.clamp(Math.ceil(busy), FEWEST_WORKERS, MOST_WORKERS);
    }

    /** What a comparison measures for them. */
    public Workload workload() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("words", words());
        settings.put("serve.respond", "Hello, World!");
        if (!cpu.isZero()) {
            settings.put("serve.cpu-per-request", cpu.toNanos() / 1000 + "us");
        }
        if (!block.isZero()) {
            settings.put("serve.block-per-request", block.toNanos() / 1000 + "us");
        }
        settings.put(Workload.CONNECTIONS, Integer.toString(activeCount()));
        if (connectionsCount > activeCount()) {
            settings.put("load.idle", Integer.toString(connectionsCount - activeCount()));
        }
        if (ratePerSecond > 0) {
            settings.put("load.rate", Long.toString(Math.max(1, Math.round(ratePerSecond))));
        }
        return new Workload("advise", settings);
    }

    /** In a sentence's part. */
    public String words() {
        List<String> words = new ArrayList<>();
        words.add(String.format(
                Locale.ROOT, "%,d connections, %.3g %% of them active", connectionsCount, activeShare * 100));
        words.add(
                ratePerSecond > 0
                        ? String.format(Locale.ROOT, "%,.0f requests a second", ratePerSecond)
                        : "as many requests as it can");
        if (!cpu.isZero()) {
            words.add(cpu.toNanos() / 1000 + " us of computing a request");
        }
        if (!block.isZero()) {
            words.add(block.toNanos() / 1000 + " us of waiting a request");
        }
        if (sequential) {
            words.add("sequential handlers");
        }
        if (tail != null) {
            words.add("p99 within " + tail.toNanos() / 1000 + " us");
        }
        if (memoryBytes != null) {
            words.add("memory up to " + memoryBytes / (1 << 20) + " MiB");
        }
        return String.join(", ", words);
    }
}
