package dev.sluice.lab.preflight;

import java.util.Locale;

/**
 * What a limit means for a plan.
 *
 * @param verdict whether it holds
 * @param limit its name, as the system has it
 * @param available what it leaves, in its own unit
 * @param needed what the plan takes of it, in the same unit
 * @param words what is counted, and what happens beyond it
 * @param cure the command that lifts it; empty where it holds
 */
public record Finding(Verdict verdict, String limit, long available, long needed, String words, String cure) {
    /** Whether a limit holds. */
    public enum Verdict {
        OK,
        /** It may be slow, or fail. */
        WARNING,
        /** It would certainly fail. */
        FATAL
    }

    /** One line. */
    public String line() {
        String line = String.format(
                Locale.ROOT,
                "%-8s %-30s %,d needed of %,d: %s",
                verdict == Verdict.FATAL ? "too low" : verdict == Verdict.WARNING ? "low" : "enough",
                limit,
                needed,
                available,
                words);
        return cure.isEmpty() ? line : line + "; " + cure;
    }
}
