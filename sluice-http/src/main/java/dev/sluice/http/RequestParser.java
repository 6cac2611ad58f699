package dev.sluice.http;

import java.nio.ByteBuffer;

/** Parses the head of a request, for a server. */
final class RequestParser extends HeadParser<RequestHead> {
    /** The longest method that is looked at; none that is registered comes near. */
    private static final int METHOD_LIMIT = 32;

    /** {@code GET} and a space, the first byte lowest. */
    private static final int GET = 0x20544547;

    /** {@code HTTP/1.1}, the first byte lowest. */
    private static final long VERSION_1_1 = 0x312E312F50545448L;

    private static final int VERSION_BYTES = 8;

    private static final long VERSION_1_0 = 0x302E312F50545448L;

    private boolean emptyLineSkipped;

    RequestParser(HttpLimits limits) {
        super(limits, new FieldParser());
    }

    /** Whether it remembers nothing of the bytes that it has seen, so that it can go on with those of another connection. */
    boolean isFresh() {
        return !begun() && !emptyLineSkipped;
    }

    /** RFC 9112 section 2.2 has a server ignore an empty line in front of a request; one is enough. */
    @Override
    int skip(ByteBuffer in, int limit) {
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

    @Override
    void done() {
        emptyLineSkipped = false;
    }

    @Override
    int startBytes() {
        return METHOD_LIMIT;
    }

    @Override
    int startLineTooLong() {
        return refuse(414, "the request line is too long");
    }

    @Override
    int conclude(RequestHead head) {
        return fields.conclude(head);
    }

    @Override
    int startLine(ByteBuffer in, int start, int limit, RequestHead head) {
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
        if (limit - start >= Long.BYTES && (int) Swar.word(in, start) == GET) {
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
