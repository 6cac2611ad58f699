package dev.sluice.http;

import dev.sluice.Files;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request. Strings are made when they are asked for, so that a request that nobody looks at costs nothing.
 *
 * <p>One that a {@link Handler} gets on a connection's loop is lent for the length of the call, and using it later throws
 * {@link IllegalStateException}; every other is the handler's own. Text is as the client sent it, in Latin-1, a byte each
 * char; nothing is decoded.
 */
public final class Request {
    /** Of {@link #deadlineNanos}: there is none. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    private static final byte[] NO_CONTENT = new byte[0];

    private final World world;
    private final RequestHead head;
    private long receivedMillis;
    private long receivedNanos;
    private long deadlineNanos = NO_DEADLINE;
    private boolean valid;
    private byte[] content = NO_CONTENT;
    private @Nullable RequestBody body;
    private @Nullable String target;
    private @Nullable String path;

    Request(World world, RequestHead head) {
        this.world = world;
        this.head = head;
    }

    /** Starts to stand for the request whose head was just parsed. */
    void begin(long nowMillis, long nowNanos) {
        receivedMillis = nowMillis;
        receivedNanos = nowNanos;
        deadlineNanos = NO_DEADLINE;
        valid = true;
    }

    void deadline(long nanos) {
        deadlineNanos = nanos;
    }

    /** Ends a loan. */
    void invalidate() {
        valid = false;
        content = NO_CONTENT;
        body = null;
        target = null;
        path = null;
    }

    /** A request that owns its bytes. */
    Request own() {
        Request own = new Request(world, head.copy(head.length));
        own.begin(receivedMillis, receivedNanos);
        own.deadlineNanos = deadlineNanos;
        own.content = content;
        return own;
    }

    void content(byte[] bytes) {
        content = bytes;
    }

    void body(RequestBody body) {
        this.body = body;
    }

    RequestHead head() {
        return head;
    }

    long receivedNanos() {
        return receivedNanos;
    }

    private RequestHead valid() {
        if (!valid) {
            throw new IllegalStateException("a lent request was used after its handler had returned");
        }
        return head;
    }

    /** The method, such as {@code GET}; case counts. */
    public String method() {
        return valid().method;
    }

    /** The target as sent, such as {@code /a%20b?c=d}. */
    public String target() {
        if (target == null) {
            target = valid().text(head.targetStart, head.targetEnd);
        }
        return target;
    }

    /** The target's path as sent, from its slash to the query. */
    public String path() {
        if (path == null) {
            int end = valid().pathEnd();
            // A URI in absolute form may have no path, which means the root (RFC 9110 section 4.2.3).
            path = end == head.pathStart ? "/" : head.text(head.pathStart, end);
        }
        return path;
    }

    /** What follows the target's first question mark, or null where there is none. */
    public @Nullable String query() {
        int end = valid().pathEnd();
        return end == head.targetEnd ? null : head.text(end + 1, head.targetEnd);
    }

    /** {@code HTTP/1.1} or {@code HTTP/1.0}. */
    public String version() {
        return valid().minorVersion == 1 ? "HTTP/1.1" : "HTTP/1.0";
    }

    /** The authority that the request is for: a target's in absolute form, else the Host field; null for neither. */
    public @Nullable String host() {
        if (valid().authorityEnd > head.authorityStart) {
            return head.text(head.authorityStart, head.authorityEnd);
        }
        return head.host < 0 ? null : head.fieldValue(head.host);
    }

    /** The value of the first field of a name, or null. */
    public @Nullable String header(String name) {
        int index = valid().find(name, 0);
        return index < 0 ? null : head.fieldValue(index);
    }

    /** The values of all fields of a name, in order. */
    public List<String> headers(String name) {
        int index = valid().find(name, 0);
        if (index < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        for (; index >= 0; index = head.find(name, index + 1)) {
            values.add(head.fieldValue(index));
        }
        return Collections.unmodifiableList(values);
    }

    /** All fields. */
    public Headers headers() {
        Headers.Builder all = Headers.builder();
        for (int i = 0; i < valid().fieldCount(); i++) {
            all.add(head.fieldName(i), head.fieldValue(i));
        }
        return all.build();
    }

    /** The request line as sent, without its end; of a malformed request what there is of it. Escape before logging. */
    public String requestLine() {
        return valid().firstLine(world.requestLineBytes());
    }

    /** The body as it arrives; for an {@link AsyncHandler}, and for handlers that {@link HttpService.Builder#blocking} sets. */
    public RequestBody body() {
        valid();
        if (body == null) {
            throw new IllegalStateException("this handler gets the body whole: see content()");
        }
        return body;
    }

    /** The whole body, for a {@link Handler}; empty where there is none. The caller must not change it. */
    public byte[] content() {
        valid();
        return content;
    }

    /** The client's address. */
    public SocketAddress remoteAddress() {
        return world.remoteAddress();
    }

    /** When the head had arrived, in milliseconds since the epoch. */
    public long receivedMillis() {
        return receivedMillis;
    }

    /**
     * When the answer is due, in the connection's {@link dev.sluice.Connection#nanoTime}, which is {@link System#nanoTime}
     * outside of simulations; {@link #NO_DEADLINE} where there is none. It is absolute, so that what is asked of others for
     * this request can inherit it: an answer that comes later is dropped (see {@link HttpLimits#requestTimeout}).
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    boolean isLate(long nowNanos) {
        return deadlineNanos != NO_DEADLINE && deadlineNanos - nowNanos <= 0;
    }

    /** The file system as the connection sees it; from any thread. */
    public Files files() {
        return world.files();
    }

    @Override
    public String toString() {
        return valid ? "Request[" + Chars.quote(requestLine()) + "]" : "Request[over]";
    }
}
