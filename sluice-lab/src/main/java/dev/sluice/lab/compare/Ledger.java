package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a comparison has seen so far. For one thread. */
final class Ledger {
    private final Comparison.Plan plan;
    private final List<Contender> contenders;
    private final String startedAt =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private final Map<Contender, Map<Sweep.Point, List<Round>>> rounds = new HashMap<>();
    private final Map<Contender, List<String>> features = new HashMap<>();
    private final Map<Contender, String> failures = new HashMap<>();

    Ledger(Comparison.Plan plan, List<Contender> contenders) {
        this.plan = plan;
        this.contenders = contenders;
    }

    void add(Contender contender, Sweep.Point point, Round round) {
        rounds.computeIfAbsent(contender, _ -> new HashMap<>())
                .computeIfAbsent(point, _ -> new ArrayList<>())
                .add(round);
    }

    /** Takes note of what the kernel gave a server. */
    void features(Contender contender, @Nullable Counters counters) {
        if (counters != null) {
            features.put(contender, counters.features());
        }
    }

    /** Its further rounds are left out: a server that fails once isn't compared. */
    void fail(Contender contender, String why) {
        failures.put(contender, why);
    }

    String failure(Contender contender) {
        return failures.getOrDefault(contender, "");
    }

    boolean failed() {
        return !failures.isEmpty();
    }

    Results results(boolean complete) {
        return new Results(
                Results.SCHEMA,
                plan.commandLine(),
                startedAt,
                complete,
                ThisMachine.describe(plan.pinning()),
                new Results.Workload(
                        plan.workload().name(),
                        plan.workload().words(),
                        plan.sweep().name(),
                        settings()),
                contenders.stream().map(this::server).toList());
    }

    private Map<String, String> settings() {
        Map<String, String> all = new TreeMap<>(plan.workload().settings());
        all.put("rounds", Integer.toString(plan.rounds()));
        all.put("warmup", plan.warmup().toMillis() + "ms");
        all.put("duration", plan.duration().toMillis() + "ms");
        all.put("seed", Long.toString(plan.seed()));
        return all;
    }

    private ServerResult server(Contender contender) {
        List<String> skipped = new ArrayList<>();
        if (!contender.skipped().isEmpty()) {
            skipped.add(contender.skipped());
        }
        List<Results.Point> points = new ArrayList<>();
        for (Sweep.Point point : plan.sweep().points()) {
            String cannot = contender.cannotHold(point.workload().held());
            List<Round> here = rounds.getOrDefault(contender, Map.of()).getOrDefault(point, List.of());
            if (!cannot.isEmpty() && contender.skipped().isEmpty()) {
                skipped.add(cannot);
            } else if (!here.isEmpty()) {
                points.add(Results.Point.of(point.value(), here));
            }
        }
        if (!failure(contender).isEmpty()) {
            skipped.add(failure(contender) + (points.isEmpty() ? "" : "; its further rounds were left out"));
        }
        return new ServerResult(
                contender.name(),
                contender.family(),
                contender.line(),
                features.getOrDefault(contender, List.of()),
                String.join("; ", skipped),
                points);
    }
}
