package dev.sluice.cli;

import dev.sluice.Model;
import dev.sluice.Models;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The names that {@code --model} takes. */
final class ModelNames implements Iterable<String> {
    /**
     * What was asked for.
     *
     * @param model the table's row
     * @param why why {@code auto} chose it, or empty where it was named
     */
    record Choice(Model model, String why) {}

    /** For picocli. */
    ModelNames() {}

    @Override
    public Iterator<String> iterator() {
        return all().iterator();
    }

    /** All names, {@code auto} first. */
    static List<String> all() {
        List<String> names = new ArrayList<>();
        names.add("auto");
        Models.all().forEach(model -> names.add(model.name()));
        return names;
    }

    /**
     * Finds the row that a name means.
     *
     * @param wrong makes the exception for a name that there is none of
     */
    static Choice choose(String name, Function<String, ? extends RuntimeException> wrong) {
        if (name.equals("auto")) {
            Model model = Models.choose(name);
            List<String> passedOver = Models.passedOver(model);
            String why = passedOver.isEmpty()
                    ? "the best of those that this machine can run"
                    : "the best that this machine can run (" + String.join("; ", passedOver) + ")";
            return new Choice(model, why);
        }
        Optional<Model> exact = Models.find(name);
        if (exact.isPresent()) {
            return new Choice(exact.get(), "");
        }
        throw wrong.apply(
                "no model is named '" + name + "'" + nearest(name) + "; there are " + String.join(", ", all()));
    }

    private static String nearest(String name) {
        // How many letters may differ: half of them, and at most three.
        int near = Math.min(3, (name.length() + 1) / 2);
        return all().stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= near)
                .map(candidate -> ", did you mean " + candidate + "?")
                .orElse("");
    }

    /** Levenshtein's distance, capitals and separators not counted. */
    private static int distance(String left, String right) {
        String a = plain(left);
        String b = plain(right);
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }

    private static String plain(String name) {
        return name.toLowerCase(java.util.Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
