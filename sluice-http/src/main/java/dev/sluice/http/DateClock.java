package dev.sluice.http;

/** The date as a text that is made once a second. Safe for use from any thread: whoever finds it old makes it anew. */
final class DateClock {
    private record Stamp(long second, String text) {}

    /** Not volatile: a record's fields are final, so every thread sees a whole stamp, and an old one is made anew. */
    private Stamp stamp = new Stamp(Long.MIN_VALUE, "");

    String at(long second) {
        Stamp now = stamp;
        if (now.second != second) {
            now = new Stamp(second, HttpDate.format(second * 1000));
            stamp = now;
        }
        return now.text;
    }
}
