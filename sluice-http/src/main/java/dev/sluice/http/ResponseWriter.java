package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.FileRegion;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes responses to a connection, and knows when it had enough. Runs in the session's domain. */
final class ResponseWriter {
    /** A body up to this size is encoded together with its head. */
    private static final int TOGETHER_BYTES = 4 * 1024;

    private final DateClock dates;
    private @Nullable Connection connection;
    private boolean blocked;
    private @Nullable HeadBytes scratch;

    ResponseWriter(DateClock dates) {
        this.dates = dates;
    }

    /** Writes to this connection from now on, whose output queue is below the high-water mark. */
    void to(Connection next) {
        connection = next;
        blocked = false;
    }

    void leave() {
        connection = null;
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }

    /** Whether queued output stands above the high-water mark. */
    boolean isBlocked() {
        return blocked;
    }

    void drained() {
        blocked = false;
    }

    boolean write(byte[] bytes, int offset, int length) {
        blocked = !connection().write(bytes, offset, length);
        return !blocked;
    }

    boolean write(ByteBuffer bytes) {
        blocked = !connection().write(bytes);
        return !blocked;
    }

    boolean transfer(FileRegion region) {
        blocked = !connection().transfer(region);
        return !blocked;
    }

    void writeContinue() {
        write(HeadEncoder.CONTINUE, 0, HeadEncoder.CONTINUE.length);
    }

    /**
     * Writes a head and, unless it goes bare, the bytes of its body.
     *
     * @param mayChunk whether the client knows chunks
     * @return bytes of the body that were written
     */
    long whole(Response response, Persistence persistence, boolean bare, boolean mayChunk) {
        byte[] body =
                !bare && response.content() instanceof Content.Bytes bytes ? bytes.array() : Content.Bytes.NONE.array();
        if (persistence != Persistence.IMPLIED) {
            head(response, persistence, mayChunk);
        } else {
            Encoded encoded = encoded(response);
            boolean together = !bare && encoded.bytes().length > encoded.headLength();
            write(encoded.bytes(), 0, together ? encoded.bytes().length : encoded.headLength());
            if (together) {
                return body.length;
            }
        }
        if (body.length > 0) {
            write(body, 0, body.length);
        }
        return body.length;
    }

    /**
     * Writes a head that is passed on.
     *
     * @param dated whether it has a date already: a gateway adds one only where there is none (RFC 9110 section 6.6.1)
     * @param length of the body, negative where it is not known
     * @param unframed whether no field says where the body ends: there is none, or its end is the connection's
     */
    void relayed(int status, HeadBytes fields, boolean dated, Persistence persistence, long length, boolean unframed) {
        HeadBytes head = statusLine(status);
        if (!dated) {
            head.text("Date: ").text(dates.at(second())).text("\r\n");
        }
        head.bytes(fields);
        if (!unframed) {
            if (length >= 0) {
                head.text("Content-Length: ").number(length).text("\r\n");
            } else {
                head.text("Transfer-Encoding: chunked\r\n");
            }
        }
        switch (persistence) {
            case IMPLIED -> {}
            case STATED -> head.text("Connection: keep-alive\r\n");
            case CLOSE -> head.text("Connection: close\r\n");
        }
        head.text("\r\n");
        write(head.array(), 0, head.length());
    }

    /** Writes a response of 1xx. */
    void informational(int status, HeadBytes fields) {
        HeadBytes head = statusLine(status).bytes(fields).text("\r\n");
        write(head.array(), 0, head.length());
    }

    private HeadBytes statusLine(int status) {
        HeadBytes head = scratch;
        if (head == null) {
            head = new HeadBytes();
            scratch = head;
        }
        return head.clear()
                .text("HTTP/1.1 ")
                .number(status)
                .text(" ")
                .text(Status.reason(status))
                .text("\r\n");
    }

    /** Writes a head whose body follows. */
    void head(Response response, Persistence persistence, boolean mayChunk) {
        byte[] head = HeadEncoder.encode(response, dates.at(second()), persistence, mayChunk, 0);
        write(head, 0, head.length);
    }

    private Encoded encoded(Response response) {
        long second = second();
        Encoded known = response.encoded();
        if (known != null && known.second() == second) {
            return known;
        }
        byte[] body = response.content() instanceof Content.Bytes bytes && bytes.array().length <= TOGETHER_BYTES
                ? bytes.array()
                : Content.Bytes.NONE.array();
        byte[] bytes = HeadEncoder.encode(response, dates.at(second), Persistence.IMPLIED, true, body.length);
        int headLength = bytes.length - body.length;
        System.arraycopy(body, 0, bytes, headLength, body.length);
        Encoded fresh = new Encoded(second, bytes, headLength);
        response.encoded(fresh);
        return fresh;
    }

    private long second() {
        return Math.floorDiv(connection().currentTimeMillis(), 1000L);
    }
}
