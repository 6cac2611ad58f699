package dev.sluice.lab.advise;

import dev.sluice.lab.compare.Choice;
import dev.sluice.lab.compare.Comparison;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Ranking.Row;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of a comparison that decides: a short round of the likeliest few, then another of the best two.
 * {@link #stop} may come from any thread; all else is for one thread.
 */
public final class Trial {
    private static final int LIKELIEST = 5;
    private static final int FINALISTS = 2;
    private static final int FINAL_ROUNDS = 1;

    /** Makes a plan for some choices and rounds. */
    @FunctionalInterface
    public interface Planner {
        Comparison.Plan plan(List<Choice> choices, int rounds);
    }

    private final Advice advice;
    private final List<Choice> choices;
    private final Planner planner;
    private final Consumer<String> told;
    private volatile boolean stopped;
    private volatile @Nullable Comparison running;

    public Trial(Advice advice, Rules.Shortlist shortlist, Planner planner, Consumer<String> told) {
        this.advice = advice;
        this.choices = shortlist
                .choices()
                .subList(0, Math.min(LIKELIEST, shortlist.choices().size()));
        this.planner = planner;
        this.told = told;
    }

    /**
     * Measures.
     *
     * @return what was seen; not complete where it was stopped
     */
    public Results run() throws IOException, InterruptedException {
        Results first = compare(choices, 1);
        Set<String> finalists = new HashSet<>();
        for (Row row : advice.ranked(first)) {
            if (finalists.size() < FINALISTS) {
                finalists.add(row.server().name());
            }
        }
        if (finalists.size() < FINALISTS || stopped) {
            return first;
        }
        List<Choice> last = choices.stream()
                .filter(choice -> finalists.contains(choice.name()))
                .toList();
        return first.with(compare(last, FINAL_ROUNDS));
    }

    private Results compare(List<Choice> some, int rounds) throws IOException, InterruptedException {
        try (Comparison comparison = new Comparison(planner.plan(some, rounds), told, _ -> {})) {
            running = comparison;
            if (stopped) {
                comparison.stop();
            }
            return comparison.run();
        } finally {
            running = null;
        }
    }

    /** Ends it; {@link #run} returns what was seen. */
    public void stop() {
        stopped = true;
        Comparison comparison = running;
        if (comparison != null) {
            comparison.stop();
        }
    }
}
