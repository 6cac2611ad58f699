package dev.sluice.lab.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** The order of what a comparison measures. */
public final class Rounds {
    private Rounds() {}

    /**
     * The steps of all rounds: each round's in an order of its own, so that whatever drifts meanwhile hits them all alike.
     *
     * @param steps gives those of a round, which counts from 1
     */
    public static <S> List<S> shuffled(int rounds, long seed, IntFunction<List<S>> steps) {
        Random random = new Random(seed);
        List<S> all = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            List<S> ofRound = new ArrayList<>(steps.apply(round));
            Collections.shuffle(ofRound, random);
            all.addAll(ofRound);
        }
        return all;
    }
}
