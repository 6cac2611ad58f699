package dev.sluice.http;

import java.nio.ByteBuffer;

/**
 * Parses header fields, and understands those that decide about framing and persistence: Host, Connection,
 * Content-Length, Transfer-Encoding and Expect.
 */
final class FieldParser {
    /** More digits than this can't be the length of anything, and would overflow. */
    private static final int LENGTH_DIGITS = 18;

    private static final Literal HOST = Literal.of("host");
    private static final Literal EXPECT = Literal.of("expect");
    private static final Literal CONNECTION = Literal.of("connection");
    private static final Literal CONTENT_LENGTH = Literal.of("content-length");
    private static final Literal TRANSFER_ENCODING = Literal.of("transfer-encoding");
    private static final Literal CONTINUE = Literal.of("100-continue");
    private static final Literal CHUNKED = Literal.of("chunked");
    private static final Literal CLOSE = Literal.of("close");
    private static final Literal KEEP_ALIVE = Literal.of("keep-alive");

    private static final String BAD_VALUE = "a control character, or a bare CR or LF, in a field's value";

    private String problem = "";
    private boolean ended;
    private int hosts;
    private boolean lengthSeen;
    private boolean codingSeen;
    private boolean codingUnknown;
    private boolean close;
    private boolean keepAlive;
    private boolean expectsContinue;
    private boolean expectsOther;
    /** Of the first Host field, or -1. */
    private int host;

    void reset() {
        ended = false;
        hosts = 0;
        lengthSeen = false;
        codingSeen = false;
        codingUnknown = false;
        close = false;
        keepAlive = false;
        expectsContinue = false;
        expectsOther = false;
        host = -1;
    }

    String problem() {
        return problem;
    }

    /** Whether the last line was the empty one that ends the header. */
    boolean ended() {
        return ended;
    }

    /** Parses the line at an index; the index behind it, {@link RequestParser#NEED_MORE}, or a negative status. */
    int parse(ByteBuffer in, int start, int at, int limit, MessageHead head) {
        if (at == limit) {
            return HeadParser.NEED_MORE;
        }
        if (in.get(at) == '\r') {
            if (at + 1 == limit) {
                return HeadParser.NEED_MORE;
            }
            ended = true;
            return in.get(at + 1) == '\n' ? at + 2 : refuse("a bare CR");
        }
        int nameEnd = Swar.tokenEnd(in, at, limit);
        if (nameEnd == limit) {
            return HeadParser.NEED_MORE;
        }
        if (in.get(nameEnd) != ':' || nameEnd == at) {
            return refuse(badName(in.get(at), in.get(nameEnd), nameEnd == at));
        }
        int valueStart = nameEnd + 1;
        while (valueStart < limit && isBlank(in.get(valueStart))) {
            valueStart++;
        }
        int lineEnd = Swar.control(in, valueStart, limit);
        if (lineEnd + 1 >= limit) {
            return lineEnd == limit || in.get(lineEnd) == '\r' ? HeadParser.NEED_MORE : refuse(BAD_VALUE);
        }
        if (in.get(lineEnd) != '\r' || in.get(lineEnd + 1) != '\n') {
            return refuse(BAD_VALUE);
        }
        int valueEnd = lineEnd;
        while (valueEnd > valueStart && isBlank(in.get(valueEnd - 1))) {
            valueEnd--;
        }
        head.addField(at - start, nameEnd - start, valueStart - start, valueEnd - start);
        int verdict = framing(in, at, nameEnd, valueStart, valueEnd, head);
        return verdict < 0 ? verdict : lineEnd + 2;
    }

    private static String badName(int first, int end, boolean empty) {
        if (first == ' ' || first == '\t') {
            return "a line that starts with a space: folding is obsolete";
        }
        if (empty && end == ':') {
            return "a field without a name";
        }
        return end == ' ' || end == '\t' ? "a space in front of a field's colon" : "not a field's name";
    }

    private static boolean isBlank(int c) {
        return c == ' ' || c == '\t';
    }

    private int refuse(String why) {
        problem = why;
        return -400;
    }

