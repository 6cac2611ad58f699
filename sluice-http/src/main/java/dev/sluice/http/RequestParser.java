package dev.sluice.http;

import java.nio.ByteBuffer;

/**
 * Parses a request's head where it lies, strictly by RFC 9112: what a lenient recipient might read in two ways is refused,
 * since requests are smuggled through such differences. Allocates nothing.
 *
 * <p>A head that has not arrived whole stays unread in the buffer and is offered again with more behind it. Lines that are
 * complete are not read again; of the incomplete one only what is new is searched for its end, so that a head that comes
 * one byte at a time costs no more than a constant times its length.
 */
final class RequestParser {
    /** The head has not arrived whole. */
    static final int NEED_MORE = 0;
    /** The head is parsed and consumed. */
    static final int DONE = 1;

    /** The longest method that is looked at; none that is registered comes near. */
    private static final int METHOD_LIMIT = 32;

    /** {@code HTTP/1.1}, the first byte lowest. */
    private static final long VERSION_1_1 = 0x312E312F50545448L;

    private static final int VERSION_BYTES = 8;

    private static final long VERSION_1_0 = 0x302E312F50545448L;

    private final HttpLimits limits;
    private final FieldParser fields;
    private String problem = "";

    /** Whether any byte of a head has been seen. */
    private boolean begun;

    private boolean emptyLineSkipped;
    private boolean lineParsed;
    /** Where the line that is to be parsed next starts, from the head's start. */
    private int lineStart;
    /** How far that line was searched for its end in vain; not behind lineStart where it was never tried. */
    private int searched;

    private int fieldsStart;

    RequestParser(HttpLimits limits) {
        this.limits = limits;
        this.fields = new FieldParser();
    }

    /** Whether a head has begun to arrive and is not done. */
    boolean begun() {
        return begun;
    }

    /** Whether it remembers nothing of the bytes that it has seen, so that it can go on with those of another connection. */
    boolean isFresh() {
        return !begun && !emptyLineSkipped;
    }

    /** Why the head was refused. */
    String problem() {
        return problem;
    }

    /**
     * Parses a head.
     *
     * @param in its position is at the head's start, and is moved behind the head where it is complete, otherwise only
     *     over an empty line in front
     * @return {@link #DONE}, {@link #NEED_MORE}, or the negative status that the request is to be answered with
     */
    int parse(ByteBuffer in, RequestHead head) {
        int limit = in.limit();
        if (!begun) {
            int skipped = skipEmptyLine(in, limit);
            if (skipped <= 0) {
                return skipped;
            }
            begun = true;
            lineParsed = false;
            lineStart = 0;
            searched = 0;
            fields.reset();
            head.reset(in, in.position());
        } else {
            head.moved(in, in.position());
        }
        int result = lines(in, in.position(), limit, head);
        if (result == DONE) {
            begun = false;
            emptyLineSkipped = false;
            in.position(in.position() + head.length);
        } else {
            head.length = limit - in.position();
        }
        return result;
    }

    /** RFC 9112 section 2.2 has a server ignore an empty line in front of a request; one is enough. */
    private int skipEmptyLine(ByteBuffer in, int limit) {
        int at = in.position();
        if (at == limit) {
            return NEED_MORE;
        }
        if (emptyLineSkipped || in.get(at) != '\r') {
            return DONE;
        }
        if (at + 1 == limit) {
            return NEED_MORE;
        }
        if (in.get(at + 1) != '\n') {
            return refuse(400, "a bare CR in front of the request");
        }
        emptyLineSkipped = true;
        in.position(at + 2);
        return at + 2 == limit ? NEED_MORE : DONE;
    }

    private int lines(ByteBuffer in, int start, int limit, RequestHead head) {
        if (searched > lineStart && !endInSight(in, start, limit)) {
            return incomplete(limit - start);
        }
        if (!lineParsed) {
            int next = requestLine(in, start, limit, head);
            if (next <= 0) {
                return next < 0 ? next : suspend(0, limit - start);
            }
            if (next - start > limits.requestLineBytes()) {
                return refuse(414, "the request line is too long");
            }
            lineParsed = true;
            lineStart = next - start;
            fieldsStart = lineStart;
        }
        int at = start + lineStart;
        int end = start + fieldsStart + limits.headerBytes();
        while (true) {
            int next = fields.parse(in, start, at, limit, head);
            if (next <= 0) {
                if (next == NEED_MORE) {
                    return suspend(at - start, limit - start);
                }
                return refuse(-next, fields.problem());
            }
            if (next > end) {
                return refuse(431, "the header is too large");
            }
            if (fields.ended()) {
                return complete(head, next - start);
            }
            if (head.fieldCount() > limits.headerCount()) {
                return refuse(431, "too many header fields");
            }
            at = next;
        }
    }

