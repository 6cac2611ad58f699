package dev.sluice.sim.campaign;

import dev.sluice.sim.Faults;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.scenes.Casting;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a run.
 *
 * @param run what was played
 * @param storyHash of all lines of its story: equal for equal stories
 * @param lineCount lines of the story
 * @param eventCount how much happened: packets, turns of loops, timers
 * @param virtualNanos how much time passed in the world
 * @param faults those that were on: the run's, or else the seed's
 * @param faultsMet how often each kind struck
 * @param casting who took part
 * @param failure what went wrong, or null
 * @param ended whether it was played to its end; where not, its failure is all that is known of it
 */
public record Outcome(
        Run run,
        long storyHash,
        long lineCount,
        long eventCount,
        long virtualNanos,
        Faults faults,
        Map<Faults.Kind, Long> faultsMet,
        Casting casting,
        @Nullable WorldFailure failure,
        boolean ended) {
    static Outcome endless(Run run, WorldFailure failure) {
        return new Outcome(run, 0, 0, 0, 0, Faults.none(), Map.of(), new Casting(run.cast()), failure, false);
    }

    /** Whether this run failed as another did: with the same words, whatever the numbers in them. */
    boolean failsLike(WorldFailure other) {
        return failure != null && withoutNumbers(failure.what()).equals(withoutNumbers(other.what()));
    }

    private static String withoutNumbers(String words) {
        return words.replaceAll("[0-9]+(\\.[0-9]+)?", "#");
    }
}
