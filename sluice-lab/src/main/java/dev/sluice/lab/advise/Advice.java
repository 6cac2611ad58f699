package dev.sluice.lab.advise;

import dev.sluice.Model.Ability;
import dev.sluice.lab.compare.Choice;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Shell;
import dev.sluice.lab.compare.Workload;
import dev.sluice.lab.report.Ranking;
import dev.sluice.lab.report.Ranking.Row;
import dev.sluice.lab.report.Ranking.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The answer: what fits best, by which evidence, who is next and when that would win. */
public final class Advice {
    /** Of a core at the rate asked for; above it a loop more is advised. */
    private static final double BUSY = 0.7;

    private static final int SHOWN = 4;
    private final Needs needs;
    private final Rules.Shortlist shortlist;

    public Advice(Needs needs, Rules.Shortlist shortlist) {
        this.needs = needs;
        this.shortlist = shortlist;
    }

    /**
     * The choices of the shortlist that were measured, best first: what meets the needs before what doesn't, and what was
     * measured more often before what was dropped after one round.
     */
    public List<Row> ranked(Results results) {
        return Ranking.of(results, 0).rows().stream()
                .filter(row -> choice(row) != null)
                .sorted(Comparator.comparing((Row row) -> !failings(row).isEmpty())
                        .thenComparingInt(row -> -row.point().rounds().size()))
                .toList();
    }

    private @Nullable Choice choice(Row row) {
        return shortlist.choices().stream()
                .filter(choice -> choice.name().equals(row.server().name()))
                .findFirst()
                .orElse(null);
    }

    /** In which needs a row falls short. */
    private List<String> failings(Row row) {
        Figures figures = row.point().median();
        List<String> failings = new ArrayList<>();
        if (!row.server().skipped().isEmpty()) {
            failings.add("failed in a further round: " + row.server().skipped());
        }
        Duration tail = needs.tail();
        if (!row.keepsUp()) {
            failings.add(String.format(Locale.ROOT, "does not keep up: %,.0f/s", figures.requestsPerSecond()));
        }
        if (tail != null && figures.p99Micros() > tail.toNanos() / 1e3) {
            failings.add("p99 is beyond " + tail.toNanos() / 1000 + " us");
        }
        Double resident = figures.residentBytes();
        Long limit = needs.memoryBytes();
        if (limit != null && resident != null && resident > limit) {
            failings.add("takes more memory than " + (limit >> 20) + " MiB");
        }
        if (figures.errorsCount() > 0) {
            failings.add(figures.errorsCount() + " errors");
        }
        return failings;
    }

    /** The answer from measurements, as text. */
    public String text(Results results) {
        List<Row> rows = ranked(results);
        if (rows.isEmpty()) {
            return "None of what may fit was measured.\n" + text();
        }
        StringBuilder text = new StringBuilder();
        Row first = rows.getFirst();
        text.append("Take ").append(first.server().name());
        if (!failings(first).isEmpty()) {
            text.append(", though nothing measured meets all needs");
        } else if (rows.stream().anyMatch(row -> row.standing() == Standing.LEVEL)) {
            text.append(" (or what is marked ~: the difference is within the noise)");
        }
        text.append(":\n  ").append(line(first)).append("\n\nMeasured on this machine:\n");
        for (Row row : rows.subList(0, Math.min(SHOWN, rows.size()))) {
            text.append(evidence(row));
        }
        if (rows.size() > 1) {
            text.append("\nNext is ").append(rows.get(1).server().name()).append(". It would win ");
            text.append(whenNext(first, rows.get(1))).append(".\n");
        }
        return text.append(leftOut()).toString();
    }

    /** The answer from an earlier comparison, which may have measured another workload: says so, and in what. */
    public String textOfEarlier(Path file, Results results) {
        if (results.workload().preset().startsWith(Results.Workload.DISK_PRESET)) {
            return file + " is of a disk, and says nothing of servers.\n\n" + text();
        }
        StringBuilder text = new StringBuilder("From " + file + " of " + results.startedAt() + ", which measured: "
                + results.workload().words() + ".\n");
        List<String> differences = new ArrayList<>();
        Map<String, String> there = results.workload().settings();
        Map<String, String> here = needs.workload().settings();
        Stream.concat(there.keySet().stream(), here.keySet().stream())
                .filter(Workload::isOfServerOrLoad)
                .distinct()
                .sorted()
                .filter(key -> !Objects.equals(here.get(key), there.get(key)))
                .map(key -> key + " " + (there.containsKey(key) ? Shell.quote(there.get(key)) : "unset") + " there")
                .forEach(differences::add);
        if (!differences.isEmpty()) {
            text.append("Your workload differs (")
                    .append(String.join(", ", differences))
                    .append("): without --no-run it would be measured.\n");
        }
        return text.append('\n').append(text(results)).toString();
    }

