package dev.sluice.sim.campaign;

import dev.sluice.sim.Faults;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.scenes.Cast;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Looks for a shorter run that fails with the same words: without faults, or with fewer kinds of them, in smaller windows; with
 * fewer clients and requests; and of some further seeds the one with the shortest story. Each time the run itself is tried
 * without what is to go, and where it doesn't fail then, some further seeds. The same failure is shrunk to the same run.
 */
public final class Shrinker {
    /** Further seeds that are tried with each step. */
    private static final int SEEDS_A_STEP = 20;
    /** Further seeds that are tried at the end, for a shorter story. */
    private static final int SEEDS_AT_THE_END = 200;
    /** All tries together take no more, some ten seconds' worth; counted in events, so that it ends alike everywhere. */
    private static final long EVENTS_MOST = 20_000_000;
    /** How often a window is halved. */
    private static final int HALVINGS = 8;

    private final WorldFailure words;
    private final Consumer<String> told;
    private Outcome best;
    private long eventsLeft = EVENTS_MOST;

    private Shrinker(Outcome failed, Consumer<String> told) {
        this.words = Objects.requireNonNull(failed.failure(), "a run that did not fail");
        this.told = told;
        this.best = failed;
    }

    /**
     * Shrinks a run, on the calling thread.
     *
     * @param failed the outcome of one that failed
     * @param told is given a line for each step that left something out
     * @return the shortest that was found; the given one where there is none
     */
    public static Outcome shrink(Outcome failed, Consumer<String> told) {
        Shrinker shrinker = new Shrinker(failed, told);
        shrinker.fewerFaults();
        shrinker.fewerClients();
        shrinker.fewerRequests();
        shrinker.smallerWindows();
        shrinker.shorterStory();
        return shrinker.best;
    }

    /** Whether a run fails as the first did, with its own seed or with one of the next. */
    private boolean fails(String what, Run candidate, int furtherSeeds) {
        for (long seed = candidate.seed(); seed <= candidate.seed() + furtherSeeds && eventsLeft > 0; seed++) {
            Outcome outcome = play(candidate.withSeed(seed));
            if (outcome.failsLike(words)) {
                take(what, outcome);
                return true;
            }
        }
        return false;
    }

    private Outcome play(Run run) {
        Outcome outcome = run.play();
        eventsLeft -= outcome.eventCount();
        return outcome;
    }

    private void take(String what, Outcome outcome) {
        best = outcome;
        tell(what);
    }

    private void tell(String what) {
        told.accept(what + ": seed " + best.run().seed() + " fails, in " + best.lineCount() + " lines");
    }

    private void fewerFaults() {
        List<Faults.Kind> kinds = best.faults().kinds();
        if (kinds.isEmpty() || fails("no faults", best.run().withFaults(Faults.none()), SEEDS_A_STEP)) {
            return;
        }
        for (Faults.Kind kind : kinds) {
            boolean _ = fails(
                    "no " + kind.label(), best.run().withFaults(best.faults().without(kind)), SEEDS_A_STEP);
        }
    }

    private void fewerClients() {
        SortedSet<Integer> all = best.casting().clients();
        for (int client : all) {
            if (all.size() > 1 && fails("client " + client + " alone", only(new TreeSet<>(List.of(client))), 0)) {
                return;
            }
        }
        for (int client : all) {
            SortedSet<Integer> rest = best.casting().clients();
            if (rest.remove(client) && !rest.isEmpty()) {
                boolean _ = fails("no client " + client, only(rest), SEEDS_A_STEP);
            }
        }
    }

    private Run only(SortedSet<Integer> clients) {
        return best.run().withCast(best.run().cast().only(clients));
    }

    private void fewerRequests() {
        int most = best.casting().requestsMost();
        for (int count = 1; count < most; count *= 2) {
            Cast cast = best.run().cast().requestsMost(count);
            if (fails(
                    count == 1 ? "one request" : count + " requests", best.run().withCast(cast), SEEDS_A_STEP)) {
                return;
            }
        }
    }

    private void smallerWindows() {
        for (Faults.Kind kind : best.faults().kinds()) {
            int halvings = 0;
            while (halvings < HALVINGS && (halved(kind, true) || halved(kind, false))) {
                halvings++;
            }
            if (halvings > 0) {
                Faults.Rate rate = Objects.requireNonNull(best.faults().rate(kind));
                tell("a smaller window: " + Faults.none().with(kind, rate));
            }
        }
    }

    private boolean halved(Faults.Kind kind, boolean first) {
        Faults.Rate rate = Objects.requireNonNull(best.faults().rate(kind));
        long from = rate.fromNanos();
        long until = Math.min(rate.untilNanos(), best.virtualNanos());
        long middle = from + (until - from) / 2;
        if (middle <= from || eventsLeft <= 0) {
            return false;
        }
        Faults.Rate half =
                new Faults.Rate(rate.rate(), first ? from : middle, first ? middle : Math.max(middle, until));
        Outcome outcome = play(best.run().withFaults(best.faults().with(kind, half)));
        boolean fails = outcome.failsLike(words);
        best = fails ? outcome : best;
        return fails;
    }

    private void shorterStory() {
        Run run = best.run();
        for (long seed = run.seed() + 1; seed <= run.seed() + SEEDS_AT_THE_END && eventsLeft > 0; seed++) {
            Outcome outcome = play(run.withSeed(seed));
            if (outcome.failsLike(words) && outcome.lineCount() < best.lineCount()) {
                take("a shorter story", outcome);
            }
        }
    }
}
