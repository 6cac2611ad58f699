package dev.sluice.http;

import java.nio.ByteBuffer;

/**
 * Parses a message's head where it lies, strictly by RFC 9112: what a lenient recipient might read in two ways is refused,
 * since messages are smuggled through such differences. Allocates nothing.
 *
 * <p>A head that has not arrived whole stays unread in the buffer and is offered again with more behind it. Lines that are
 * complete are not read again; of the incomplete one only what is new is searched for its end, so that a head that comes
 * one byte at a time costs no more than a constant times its length.
 *
 * @param <H> the head of a request, or of a response
 */
abstract sealed class HeadParser<H extends MessageHead> permits RequestParser, ResponseParser {
    /** The head has not arrived whole. */
    static final int NEED_MORE = 0;
    /** The head is parsed and consumed. */
    static final int DONE = 1;

    final HttpLimits limits;
    final FieldParser fields;
    private String problem = "";

    /** Whether any byte of a head has been seen. */
    private boolean begun;

    private boolean lineParsed;
    /** Where the line that is to be parsed next starts, from the head's start. */
    private int lineStart;
    /** How far that line was searched for its end in vain; not behind lineStart where it was never tried. */
    private int searched;

    private int fieldsStart;

    HeadParser(HttpLimits limits, FieldParser fields) {
        this.limits = limits;
        this.fields = fields;
    }

    /** Whether a head has begun to arrive and is not done. */
    final boolean begun() {
        return begun;
    }

    /** Why the head was refused. */
    final String problem() {
        return problem;
    }

    /** What may stand in front of a head: {@link #DONE} where the head starts, {@link #NEED_MORE}, or a negative status. */
    abstract int skip(ByteBuffer in, int limit);

    /** Parses the first line; the index behind it, {@link #NEED_MORE}, or a negative status. */
    abstract int startLine(ByteBuffer in, int start, int limit, H head);

    /** So many bytes of the first line are looked at again when more has come, since they may show that it is none. */
    abstract int startBytes();

    /** The first line is longer than it may be: a negative status. */
    abstract int startLineTooLong();

    /** Weighs what the fields say together; {@link #DONE} or a negative status. */
    abstract int conclude(H head);

    /**
     * Parses a head.
     *
     * @param in its position is at the head's start, and is moved behind the head where it is complete, otherwise only
     *     over what {@link #skip} skips
     * @return {@link #DONE}, {@link #NEED_MORE}, or a negative status: what a server answers the request with
     */
    final int parse(ByteBuffer in, H head) {
        int limit = in.limit();
        if (!begun) {
            int skipped = skip(in, limit);
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
            done();
            in.position(in.position() + head.length);
        } else {
            head.length = limit - in.position();
        }
        return result;
    }

    /** A head is parsed; the next one may come. */
    void done() {}

    private int lines(ByteBuffer in, int start, int limit, H head) {
        if (searched > lineStart && !endInSight(in, start, limit)) {
            return incomplete(limit - start);
        }
        if (!lineParsed) {
            int next = startLine(in, start, limit, head);
            if (next <= 0) {
                return next < 0 ? next : suspend(0, limit - start);
            }
            if (next - start > limits.requestLineBytes()) {
                return startLineTooLong();
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
                head.length = next - start;
                int verdict = conclude(head);
                return verdict == DONE ? DONE : refuse(-verdict, fields.problem());
            }
            if (head.fieldCount() > limits.headerCount()) {
                return refuse(431, "too many header fields");
            }
            at = next;
        }
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
        // A CR at the very end is looked at again together with what follows it; and the first line's first bytes are,
        // until they are enough to be none.
        boolean startMayShow = lineParsed || available > startBytes();
        searched = startMayShow ? Math.max(line, available - 1) : line;
        return incomplete(available);
    }

    private int incomplete(int available) {
        if (!lineParsed) {
            return available > limits.requestLineBytes() ? startLineTooLong() : NEED_MORE;
        }
        return available - fieldsStart > limits.headerBytes() ? refuse(431, "the header is too large") : NEED_MORE;
    }

    final int refuse(int status, String why) {
        problem = why;
        return -status;
    }
}
