package dev.sluice.lab.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a process printed at last, to tell of its failure. */
final class LastWords {
    private LastWords() {}

    /**
     * Its last lines, joined; of a stack those that tell what happened, without the places.
     *
     * @param printed the file that it printed into, in whatever encoding
     * @param count so many lines at most
     */
    static String of(Path printed, int count) {
        List<String> lines = lines(printed).stream()
                .map(String::strip)
                .filter(line ->
                        !line.isEmpty() && !line.startsWith("at ") && !line.matches("\\.\\.\\. \\d+ (more|common).*"))
                .toList();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** All lines; a byte that is no UTF-8 is shown as such, and nothing fails for it. */
    static List<String> lines(Path printed) {
        try {
            return new String(Files.readAllBytes(printed), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the file that a process prints into can't be read", e);
        }
    }
}
