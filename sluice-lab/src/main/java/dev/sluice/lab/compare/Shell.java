package dev.sluice.lab.compare;

/** Words for a shell. */
public final class Shell {
    private Shell() {}

    /** A word as sh(1) reads it back. */
    public static String quote(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
