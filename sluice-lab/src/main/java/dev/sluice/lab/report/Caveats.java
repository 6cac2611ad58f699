package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Ranking.Row;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the figures of one ranking don't say, in plain words: doubts, gaps, and how far they reach. */
final class Caveats {
    private final Results results;
    private final Ranking ranking;
    private final List<String> said = new ArrayList<>();

    private Caveats(Results results, Ranking ranking) {
        this.results = results;
        this.ranking = ranking;
    }

    /** Sentences, those that weigh on this run first, then those that hold of every run. */
    static List<String> of(Results results, Ranking ranking) {
        Caveats caveats = new Caveats(results, ranking);
        caveats.incomplete();
        caveats.missing();
        caveats.errors();
        caveats.generator();
        caveats.unknown();
        caveats.noise();
        caveats.loop();
        caveats.reach();
        return caveats.said;
    }

    private void incomplete() {
        List<Integer> rounds =
                ranking.rows().stream().map(row -> row.point().rounds().size()).toList();
        int least = rounds.stream().mapToInt(Integer::intValue).min().orElse(0);
        int most = rounds.stream().mapToInt(Integer::intValue).max().orElse(0);
        String span = least == most ? "" + most : least + " to " + most;
        if (!results.complete()) {
            said.add("The run was ended early: there " + Text.form(most, "is ", "are ") + span + " "
                    + Text.form(most, "round", "rounds") + " of each "
                    + ranking.subject().thing() + " here, and what wasn't reached is missing.");
        } else if (least != most) {
            said.add("Not every " + ranking.subject().thing() + " has all rounds: there are " + span + ".");
        }
    }

    private void missing() {
        ranking.missing().forEach((name, why) -> said.add(name + " has no figures here: " + ended(why)));
    }

    private void errors() {
        for (Row row : ranking.rows()) {
            Map<String, Long> errors = row.errors();
            if (!errors.isEmpty()) {
                String kinds = errors.entrySet().stream()
                        .map(kind -> kind.getKey() + " " + Units.COUNT.text((double) kind.getValue()))
                        .collect(Collectors.joining(", "));
                long answers = row.point().rounds().stream()
                        .mapToLong(round -> round.load().requestsCount())
                        .sum();
                said.add(row.name() + " had errors (" + kinds + ", beside " + Units.COUNT.text((double) answers)
                        + " right answers): its figures leave these requests out.");
            }
        }
    }

    private void generator() {
        List<Row> bound = ranking.rows().stream().filter(Row::generatorBound).toList();
        if (bound.isEmpty()) {
            return;
        }
        // Each run words it with figures of its own: the first stands for them all.
        String words = bound.stream()
                .map(Row::generatorWords)
                .filter(one -> !one.isEmpty())
                .findFirst()
                .orElse("");
        said.add("The generator, not the server, may have been the limit for "
                + Text.list(bound.stream().map(Row::name).toList()) + ": the true figures may be better."
                + (words.isEmpty()
                        ? ""
                        : " It says" + (bound.size() > 1 ? ", of the first" : "") + ": " + ended(words)));
    }

    private void unknown() {
        Set<Figure> ofAll = EnumSet.noneOf(Figure.class);
        Map<List<String>, List<String>> ofSome = new LinkedHashMap<>();
        for (Figure figure : ranking.subject().figures()) {
            List<String> names = ranking.rows().stream()
                    .filter(row -> row.spread(figure) == null)
                    .map(Row::name)
                    .toList();
            if (!names.isEmpty() && names.size() == ranking.rows().size()) {
                ofAll.add(figure);
            } else if (!names.isEmpty()) {
                ofSome.computeIfAbsent(names, who -> new ArrayList<>()).add(figure.title(ranking.subject()));
            }
        }
        if (!ofAll.isEmpty()) {
            said.add("Unknown on this machine: "
                    + Text.list(ofAll.stream()
                            .map(figure -> figure.title(ranking.subject()))
                            .toList()) + ".");
        }
        ofSome.forEach((names, titles) -> said.add("Unknown of " + Text.list(names) + ": " + Text.list(titles) + "."));
    }

    private void noise() {
        int rounds = ranking.rows().stream()
                .mapToInt(row -> row.point().rounds().size())
                .min()
                .orElse(0);
        if (rounds >= 2) {
            said.add("Two figures count as different when their rounds don't overlap. With " + rounds
                    + " rounds, two equal " + ranking.subject().thing() + "s still look different in one figure of "
                    + Units.COUNT.text(falseAlarmsOneIn(rounds)) + ", so among many figures some differences are"
                    + " chance; more rounds make that rarer.");
        } else if (rounds == 1) {
            said.add("There is a single round, so nothing here says how large the noise is.");
        }
    }

    /** Of how many pairs of n equal rounds each one falls apart by chance: half of the binomial (2n over n). */
    static double falseAlarmsOneIn(int rounds) {
        double ways = 1;
        for (int i = 1; i <= rounds; i++) {
            ways *= (double) (rounds + i) / i;
        }
        return Math.rint(ways) / 2;
    }

    private void loop() {
        if (ranking.rows().isEmpty()) {
            return;
        }
        if (ranking.subject() == Subject.DISK) {
            said.add(
                    "Latency counts from the handing over of an operation to the telling of its result, so with many in"
                            + " flight it is mostly the waiting for the others.");
            return;
        }
        said.add(
                ranking.open()
                        ? "Latency counts from the moment at which a request was due, so a stall shows in full."
                        : "The loop is closed: a client waits for its answer before it asks again, so a server that"
                                + " stalls is asked less, and its true tail is longer than shown. An open loop (a"
                                + " rate) shows it.");
    }

    private void reach() {
        Results.Machine machine = results.machine();
        if (ranking.subject() == Subject.DISK) {
            said.add(
                    "All this is of one machine, one file system and one device, with whatever its host or its controller"
                            + " caches: another can turn the order around.");
            return;
        }
        said.add("All this is of one machine (" + machine.coresCount() + " "
                + Text.form(machine.coresCount(), "core", "cores") + ", " + Text.plain(machine.cpu())
                + ") and one workload, over loopback or the network that the command names: another machine, payload"
                + " or number of connections can turn the order around.");
    }

    private static String ended(String sentence) {
        return sentence.endsWith(".") ? sentence : sentence + ".";
    }
}
