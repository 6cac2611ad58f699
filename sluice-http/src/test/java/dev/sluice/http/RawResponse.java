package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The first response in what a server sent, read with no more understanding than a test needs.
 *
 * @param status 0 where nothing came
 * @param head the status line and header fields
 * @param body without chunked coding
 * @param closed whether the server closed
 */
public record RawResponse(int status, String head, String body, boolean closed) {
    /** Reads what a server sent. */
    public static RawResponse of(byte[] bytes, boolean closed, boolean toHead) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new RawResponse(0, "", "", closed);
        }
        String head = text.substring(0, end);
        int status = Integer.parseInt(head.substring(9, 12));
        RawResponse bare = new RawResponse(status, head, "", closed);
        String rest = text.substring(end + 4);
        String length = bare.header("Content-Length");
        String body = rest;
        if (bare.header("Transfer-Encoding") != null) {
            body = unchunk(rest);
        } else if (length != null && !toHead) {
            body = rest.substring(0, Math.min(rest.length(), Integer.parseInt(length)));
        }
        return new RawResponse(status, head, body, closed);
    }

    /** Whether these bytes hold a whole response. */
    public static boolean isWhole(byte[] bytes, boolean toHead) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        RawResponse response = of(bytes, false, toHead);
        String length = response.header("Content-Length");
        if (toHead || response.status == 204 || response.status == 304) {
            return true;
        }
        if (response.header("Transfer-Encoding") != null) {
            return text.endsWith("0\r\n\r\n");
        }
        return length != null && response.body.length() >= Integer.parseInt(length);
    }

    private static String unchunk(String text) {
        StringBuilder body = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int line = text.indexOf("\r\n", at);
            int size = Integer.parseInt(text.substring(at, line), 16);
            if (size == 0) {
                break;
            }
            body.append(text, line + 2, line + 2 + size);
            at = line + 2 + size + 2;
        }
        return body.toString();
    }

    /** A field's value, or null. */
    public String header(String name) {
        for (String line : head.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return line.substring(colon + 1).strip();
            }
        }
        return null;
    }
}
