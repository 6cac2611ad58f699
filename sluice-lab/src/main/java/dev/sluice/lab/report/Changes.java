package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Ranking.Row;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Two runs side by side, at one value of their sweep: what changed from the first to the second, and whether that is more than
 * noise.
 *
 * @param subject what the second run is of
 * @param value of what is swept
 * @param servers those of both runs, in the order of the second
 * @param apart those of one run only, in words
 */
record Changes(Subject subject, double value, List<Server> servers, List<String> apart) {
    /** What a change means. */
    enum Verdict {
        BETTER,
        WORSE,
        /** The rounds of the two runs overlap. */
        NOISE,
        /** One of the runs has a single round. */
        UNTOLD
    }

    /** A server's changes, in each figure that both runs know. */
    record Server(String name, Map<Figure, Change> changes) {}

    /** One figure, before and after. */
    record Change(Figure figure, Spread before, Spread after) {
        Verdict verdict() {
            return switch (after.against(before)) {
                case ABOVE -> figure.higherIsBetter() ? Verdict.BETTER : Verdict.WORSE;
                case BELOW -> figure.higherIsBetter() ? Verdict.WORSE : Verdict.BETTER;
                case NOISE -> Verdict.NOISE;
                case UNTOLD -> Verdict.UNTOLD;
            };
        }

        /** "12 % higher", "the same". */
        String words() {
            double beyond = after.beyond(before);
            if (before.median() == after.median()) {
                return "the same";
            }
            return Double.isNaN(beyond) ? "up from none" : Units.percent(beyond) + (beyond > 0 ? " higher" : " lower");
        }
    }

    static Changes of(Ranking before, Ranking after) {
        Map<String, Row> earlier = new LinkedHashMap<>();
        before.rows().forEach(row -> earlier.put(row.name(), row));
        List<Server> servers = new ArrayList<>();
        List<String> apart = new ArrayList<>();
        for (Row row : after.rows()) {
            Row other = earlier.remove(row.name());
            if (other == null) {
                apart.add(row.name() + " is in the second run only.");
            } else {
                servers.add(new Server(row.name(), changes(other, row)));
            }
        }
        earlier.keySet().forEach(name -> apart.add(name + " is in the first run only."));
        return new Changes(after.subject(), after.value(), servers, apart);
    }

    private static Map<Figure, Change> changes(Row before, Row after) {
        Map<Figure, Change> changes = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            Spread from = before.spread(figure);
            Spread to = after.spread(figure);
            if (from != null && to != null) {
                changes.put(figure, new Change(figure, from, to));
            }
        }
        return changes;
    }

    /** What is outside the noise, a sentence a server; one sentence when nothing is. */
    List<String> words() {
        List<String> said = new ArrayList<>();
        for (Server server : servers) {
            String better = list(server, Verdict.BETTER);
            String worse = list(server, Verdict.WORSE);
            if (!better.isEmpty() || !worse.isEmpty()) {
                said.add(server.name() + " is " + (better.isEmpty() ? "" : "better: " + better)
                        + (better.isEmpty() || worse.isEmpty() ? "" : "; and ")
                        + (worse.isEmpty() ? "" : "worse: " + worse) + ".");
            }
        }
        boolean untold = servers.stream()
                .flatMap(server -> server.changes().values().stream())
                .anyMatch(change -> change.verdict() == Verdict.UNTOLD);
        if (untold) {
            said.add("A run of a single round has no known noise: its differences can't be judged.");
        } else if (servers.isEmpty()) {
            said.add("The runs have no " + subject.thing() + " in common here.");
        } else if (said.isEmpty()) {
            said.add("No difference is outside the noise.");
        }
        said.addAll(apart);
        return said;
    }

    private String list(Server server, Verdict verdict) {
        return Text.list(server.changes().values().stream()
                .filter(change -> change.verdict() == verdict)
                .map(change -> change.figure().title(subject) + " " + change.words())
                .toList());
    }

    /** In what the circumstances of two runs differ: a difference in the figures may come from there. */
    static List<String> circumstances(Results before, Results after) {
        List<String> said = new ArrayList<>();
        Results.Machine one = before.machine();
        Results.Machine two = after.machine();
        differ(said, "system", one.os(), two.os());
        differ(said, "kernel", one.kernel(), two.kernel());
        differ(said, "CPU", one.cpu(), two.cpu());
        differ(said, "cores", "" + one.coresCount(), "" + two.coresCount());
        differ(said, "memory", Units.BYTES.text((double) one.memoryBytes()), Units.BYTES.text((double)
                two.memoryBytes()));
        differ(said, "JDK", one.jdk(), two.jdk());
        differ(said, "pinning", one.pinning(), two.pinning());
        differ(said, "workload", before.workload().preset(), after.workload().preset());
        differ(said, "sweep", before.workload().sweep(), after.workload().sweep());
        Map<String, String> from = before.workload().settings();
        Map<String, String> to = after.workload().settings();
        TreeSet<String> names = new TreeSet<>(from.keySet());
        names.addAll(to.keySet());
        names.forEach(name -> differ(said, name, from.get(name), to.get(name)));
        return said;
    }

    private static void differ(List<String> said, String what, @Nullable String before, @Nullable String after) {
        if (!Objects.equals(before, after)) {
            said.add(Text.plain(what) + ": " + shown(before) + " in the first run, " + shown(after) + " in the second");
        }
    }

    private static String shown(@Nullable String value) {
        return value == null || value.isEmpty() ? "none" : Text.plain(value);
    }
}