    /** The answer from rules alone, labelled as such. */
    public String text() {
        StringBuilder text = new StringBuilder("By rule, not measured:\n");
        List<Choice> choices = shortlist.choices();
        if (choices.isEmpty()) {
            return text.append("  no model meets all of that.\n")
                    .append(leftOut())
                    .toString();
        }
        text.append("Take ").append(choices.getFirst().name()).append(":\n  ");
        text.append(line(choices.getFirst(), 1)).append('\n');
        for (Choice choice : choices.subList(0, Math.min(SHOWN, choices.size()))) {
            text.append("  rule: ")
                    .append(choice.name())
                    .append(": ")
                    .append(Rules.why(needs, choice))
                    .append('\n');
        }
        if (choices.size() > 1) {
            text.append("\nNext is ").append(choices.get(1).name()).append(". By rule it would win for ");
            text.append(choices.get(1).model().fits()).append(".\n");
        }
        return text.append(leftOut()).toString();
    }

    private String leftOut() {
        return shortlist.out().isEmpty()
                ? ""
                : shortlist.out().entrySet().stream()
                        .map(out -> "  rule: not " + out.getKey() + ": " + out.getValue() + "\n")
                        .collect(Collectors.joining("", "\nLeft out by rule, not measured:\n", ""));
    }

    private String evidence(Row row) {
        Figures figures = row.point().median();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "  %s%s: %,.0f/s, p99 %,.0f us",
                row.standing() == Standing.LEVEL ? "~ " : "",
                row.server().name(),
                figures.requestsPerSecond(),
                figures.p99Micros()));
        append(text, ", %.1f us CPU a request", figures.cpuMicros(), 1);
        append(text, ", %.0f MiB", figures.residentBytes(), 1 << 20);
        List<String> failings = failings(row);
        return text.append(failings.isEmpty() ? "" : "; " + String.join("; ", failings))
                .append('\n')
                .toString();
    }

    private static void append(StringBuilder text, String form, @Nullable Double value, double unit) {
        if (value != null) {
            text.append(String.format(Locale.ROOT, form, value / unit));
        }
    }

    /** In what the runner-up is better, and what its row says that it fits. */
    private String whenNext(Row first, Row next) {
        Figures a = first.point().median();
        Figures b = next.point().median();
        List<String> when = new ArrayList<>();
        if (b.p99Micros() < a.p99Micros()) {
            when.add(String.format(Locale.ROOT, "the tail counts most (p99 %,.0f us)", b.p99Micros()));
        }
        Double cpu = b.cpuMicros();
        if (cpu != null && a.cpuMicros() != null && cpu < a.cpuMicros()) {
            when.add(String.format(Locale.ROOT, "CPU time counts most (%.1f us a request)", cpu));
        }
        Double resident = b.residentBytes();
        if (resident != null && a.residentBytes() != null && resident < a.residentBytes()) {
            when.add(String.format(Locale.ROOT, "memory counts most (%.0f MiB)", resident / (1 << 20)));
        }
        Choice choice = choice(next);
        String fits = choice == null ? "" : "for " + choice.model().fits() + " (by rule)";
        return when.isEmpty() ? fits : "where " + String.join(", or ", when) + "; and " + fits;
    }

    private String line(Row row) {
        Choice choice = choice(row);
        Double cpu = row.point().median().cpuMicros();
        double cores = cpu == null ? 0 : cpu * needs.ratePerSecond() / 1e6;
        return choice == null ? row.server().line() : line(choice, (int) Math.max(1, Math.ceil(cores / BUSY)));
    }

    /** The line to use; loops only where the measured CPU time asks for more than one. */
    private static String line(Choice choice, int loops) {
        List<String> words = new ArrayList<>(List.of("./sluice", "serve", "DIR"));
        words.addAll(choice.options());
        if (loops > 1 && choice.model().can(Ability.LOOPS)) {
            words.add("--loops=" + loops);
        }
        return words.stream().map(Shell::quote).collect(Collectors.joining(" "));
    }
}
