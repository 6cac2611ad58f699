package dev.sluice.sim;

import dev.sluice.engine.LoopEngine;
import dev.sluice.engine.ReadinessEngine;
import dev.sluice.engine.UringEngine;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a loop in a world waits with: each brings other parts of the real runtime under test. */
public enum Beneath {
    /** {@link SimEngine}: completions straight from the world, in any order that the contract of an engine allows. */
    COMPLETION,
    /** {@link ReadinessEngine} over a level-triggered {@link SimPoller}. */
    LEVEL,
    /** {@link ReadinessEngine} over an edge-triggered {@link SimPoller}. */
    EDGE,
    /** {@link UringEngine} over rings of {@link SimUring}. */
    RING;

    LoopEngine make(SimKernel kernel, Parking parking, int turnBytes) {
        return switch (this) {
            case COMPLETION -> new SimEngine(kernel, parking, turnBytes);
            case LEVEL -> new ReadinessEngine(new SimPoller(kernel, parking, false), kernel, turnBytes);
            case RING -> SimUring.engine(kernel, parking, turnBytes);
            case EDGE -> new ReadinessEngine(new SimPoller(kernel, parking, true), kernel, turnBytes);
        };
    }

    /**
     * The one of a label.
     *
     * @throws IllegalArgumentException where there is none
     */
    public static Beneath of(String label) {
        for (Beneath beneath : values()) {
            if (beneath.label().equals(label)) {
                return beneath;
            }
        }
        throw new IllegalArgumentException("there is no '" + label + "' to wait with: there are "
                + Arrays.stream(values()).map(Beneath::label).collect(Collectors.joining(", ")));
    }

    /** As in a command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
