package dev.sluice.lab.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a mix of requests from a file: a line for each kind, of weight, method, target, and perhaps a body, which is the rest
 * of the line or, after an @, a file beside this one. Empty lines and lines that begin with # say nothing.
 *
 * <pre>
 *   # most ask for the page, some write
 *   8  GET   /
 *   1  POST  /users  {"name": "Ada"}
 *   1  POST  /upload @picture.jpg
 * </pre>
 */
public final class Mix {
    private Mix() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException where a line is wrong; names the file and the line
     * @throws IOException where the file, or one that it names, can't be read
     */
    public static List<RequestKind> read(Path file) throws IOException {
        List<RequestKind> kinds = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                kinds.add(readLine(text, file, file + ":" + number));
            }
        }
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException(file + " names no request");
        }
        return kinds;
    }

    private static RequestKind readLine(String line, Path file, String where) throws IOException {
        String[] words = line.split("\\s+", 4);
        if (words.length < 3 || !words[0].matches("\\d{1,7}")) {
            throw new IllegalArgumentException(where + ": write WEIGHT METHOD TARGET, as in 8 GET /");
        }
        Body body = Body.NONE;
        if (words.length == 4) {
            body = words[3].startsWith("@")
                    ? Body.ofFile(file.resolveSibling(words[3].substring(1)))
                    : Body.of(words[3]);
        }
        try {
            return new RequestKind(Integer.parseInt(words[0]), words[1], words[2], body);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }
}
