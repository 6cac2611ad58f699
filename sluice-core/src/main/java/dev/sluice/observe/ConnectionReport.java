package dev.sluice.observe;

import java.util.Locale;

/**
 * A connection at one moment.
 *
 * @param owner the loop, or the thread of {@code threads}, that it lives on
 * @param remote its peer's address
 * @param state as in {@code open} or {@code closing}, behind it what its session waits for, as in {@code open, writing}
 * @param ageMinutes since it was opened
 * @param idleMillis since bytes came or went
 * @param queuedBytes written and not yet taken by the kernel
 * @param keptBytes received and not yet read
 * @param activity what it is doing, made harmless: for HTTP the request line; empty where it is doing nothing
 */
public record ConnectionReport(
        String owner,
        String remote,
        String state,
        long ageMinutes,
        long idleMillis,
        long queuedBytes,
        long keptBytes,
        String activity) {
    /** Whether one of the texts contains another, capitals not counted. */
    public boolean mentions(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return (owner + '\n' + remote + '\n' + state + '\n' + activity)
                .toLowerCase(Locale.ROOT)
                .contains(wanted);
    }
}
