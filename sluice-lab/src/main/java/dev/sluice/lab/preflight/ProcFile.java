package dev.sluice.lab.preflight;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files of proc(5). */
public final class ProcFile {
    private static final int MOST_BYTES = 64 * 1024;

    private ProcFile() {}

    /**
     * A file's text; empty where it isn't there, as on another system.
     *
     * <p>Not {@code Files.readString}: that reads a file whose size is told as 0 one byte first, and a setting under /proc/sys
     * is given out by one read(2) only, so that it would see the first digit alone.
     */
    public static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // not known
        }
    }
}
