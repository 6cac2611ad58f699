package dev.sluice.lab.load;

import java.util.List;
import java.util.SplittableRandom;

/** Chooses kinds of request at random, by their weights. For one thread. */
final class Pick {
    private final int[] upTo;
    private final SplittableRandom random;

    Pick(List<RequestKind> mix, long seed) {
        upTo = new int[mix.size()];
        random = new SplittableRandom(seed);
        int sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            sum = Math.addExact(sum, mix.get(i).weight());
            upTo[i] = sum;
        }
    }

    /** An index of the mix. */
    int next() {
        if (upTo.length == 1) {
            return 0;
        }
        int at = random.nextInt(upTo[upTo.length - 1]);
        int kind = 0;
        while (upTo[kind] <= at) {
            kind++;
        }
        return kind;
    }
}
