package dev.sluice.lab.load;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads HTTP/1.1 answers to GET, POST and the like. A head that is byte for byte the last one of its kind of request, as a
 * server sends it a second long, costs one comparison.
 *
 * <pre>
 *   HEAD ──▶ LENGTH | CLOSE | CHUNK_SIZE ⇄ CHUNK_DATA ─ CHUNK_END ──(size 0)──▶ TRAILER ──▶ complete
 *     └─ 1xx: HEAD again
 * </pre>
 *
 * <p>Not sluice-http's parser, since the next head is mostly the last one again ({@link HttpHead}): an answer of 130 bytes takes 12 ns
 * so, and 77 ns there, measured; neither allocates. And what measures a server had better not share its idea of HTTP.
 */
final class HttpAnswers implements Answers {
    private enum State {
        HEAD,
        LENGTH,
        CLOSE,
        CHUNK_SIZE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILER
    }

    private static final int MAX_HEAD_BYTES = 64 * 1024;
    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_CHUNK_DIGITS = 15;
    private static final int FIRST_STATUS_OF_ERRORS = 400;

    private final HttpHead[] heads;
    private byte[] head = new byte[256];
    private int headBytes;
    private int lineBytes;
    private State state = State.HEAD;
    private long left;
    private int digits;
    private boolean sizeRead;
    private int status;
    private boolean last;
    private String problem = "";

    HttpAnswers(int kinds) {
        heads = new HttpHead[kinds];
        Arrays.setAll(heads, i -> new HttpHead());
    }

    @Override
    public void reset() {
        state = State.HEAD;
        headBytes = 0;
        lineBytes = 0;
        last = false;
    }

    @Override
    public Outcome read(ByteBuffer input, int kind) {
        while (true) {
            Outcome outcome = switch (state) {
                case HEAD -> readHead(input, heads[kind]);
                case LENGTH -> readLength(input);
                case CLOSE -> skipAll(input);
                case CHUNK_SIZE -> readChunkSize(input);
                case CHUNK_DATA -> readChunkData(input);
                case CHUNK_END -> readChunkEnd(input);
                case TRAILER -> readTrailer(input);
            };
            // MORE with bytes at hand: the state has changed
            if (outcome != Outcome.MORE || !input.hasRemaining()) {
                return outcome;
            }
        }
    }

    private Outcome complete() {
        state = State.HEAD;
        if (status < FIRST_STATUS_OF_ERRORS) {
            return Outcome.COMPLETE;
        }
        problem = "status " + status;
        return Outcome.REFUSED;
    }

    private Outcome broken(String what) {
        problem = what;
        return Outcome.BROKEN;
    }

    // ---- the head

    private Outcome readHead(ByteBuffer input, HttpHead known) {
        int length = known.length();
        if (headBytes == 0 && length > 0 && input.remaining() >= length) {
            reserve(length);
            input.get(input.position(), head, 0, length);
            if (known.is(head, length)) {
                input.position(input.position() + length);
                return body(known);
            }
        }
        while (input.hasRemaining()) {
            byte b = input.get();
            reserve(headBytes + 1);
            head[headBytes++] = b;
            if (b == '\n' && (lineBytes == 0 || lineBytes == 1 && head[headBytes - 2] == '\r')) {
                return wholeHead(known);
            }
            lineBytes = b == '\n' ? 0 : lineBytes + 1;
            if (headBytes == MAX_HEAD_BYTES) {
                return broken("a head of more than " + MAX_HEAD_BYTES + " bytes");
            }
        }
        return Outcome.MORE;
    }

    private void reserve(int count) {
        if (count > head.length) {
            head = Arrays.copyOf(head, Math.max(count, head.length * 2));
        }
    }

    private Outcome wholeHead(HttpHead known) {
        String wrong = known.read(head, headBytes);
        headBytes = 0;
        lineBytes = 0;
        return wrong.isEmpty() ? body(known) : broken(wrong);
    }

    private Outcome body(HttpHead read) {
        status = read.status();
        if (status < 200) {
            return Outcome.MORE; // an interim answer: the real one follows
        }
        last = read.last();
        left = read.bodyBytes();
        if (left == 0) {
            return complete();
        }
        if (left == HttpHead.CHUNKED) {
            beginChunk();
        } else {
            state = left == HttpHead.UNTIL_CLOSE ? State.CLOSE : State.LENGTH;
        }
        return Outcome.MORE;
    }

    // ---- the body

    private Outcome readLength(ByteBuffer input) {
        skip(input);
        return left == 0 ? complete() : Outcome.MORE;
    }

    private void skip(ByteBuffer input) {
        int count = (int) Math.min(left, input.remaining());
        input.position(input.position() + count);
        left -= count;
    }

    private static Outcome skipAll(ByteBuffer input) {
        input.position(input.limit());
        return Outcome.MORE;
    }

    private void beginChunk() {
        state = State.CHUNK_SIZE;
        left = 0;
        digits = 0;
        lineBytes = 0;
        sizeRead = false;
    }

    private Outcome readChunkSize(ByteBuffer input) {
        while (input.hasRemaining()) {
            byte b = input.get();
            int digit = sizeRead ? -1 : Character.digit(b, 16);
            if (digit >= 0) {
                left = left << 4 | digit;
                digits++;
            } else {
                sizeRead = true; // an extension, or the line's end
            }
            if (digits == 0 || digits > MAX_CHUNK_DIGITS || ++lineBytes > MAX_LINE_BYTES) {
                return broken("a bad chunk size");
            }
            if (sizeRead && lineBytes == digits + 1 && b != '\r' && b != '\n' && b != ';' && b != ' ' && b != '\t') {
                return broken("a bad chunk size");
            }
            if (b == '\n') {
                lineBytes = 0;
                headBytes = 0;
                state = left == 0 ? State.TRAILER : State.CHUNK_DATA;
                return Outcome.MORE;
            }
        }
        return Outcome.MORE;
    }

    private Outcome readChunkData(ByteBuffer input) {
        skip(input);
        if (left == 0) {
            state = State.CHUNK_END;
        }
        return Outcome.MORE;
    }

    private Outcome readChunkEnd(ByteBuffer input) {
        byte b = input.get();
        if (b == '\n') {
            beginChunk();
        } else if (b != '\r' || left != 0) {
            return broken("a chunk that is longer than its size");
        } else {
            left = 1; // a CR was seen: only LF may follow
        }
        return Outcome.MORE;
    }

    private Outcome readTrailer(ByteBuffer input) {
        while (input.hasRemaining()) {
            byte b = input.get();
            if (b == '\n') {
                if (lineBytes == 0) {
                    headBytes = 0;
                    return complete();
                }
                lineBytes = 0;
            } else if (b != '\r') {
                lineBytes++;
            }
            if (++headBytes > MAX_HEAD_BYTES) {
                return broken("trailers of more than " + MAX_HEAD_BYTES + " bytes");
            }
        }
        return Outcome.MORE;
    }

    // ---- ends

    @Override
    public Outcome ended() {
        if (state == State.CLOSE) {
            return complete();
        }
        problem = "the answer was cut short";
        return Outcome.BROKEN;
    }

    @Override
    public boolean begun() {
        return state != State.HEAD || headBytes > 0;
    }

    @Override
    public boolean last() {
        return last;
    }

    @Override
    public String problem() {
        return problem;
    }
}
