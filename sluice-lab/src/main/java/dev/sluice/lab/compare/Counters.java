package dev.sluice.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.os.CallState;
import dev.sluice.os.ResourceUsage;
import java.lang.foreign.Arena;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a Sluice server knows of itself at one moment; a line of JSON on its control stream. Counts run from its start.
 *
 * @param readNanos when it read them, of its own {@link System#nanoTime}: one whose threads crowd its core answers late
 * @param systemCallsCount made by its engines; null where its engine can't see them all
 * @param acceptedCount connections accepted
 * @param refusedCount connections that the model can't hold
 * @param switchesCount context switches of all its threads, those that have ended included; null of several processes
 * @param allocatedBytes on the Java heap; null of several processes
 * @param gcPauseMicros that collections stopped it for, to the millisecond; null of several processes
 * @param features of the kernel that its model found active
 */
public record Counters(
        long readNanos,
        @Nullable Long systemCallsCount,
        long acceptedCount,
        long refusedCount,
        @Nullable Long switchesCount,
        @Nullable Long allocatedBytes,
        @Nullable Long gcPauseMicros,
        List<String> features) {

    /** Reads them. Safe for use from any thread. */
    public static Counters of(Server server) {
        ServerStats stats = server.stats();
        boolean alone =
                server.model().can(Ability.ONE_PROCESS) && server.options().processes() == 1;
        String found = server.features();
        return new Counters(
                System.nanoTime(),
                server.model().can(Ability.COUNTED_CALLS) ? stats.systemCalls() : null,
                stats.accepted(),
                stats.refused(),
                alone ? contextSwitches() : null,
                alone ? allocated() : null,
                alone ? gcPauses() : null,
                found.isEmpty() ? List.of() : List.of(found.split(", ")));
    }

    /** One line. */
    public String toJson() {
        try {
            return Wire.JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of numbers and names that is no JSON", e);
        }
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException where it is something else
     */
    public static Counters ofJson(String line) {
        try {
            return Wire.JSON.readValue(line, Counters.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no counters: " + line, e);
        }
    }

    private static @Nullable Long contextSwitches() {
        try (Arena arena = Arena.ofConfined()) {
            long switches = ResourceUsage.contextSwitches(new CallState(arena));
            return switches < 0 ? null : switches;
        }
    }

    private static @Nullable Long allocated() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                        && threads.isThreadAllocatedMemorySupported()
                ? threads.getTotalThreadAllocatedBytes()
                : null;
    }

    /** Collectors that work beside the program have a bean for their cycles as well, which are no pauses. */
    private static long gcPauses() {
        return TimeUnit.MILLISECONDS.toMicros(ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(bean ->
                        !bean.getName().contains("Cycles") && !bean.getName().contains("Concurrent"))
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .filter(millis -> millis > 0)
                .sum());
    }
}