    private int framing(ByteBuffer in, int name, int nameEnd, int value, int valueEnd, MessageHead head) {
        switch (nameEnd - name) {
            case 4 -> {
                if (HOST.is(in, name)) {
                    return host(in, value, valueEnd, head);
                }
            }
            case 6 -> {
                if (EXPECT.is(in, name)) {
                    boolean known = CONTINUE.is(in, value, valueEnd);
                    expectsContinue |= known;
                    expectsOther |= !known;
                }
            }
            case 10 -> {
                if (CONNECTION.is(in, name)) {
                    connection(in, value, valueEnd);
                }
            }
            case 14 -> {
                if (CONTENT_LENGTH.is(in, name)) {
                    return length(in, value, valueEnd, head);
                }
            }
            case 17 -> {
                if (TRANSFER_ENCODING.is(in, name)) {
                    return coding(in, value, valueEnd);
                }
            }
            default -> {}
        }
        return HeadParser.DONE;
    }

    private int host(ByteBuffer in, int value, int valueEnd, MessageHead head) {
        if (!(head instanceof RequestHead)) {
            return HeadParser.DONE; // it means nothing in a response
        }
        if (++hosts > 1) {
            return refuse("more than one Host");
        }
        host = head.fieldCount() - 1;
        return Targets.isAuthority(in, value, valueEnd) ? HeadParser.DONE : refuse("a malformed Host");
    }

    private int length(ByteBuffer in, int value, int valueEnd, MessageHead head) {
        if (lengthSeen) {
            return refuse("more than one Content-Length");
        }
        lengthSeen = true;
        if (value == valueEnd || valueEnd - value > LENGTH_DIGITS) {
            return refuse("a malformed Content-Length");
        }
        long length = 0;
        for (int i = value; i < valueEnd; i++) {
            int digit = in.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return refuse("a malformed Content-Length");
            }
            length = length * 10 + digit;
        }
        head.contentLength = length;
        return HeadParser.DONE;
    }

    private int coding(ByteBuffer in, int value, int valueEnd) {
        if (codingSeen) {
            return refuse("more than one Transfer-Encoding");
        }
        codingSeen = true;
        int chunked = valueEnd - CHUNKED.length();
        if (chunked < value || !CHUNKED.is(in, chunked)) {
            return refuse("a Transfer-Encoding that does not end in chunked");
        }
        if (chunked > value) {
            int before = chunked;
            while (before > value && isBlank(in.get(before - 1))) {
                before--;
            }
            if (in.get(before - 1) != ',') {
                return refuse("a malformed Transfer-Encoding");
            }
            codingUnknown = true;
        }
        return HeadParser.DONE;
    }

    private void connection(ByteBuffer in, int value, int valueEnd) {
        int at = value;
        while (at < valueEnd) {
            int end = Swar.tokenEnd(in, at, valueEnd); // an option is a token; one that is none is passed over whole
            while (end < valueEnd && in.get(end) != ',' && !isBlank(in.get(end))) {
                end++;
            }
            close |= CLOSE.is(in, at, end);
            keepAlive |= KEEP_ALIVE.is(in, at, end);
            at = end + 1;
        }
    }

    /** Weighs what all the fields of a request say together; {@link RequestParser#DONE} or a negative status. */
    int conclude(RequestHead head) {
        boolean old = head.minorVersion == 0;
        // RFC 9110 section 10.1.1: an expectation in an HTTP/1.0 request is ignored.
        head.expectsContinue = expectsContinue && !old;
        head.expectsOther = expectsOther && !old;
        head.host = host;
        if (hosts == 0 && !old) {
            persistence(head);
            return refuse("no Host");
        }
        return weigh(head);
    }

    /** The same of a response, whose body ends with the connection where no field says otherwise. */
    int conclude(ResponseHead head) {
        if (!lengthSeen && !codingSeen) {
            head.contentLength = ResponseHead.UNTIL_CLOSE;
        }
        return weigh(head);
    }

    private void persistence(MessageHead head) {
        head.keepAlive = !close && (head.minorVersion == 1 || keepAlive);
    }

    private int weigh(MessageHead head) {
        persistence(head);
        if (!codingSeen) {
            return HeadParser.DONE;
        }
        if (lengthSeen) {
            return refuse("both Content-Length and Transfer-Encoding");
        }
        if (head.minorVersion == 0) {
            return refuse("Transfer-Encoding in HTTP/1.0");
        }
        if (codingUnknown) {
            problem = "a transfer coding other than chunked";
            return -501;
        }
        head.contentLength = MessageHead.CHUNKED;
        return HeadParser.DONE;
    }
}
