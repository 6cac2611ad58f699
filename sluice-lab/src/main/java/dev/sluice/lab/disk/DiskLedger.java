package dev.sluice.lab.disk;

import dev.sluice.lab.compare.Pinning;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Shell;
import dev.sluice.lab.compare.ThisMachine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a comparison of disk engines has seen so far, as the lab's results. For one thread. */
final class DiskLedger {
    private static final String SWEEP = "operations in flight";

    private record Place(DiskChoice choice, int depth) {}

    private final DiskPlan plan;
    private final String fileSystem;
    private final String startedAt =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private final Map<Place, List<Round>> rounds = new HashMap<>();
    private final Map<DiskChoice, String> features = new HashMap<>();
    private final Map<DiskChoice, String> failures = new HashMap<>();

    DiskLedger(DiskPlan plan, String fileSystem) {
        this.plan = plan;
        this.fileSystem = fileSystem;
    }

    void add(DiskChoice choice, int depth, Round round) {
        rounds.computeIfAbsent(new Place(choice, depth), _ -> new ArrayList<>()).add(round);
    }

    void features(DiskChoice choice, String found) {
        features.put(choice, found);
    }

    /** It is left out from now on. */
    void fail(DiskChoice choice, String why) {
        failures.put(choice, why);
    }

    String failure(DiskChoice choice) {
        return failures.getOrDefault(choice, "");
    }

    /** What is done, for people. */
    String words() {
        return String.format(
                Locale.ROOT,
                "%s, %,d bytes each, in a file of %,d MiB in %s (%s)",
                plan.pattern().words(),
                plan.blockBytes(),
                plan.sizeBytes() >> 20,
                plan.folder(),
                fileSystem);
    }

    Results results(boolean complete) {
        return new Results(
                Results.SCHEMA,
                plan.commandLine(),
                startedAt,
                complete,
                ThisMachine.describe(Pinning.parse("none")),
                new Results.Workload(
                        Results.Workload.DISK_PRESET + plan.pattern().text(), words(), SWEEP, settings()),
                plan.choices().stream().map(this::engine).toList());
    }

    private Map<String, String> settings() {
        Map<String, String> all = new TreeMap<>();
        all.put("pattern", plan.pattern().text());
        all.put("folder", plan.folder().toString());
        all.put("file system", fileSystem);
        all.put("block", plan.blockBytes() + " bytes");
        all.put("size", plan.sizeBytes() + " bytes");
        all.put("depths", plan.depths().stream().map(String::valueOf).collect(Collectors.joining(",")));
        all.put("batch", plan.batch() == null ? "a sixteenth of the depth" : String.valueOf(plan.batch()));
        all.put("drop-cache", Boolean.toString(plan.dropCache()));
        all.put("rounds", Integer.toString(plan.rounds()));
        all.put("warmup", plan.warmup().toMillis() + "ms");
        all.put("duration", plan.duration().toMillis() + "ms");
        all.put("seed", Long.toString(plan.seed()));
        return all;
    }

    private Results.ServerResult engine(DiskChoice choice) {
        List<Results.Point> points = new ArrayList<>();
        for (int depth : plan.depths()) {
            List<Round> here = rounds.getOrDefault(new Place(choice, depth), List.of());
            if (!here.isEmpty()) {
                points.add(Results.Point.of(depth, here));
            }
        }
        String found = features.getOrDefault(choice, "");
        return new Results.ServerResult(
                choice.name(),
                choice.mode(),
                line(choice),
                found.isEmpty() ? List.of() : List.of(found.split(", ")),
                failure(choice),
                points);
    }

    private String line(DiskChoice choice) {
        return "./sluice disk " + Shell.quote(plan.folder().toString()) + " --engines " + choice.engine() + " --modes "
                + choice.mode() + " --pattern " + plan.pattern().text();
    }
}
