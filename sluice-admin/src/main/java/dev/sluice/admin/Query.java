package dev.sluice.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a dump is asked for.
 *
 * @param filter only what contains this text; empty for all
 * @param limit so many entries at most
 */
record Query(String filter, int limit) {
    private static final int USUAL = 100;
    private static final int MOST = 10_000;
    private static final int FILTER_CHARS = 200;

    /** Something that is answered with a status. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final String text;

        Refused(int status, String text) {
            super(text);
            this.status = status;
            this.text = text;
        }

        int status() {
            return status;
        }

        String text() {
            return text;
        }
    }

    /** Reads what stands behind the question mark. */
    static Query of(@Nullable String text) {
        String filter = "";
        int limit = USUAL;
        for (String pair : text == null || text.isEmpty() ? new String[0] : text.split("&", -1)) {
            if (pair.startsWith("filter=")) {
                filter = decoded(pair.substring("filter=".length()));
            } else if (pair.startsWith("limit=") && pair.matches("limit=[0-9]{1,5}")) {
                limit = Math.clamp(Integer.parseInt(pair.substring("limit=".length())), 1, MOST);
            } else {
                throw new Refused(400, "a dump takes ?filter=TEXT and &limit=N, a number up to " + MOST + "\n");
            }
        }
        if (filter.length() > FILTER_CHARS) {
            throw new Refused(400, "a filter has " + FILTER_CHARS + " characters at most\n");
        }
        return new Query(filter, limit);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "the filter is not percent-encoded as it should be\n");
        }
    }
}
