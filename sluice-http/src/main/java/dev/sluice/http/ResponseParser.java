package dev.sluice.http;

import java.nio.ByteBuffer;

/**
 * Parses the head of a response, for a client. Its problems have no status that anybody is answered with: a gateway says 502
 * whatever it was (RFC 9110 section 15.6.3).
 */
final class ResponseParser extends HeadParser<ResponseHead> {
    private static final int REFUSED = 502;
    /** {@code HTTP/1.}, the first byte lowest, and a mask that leaves the minor version out. */
    private static final long VERSION_1 = 0x002E312F50545448L;

    private static final long BUT_MINOR = 0x00FFFFFFFFFFFFFFL;
    private static final int VERSION_BYTES = 8;
    private static final int STATUS_END = VERSION_BYTES + 4;

    /** Whether the request was HEAD, whose response's length is that of a body that doesn't come. */
    private boolean toHead;

    ResponseParser(HttpLimits limits) {
        super(limits, new FieldParser());
    }

    /** The response that comes next answers a request of this kind. */
    void expect(boolean head) {
        toHead = head;
    }

    @Override
    int skip(ByteBuffer in, int limit) {
        return in.position() == limit ? NEED_MORE : DONE;
    }

    @Override
    int startBytes() {
        return STATUS_END;
    }

    @Override
    int startLineTooLong() {
        return refuse(REFUSED, "the status line is too long");
    }

    @Override
    int startLine(ByteBuffer in, int start, int limit, ResponseHead head) {
        int version = version(in, start, limit);
        if (version <= 0) {
            return version;
        }
        if (limit - start <= STATUS_END) {
            return NEED_MORE;
        }
        head.minorVersion = in.get(start + VERSION_BYTES - 1) - '0';
        if (in.get(start + VERSION_BYTES) != ' ') {
            return refuse(REFUSED, "no space behind the version");
        }
        int status = 0;
        for (int i = start + VERSION_BYTES + 1; i < start + STATUS_END; i++) {
            int digit = in.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return refuse(REFUSED, "a status of other than three digits");
            }
            status = status * 10 + digit;
        }
        if (status < 100) {
            return refuse(REFUSED, "a status below 100");
        }
        head.status = status;
        return reason(in, start + STATUS_END, limit);
    }

    private int version(ByteBuffer in, int start, int limit) {
        if (limit - start >= VERSION_BYTES) {
            int minor = in.get(start + VERSION_BYTES - 1);
            boolean known = (Swar.word(in, start) & BUT_MINOR) == VERSION_1 && (minor == '0' || minor == '1');
            return known ? DONE : refuse(REFUSED, "not a response of HTTP/1.1 or HTTP/1.0");
        }
        for (int i = 0; i < limit - start; i++) {
            if (in.get(start + i) != "HTTP/1.".charAt(i)) {
                return refuse(REFUSED, "not a response of HTTP");
            }
        }
        return NEED_MORE;
    }

    /** The phrase is for people, and may be left out together with the space in front of it, as many servers do. */
    private int reason(ByteBuffer in, int at, int limit) {
        int next = in.get(at);
        if (next != ' ' && next != '\r') {
            return refuse(REFUSED, "a status of other than three digits");
        }
        int end = Swar.control(in, at, limit);
        if (end == limit || end + 1 == limit && in.get(end) == '\r') {
            return NEED_MORE;
        }
        if (in.get(end) != '\r' || in.get(end + 1) != '\n') {
            return refuse(REFUSED, "a control character, or a bare CR or LF, in the status line");
        }
        return end + 2;
    }

    /** RFC 9112 section 6.3. */
    @Override
    int conclude(ResponseHead head) {
        int verdict = fields.conclude(head);
        if (verdict != DONE) {
            return verdict;
        }
        if (head.isInformational() || Status.isBodiless(head.status) || toHead) {
            head.contentLength = MessageHead.NO_BODY;
        } else if (head.contentLength == ResponseHead.UNTIL_CLOSE) {
            head.keepAlive = false;
        }
        return DONE;
    }
}