    private int complete(RequestHead head, int length) {
        head.length = length;
        int verdict = fields.conclude(head);
        return verdict == DONE ? DONE : refuse(-verdict, fields.problem());
    }

    /** Whether the line that was incomplete now shows its end, or something that no line may hold. */
    private boolean endInSight(ByteBuffer in, int start, int limit) {
        int hit = Swar.control(in, start + searched, limit);
        if (hit == limit || in.get(hit) == '\r' && hit + 1 == limit) {
            searched = hit - start;
            return false;
        }
        return true;
    }

    private int suspend(int line, int available) {
        lineStart = line;
        // A CR at the very end is looked at again together with what follows it; and the request's first bytes are,
        // until
        // they are enough to be no method.
        boolean methodMayEnd = lineParsed || available > METHOD_LIMIT;
        searched = methodMayEnd ? Math.max(line, available - 1) : line;
        return incomplete(available);
    }

    private int incomplete(int available) {
        if (!lineParsed) {
            return available > limits.requestLineBytes() ? refuse(414, "the request line is too long") : NEED_MORE;
        }
        return available - fieldsStart > limits.headerBytes() ? refuse(431, "the header is too large") : NEED_MORE;
    }

    private int refuse(int status, String why) {
        problem = why;
        return -status;
    }

    /** Parses the request line; the index behind it, {@link #NEED_MORE}, or a negative status. */
    private int requestLine(ByteBuffer in, int start, int limit, RequestHead head) {
        int methodEnd = method(in, start, limit, head);
        if (methodEnd <= 0) {
            return methodEnd;
        }
        int targetStart = methodEnd + 1;
        int targetEnd = Swar.targetEnd(in, targetStart, limit);
        if (targetEnd == limit) {
            return NEED_MORE;
        }
        if (in.get(targetEnd) != ' ') {
            return refuse(400, "the target holds what no target may hold, or there is no version");
        }
        if (targetEnd == targetStart) {
            return refuse(400, "more than one space in the request line");
        }
        head.targetStart = targetStart - start;
        head.targetEnd = targetEnd - start;
        int next = version(in, targetEnd + 1, limit, head);
        if (next <= 0) {
            return next;
        }
        if (in.get(targetStart) == '/') {
            head.pathStart = head.targetStart;
            return head.method.equals("CONNECT") ? refuse(400, "CONNECT without an authority") : next;
        }
        String wrong = Targets.otherForm(in, start, head);
        return wrong == null ? next : refuse(400, wrong);
    }

    private int method(ByteBuffer in, int start, int limit, RequestHead head) {
        if (limit - start >= 4
                && in.get(start) == 'G'
                && in.get(start + 1) == 'E'
                && in.get(start + 2) == 'T'
                && in.get(start + 3) == ' ') {
            head.method = "GET";
            head.implemented = true;
            return start + 3;
        }
        int end = Swar.tokenEnd(in, start, Math.min(limit, start + METHOD_LIMIT + 1));
        if (end - start > METHOD_LIMIT) {
            return refuse(400, "the method is too long");
        }
        if (end == limit) {
            return NEED_MORE;
        }
        if (end == start || in.get(end) != ' ') {
            return refuse(400, "not a method");
        }
        head.method = Methods.of(in, start, end);
        head.implemented = Methods.isImplemented(head.method);
        return end;
    }

    private int version(ByteBuffer in, int at, int limit, RequestHead head) {
        if (limit - at >= 10) {
            long word = Swar.word(in, at);
            if ((word == VERSION_1_1 || word == VERSION_1_0) && in.get(at + 8) == '\r' && in.get(at + 9) == '\n') {
                head.minorVersion = word == VERSION_1_1 ? 1 : 0;
                return at + 10;
            }
        }
        String form = "HTTP/d.d\r\n";
        for (int i = 0; i < form.length(); i++) {
            if (at + i == limit) {
                return NEED_MORE;
            }
            int c = in.get(at + i);
            boolean matches = form.charAt(i) == 'd' ? c >= '0' && c <= '9' : c == form.charAt(i);
            if (!matches) {
                return refuse(400, "not a version of HTTP, or more behind it");
            }
            if (i == VERSION_BYTES - 1 && !isSpoken(in, at)) {
                return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
            }
        }
        head.minorVersion = in.get(at + VERSION_BYTES - 1) - '0';
        return at + form.length();
    }

    private static boolean isSpoken(ByteBuffer in, int version) {
        int minor = in.get(version + VERSION_BYTES - 1);
        return in.get(version + VERSION_BYTES - 3) == '1' && (minor == '0' || minor == '1');
    }
}
