package dev.sluice.cli;

/** The jars of the class path. */
final class Jars {
    private Jars() {}

    /**
     * Opens all of them, which the JVM does one after the other as it looks for what it hasn't found yet. When peers have taken all
     * descriptors it can't any more, and a class that is needed for the first time then, as for the line that says so, would be missing.
     */
    static void open() {
        var _ = ClassLoader.getSystemResource("a name that none of them has");
    }
}
