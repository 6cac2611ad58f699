package dev.sluice.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A chunked body (RFC 9112 section 7.1), strictly: hexadecimal digits, CR LF, and extensions and trailers by their
 * grammar, both bounded; extensions are dropped, and a trailer never becomes a header field.
 *
 * <pre>
 *   SIZE ─▶ (extension) ─▶ SIZE_LF ─▶ DATA ─▶ DATA_CR ─▶ DATA_LF ─▶ SIZE
 *                              └─ 0 ─▶ TRAILER ─▶ NAME ─▶ VALUE ─▶ VALUE_LF ─▶ TRAILER
 *                                         └─ CR ─▶ END_LF ─▶ ENDED
 * </pre>
 */
final class ChunkDecoder implements BodyDecoder {
    private enum State {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER,
        NAME,
        VALUE,
        VALUE_LF,
        END_LF,
        ENDED
    }

    /** A length of 60 bits is beyond every limit, and can't overflow. */
    private static final int SIZE_DIGITS = 15;

    /** So many full extensions are borne, whatever the body's size; more must be carried by as many bytes of data. */
    private static final int EXTENSIONS_BORNE = 64;

    private final HttpLimits limits;
    private final ChunkExtension extension = new ChunkExtension();
    private State state = State.SIZE;
    private long chunk;
    private int digits;
    private long total;
    private int extensionBytes;
    private long extensionTotal;
    private int trailerBytes;
    private int trailerCount;
    private String problem = "";
    private @Nullable HeadBytes trailers;

    ChunkDecoder(HttpLimits limits) {
        this.limits = limits;
    }

    @Override
    public String problem() {
        return problem;
    }

    /** The trailers' lines, once the body is over; null for none. */
    @Nullable
    HeadBytes trailers() {
        return trailers;
    }

    @Override
    public void consumed(int count) {
        chunk -= count;
        if (chunk == 0) {
            state = State.DATA_CR;
        }
    }

    @Override
    public int available(ByteBuffer in) {
        while (state != State.ENDED) {
            if (state == State.DATA) {
                int there = (int) Math.min(chunk, in.remaining());
                return there == 0 ? NEED_MORE : there;
            }
            if (!in.hasRemaining()) {
                return NEED_MORE;
            }
            int verdict = step(in.get() & 0xFF);
            if (verdict < 0) {
                return verdict;
            }
        }
        return END;
    }

    /** Takes one byte of framing; 0 or a negative status. */
    private int step(int c) {
        switch (state) {
            case SIZE:
                return size(c);
            case EXTENSION:
                return extension(c);
            case SIZE_LF:
                return sizeEnd(c);
            case DATA_CR:
                return expect(c, '\r', State.DATA_LF, "a chunk is longer than it says");
            case DATA_LF:
                digits = 0;
                return expect(c, '\n', State.SIZE, "a bare CR behind a chunk");
            case END_LF:
                return expect(c, '\n', State.ENDED, "a bare CR behind the last chunk");
            default:
                return trailer(c);
        }
    }

    private int expect(int c, char wanted, State next, String otherwise) {
        if (c != wanted) {
            return refuse(400, otherwise);
        }
        state = next;
        return 0;
    }

    private int size(int c) {
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        if (digit >= 0) {
            if (++digits > SIZE_DIGITS) {
                return refuse(400, "a chunk's size is out of range");
            }
            chunk = (digits == 1 ? 0 : chunk << 4) | digit;
            return 0;
        }
        if (digits == 0) {
            return refuse(400, "not a chunk's size");
        }
        if (c == '\r') {
            state = State.SIZE_LF;
            return 0;
        }
        if (c != ';' && c != ' ' && c != '\t') {
            return refuse(400, "not a chunk's size");
        }
        state = State.EXTENSION;
        extensionBytes = 0;
        extension.begin();
        return extension(c);
    }

    private int extension(int c) {
        if (c == '\r') {
            if (!extension.mayEnd()) {
                return refuse(400, "a malformed chunk extension");
            }
            extensionTotal += extensionBytes;
            long borne = (long) limits.chunkExtensionBytes() * EXTENSIONS_BORNE + total;
            state = State.SIZE_LF;
            return extensionTotal > borne ? refuse(400, "too many bytes of chunk extensions") : 0;
        }
        if (++extensionBytes > limits.chunkExtensionBytes()) {
            return refuse(400, "a chunk extension is too long");
        }
        return extension.take(c) ? 0 : refuse(400, "a malformed chunk extension");
    }

    private int sizeEnd(int c) {
        if (c != '\n') {
            return refuse(400, "a bare CR behind a chunk's size");
        }
        total += chunk;
        if (total > limits.bodyBytes()) {
            return refuse(413, "the body is too large");
        }
        state = chunk == 0 ? State.TRAILER : State.DATA;
        return 0;
    }

    private int trailer(int c) {
        if (++trailerBytes > limits.headerBytes()) {
            return refuse(431, "the trailers are too large");
        }
        switch (state) {
            case TRAILER:
                if (c == '\r') {
                    state = State.END_LF;
                    return 0;
                }
                if (++trailerCount > limits.headerCount()) {
                    return refuse(431, "too many trailers");
                }
                state = State.NAME;
                keepTrailer(c);
                return Chars.TOKEN[c] ? 0 : refuse(400, "not a trailer's name");
            case NAME:
                keepTrailer(c);
                if (c == ':') {
                    state = State.VALUE;
                    return 0;
                }
                return Chars.TOKEN[c] ? 0 : refuse(400, "not a trailer's name");
            case VALUE:
                keepTrailer(c);
                if (c == '\r') {
                    state = State.VALUE_LF;
                    return 0;
                }
                return c < ' ' && c != '\t' || c == 0x7F ? refuse(400, "a control character in a trailer") : 0;
            default:
                keepTrailer(c);
                return expect(c, '\n', State.TRAILER, "a bare CR in a trailer");
        }
    }

    private void keepTrailer(int c) {
        HeadBytes kept = trailers;
        if (kept == null) {
            kept = new HeadBytes();
            trailers = kept;
        }
        kept.add(c);
    }

    private int refuse(int status, String why) {
        problem = why;
        return -status;
    }
}
