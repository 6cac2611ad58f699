package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Encodes the heads of responses. */
final class HeadEncoder {
    static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private byte[] bytes = new byte[256];
    private int length;

    private HeadEncoder() {}

    /**
     * A response's head, with room behind it.
     *
     * @param chunked whether a body of unknown length is chunked, rather than ended by the connection's end
     * @param room bytes left free at the end of the array
     */
    static byte[] encode(Response response, String date, Persistence persistence, boolean chunked, int room) {
        HeadEncoder encoder = new HeadEncoder();
        encoder.head(response, date, persistence, chunked);
        return Arrays.copyOf(encoder.bytes, encoder.length + room);
    }

    private void head(Response response, String date, Persistence persistence, boolean chunked) {
        int status = response.status();
        text("HTTP/1.1 ");
        number(status);
        text(" ");
        text(Status.reason(status));
        text("\r\nDate: ");
        text(date);
        text("\r\n");
        for (Headers.Field field : response.headers()) {
            text(field.name());
            text(": ");
            text(field.value());
            text("\r\n");
        }
        long body = response.length();
        // RFC 9110 section 8.6: no Content-Length with 204, and none needed with 304.
        if (!Status.isBodiless(status)) {
            if (body >= 0) {
                text("Content-Length: ");
                number(body);
                text("\r\n");
            } else if (chunked) {
                text("Transfer-Encoding: chunked\r\n");
            }
        }
        switch (persistence) {
            case IMPLIED -> {}
            case STATED -> text("Connection: keep-alive\r\n");
            case CLOSE -> text("Connection: close\r\n");
        }
        text("\r\n");
    }

    private void number(long value) {
        text(Long.toString(value));
    }

    private void text(String text) {
        int more = text.length();
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
        for (int i = 0; i < more; i++) {
            bytes[length + i] = (byte) text.charAt(i);
        }
        length += more;
    }
}
