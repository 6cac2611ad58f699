package dev.sluice.sim.scenes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers from bytes that come in pieces, and takes nothing for an answer that RFC 9112 doesn't: what a lenient client
 * would forgive is a fault here.
 */
final class HttpReader {
    /** What came is no answer. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String what) {
            super(what);
        }
    }

    private static final int HEAD_MOST = 8 * 1024;
    private static final int SIZE_LINE_MOST = 18;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 ([1-5][0-9]{2}) [\\x20-\\x7e]*");
    private static final Pattern FIELD =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?)?");
    private static final Pattern DATE =
            Pattern.compile("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");

    private enum State {
        HEAD,
        LENGTH,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS,
        UNTIL_END
    }

    private final IntPredicate goesBare;
    private final Consumer<HttpAnswer> whole;
    private byte[] bytes = new byte[1024];
    private int count;
    private int read;
    private State state = State.HEAD;

    private int status;
    private boolean closing;
    private boolean chunked;
    private boolean dated;
    private long length;
    private Map<String, String> others = new HashMap<>();
    private long remaining;
    private byte[] body = new byte[0];
    private int bodyCount;

    /**
     * A reader.
     *
     * @param goesBare whether the next answer, of that status, has no body because it is to a HEAD request
     * @param whole is given each answer
     */
    HttpReader(IntPredicate goesBare, Consumer<HttpAnswer> whole) {
        this.goesBare = goesBare;
        this.whole = whole;
    }

    /** Takes what came. */
    void receive(byte[] more) throws Malformed {
        if (count + more.length > bytes.length) {
            System.arraycopy(bytes, read, bytes, 0, count - read);
            count -= read;
            read = 0;
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length, 2 * (count + more.length)));
        }
        System.arraycopy(more, 0, bytes, count, more.length);
        count += more.length;
        boolean moved;
        do {
            moved = advance();
        } while (moved);
    }

    /** Nothing more comes: whether that is a good place to end. */
    boolean ended() throws Malformed {
        if (state == State.UNTIL_END) {
            done();
        }
        return isBetweenAnswers();
    }

    boolean isBetweenAnswers() {
        return state == State.HEAD && read == count;
    }

    private boolean advance() throws Malformed {
        return switch (state) {
            case HEAD -> head();
            case LENGTH -> {
                take();
                yield remaining == 0 && done();
            }
            case CHUNK -> {
                take();
                yield remaining == 0 && become(State.CHUNK_END);
            }
            case CHUNK_SIZE -> chunkSize();
            case CHUNK_END -> {
                String line = line(0, "a chunk that is longer than it says");
                yield line != null && become(State.CHUNK_SIZE);
            }
            case TRAILERS -> {
                String line = line(0, "a trailer that nobody sent");
                yield line != null && done();
            }
            case UNTIL_END -> {
                remaining = Long.MAX_VALUE;
                take();
                yield false;
            }
        };
    }

    private boolean become(State next) {
        state = next;
        return true;
    }

    /** The next line without its end, or null where it isn't there yet. */
    private @Nullable String line(int most, String tooLong) throws Malformed {
        for (int i = read; i < count; i++) {
            if (bytes[i] == '\n') {
                if (i == read || bytes[i - 1] != '\r') {
                    throw new Malformed("a line that ends without a CR");
                }
                String line = new String(bytes, read, i - 1 - read, StandardCharsets.ISO_8859_1);
                read = i + 1;
                if (line.length() > most) {
                    throw new Malformed(tooLong);
                }
                return line;
            }
        }
        if (count - read > most + 1) {
            throw new Malformed(tooLong);
        }
        return null;
    }

    private boolean head() throws Malformed {
        int end = headEnd();
        if (end < 0) {
            if (count - read > HEAD_MOST) {
                throw new Malformed("a head without an end");
            }
            return false;
        }
        String[] lines = new String(bytes, read, end - read, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        read = end + 4;
        Matcher first = STATUS_LINE.matcher(lines[0]);
        if (!first.matches()) {
            throw new Malformed("a status line that is none: " + lines[0]);
        }
        status = Integer.parseInt(first.group(1));
        closing = false;
        chunked = false;
        dated = false;
        length = -1;
        others = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            field(lines[i]);
        }
        return framed();
    }

    private int headEnd() {
        for (int i = read; i + 3 < count; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private void field(String line) throws Malformed {
        Matcher field = FIELD.matcher(line);
        if (!field.matches()) {
            throw new Malformed("a header field that is none: " + line);
        }
        String value = field.group(2) == null ? "" : field.group(2);
        String name = field.group(1).toLowerCase(Locale.ROOT);
        switch (name) {
            case "content-length" -> {
                require(length < 0 && value.matches("0|[1-9][0-9]{0,8}"), line);
                length = Long.parseLong(value);
            }
            case "transfer-encoding" -> {
                require(!chunked && value.equals("chunked"), line);
                chunked = true;
            }
            case "connection" -> {
                require(value.equals("close") || value.equals("keep-alive"), line);
                closing = value.equals("close");
            }
            case "date" -> {
                require(!dated && DATE.matcher(value).matches(), line);
                dated = true;
            }
            default -> others.merge(name, value, (one, another) -> one + ", " + another);
        }
    }

    private static void require(boolean good, String line) throws Malformed {
        if (!good) {
            throw new Malformed("a header field that can't stand there: " + line);
        }
    }

    /** The head is read: what follows it (RFC 9112, section 6.3). */
    private boolean framed() throws Malformed {
        boolean interim = status == HttpAnswer.CONTINUE;
        boolean bare = interim || status == 204 || status == 304;
        if (bare ? length >= 0 || chunked : length >= 0 && chunked) {
            throw new Malformed("an answer of status " + status + " with a length that it must not have");
        }
        if (dated == interim) {
            throw new Malformed(interim ? "an interim answer with a date" : "an answer without a date");
        }
        bodyCount = 0;
        if (bare || goesBare.test(status)) {
            return done();
        }
        if (chunked) {
            return become(State.CHUNK_SIZE);
        }
        if (length < 0) {
            if (!closing) {
                throw new Malformed("an answer whose body has no end");
            }
            return become(State.UNTIL_END);
        }
        remaining = length;
        return become(State.LENGTH);
    }

    private boolean chunkSize() throws Malformed {
        String line = line(SIZE_LINE_MOST, "a chunk's size that is too long");
        if (line == null) {
            return false;
        }
        if (!line.matches("0|[1-9a-fA-F][0-9a-fA-F]{0,7}")) {
            throw new Malformed("a chunk's size that is none: " + line);
        }
        remaining = Long.parseLong(line, 16);
        return become(remaining == 0 ? State.TRAILERS : State.CHUNK);
    }

    private void take() {
        int some = (int) Math.min(remaining, count - read);
        if (bodyCount + some > body.length) {
            body = Arrays.copyOf(body, 2 * (bodyCount + some));
        }
        System.arraycopy(bytes, read, body, bodyCount, some);
        bodyCount += some;
        read += some;
        remaining -= some;
    }

    private boolean done() {
        state = State.HEAD;
        String text = new String(body, 0, bodyCount, StandardCharsets.ISO_8859_1);
        whole.accept(new HttpAnswer(status, text, closing, length, others));
        return true;
    }
}
