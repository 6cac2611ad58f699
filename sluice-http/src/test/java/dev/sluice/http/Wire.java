package dev.sluice.http;

import dev.sluice.Files;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Feeds the parser and the body decoders as a session does, in pieces, and records what they find. */
final class Wire {
    /** A request as it was found. */
    static final class Message {
        String method = "";
        String target = "";
        String host = "";
        String path = "";
        String query = "";
        int minorVersion;
        boolean implemented;
        boolean keepAlive;
        final List<Headers.Field> fields = new ArrayList<>();
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete;

        @Override
        public String toString() {
            return method + " " + target + " 1." + minorVersion + " " + fields + " keep=" + keepAlive + " body="
                    + body.toString(StandardCharsets.ISO_8859_1) + (complete ? " complete" : " incomplete");
        }
    }

    /** A request's world without a connection. */
    private static final class Nowhere implements World {
        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress("127.0.0.1", 1);
        }

        @Override
        public Files files() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int requestLineBytes() {
            return 8192;
        }
    }

    private final HttpLimits limits;
    private final RequestParser parser;
    private final RequestHead head = new RequestHead();
    private final List<Message> messages = new ArrayList<>();
    private BodyDecoder decoder;
    private byte[] kept = new byte[0];
    private boolean closed;
    private int status;
    private String problem = "";
    private long consumed;

    Wire() {
        this(HttpLimits.standard());
    }

    Wire(HttpLimits limits) {
        this.limits = limits;
        this.parser = new RequestParser(limits);
    }

    static Wire of(byte[] input) {
        Wire wire = new Wire();
        wire.feed(input);
        return wire;
    }

    static Wire of(String input) {
        return of(input.getBytes(StandardCharsets.ISO_8859_1));
    }

    List<Message> messages() {
        return messages;
    }

    /** The status that the input is refused with, or 0. */
    int status() {
        return status;
    }

    String problem() {
        return problem;
    }

    /** Where the request starts that was looked at last. */
    long consumed() {
        return consumed;
    }

    /** Whether a request closed the connection, so that what is behind it doesn't count. */
    boolean isClosed() {
        return closed;
    }

    void feed(byte[] piece) {
        byte[] all = Arrays.copyOf(kept, kept.length + piece.length);
        System.arraycopy(piece, 0, all, kept.length, piece.length);
        ByteBuffer in = (all.length & 1) == 0
                ? ByteBuffer.allocateDirect(all.length).put(all).flip()
                : ByteBuffer.wrap(all);
        while (status == 0 && !closed && step(in)) {
            assert in.position() <= in.limit();
        }
        consumed += in.position();
        kept = Arrays.copyOfRange(all, in.position(), all.length);
    }

    private boolean step(ByteBuffer in) {
        if (decoder == null) {
            int verdict = parser.parse(in, head);
            if (verdict == RequestParser.DONE) {
                begin();
                return true;
            }
            if (verdict < 0) {
                status = -verdict;
                problem = parser.problem();
            }
            return false;
        }
        Message message = messages.getLast();
        int there = decoder.available(in);
        if (there == BodyDecoder.END) {
            message.complete = true;
            decoder = null;
            closed = !message.keepAlive;
            return true;
        }
        if (there == BodyDecoder.NEED_MORE) {
            return false;
        }
        if (there < 0) {
            status = -there;
            problem = decoder.problem();
            return false;
        }
        byte[] bytes = new byte[there];
        in.get(bytes);
        message.body.writeBytes(bytes);
        decoder.consumed(there);
        return true;
    }

    private void begin() {
        Message message = new Message();
        message.method = head.method;
        message.target = head.text(head.targetStart, head.targetEnd);
        Request request = new Request(new Nowhere(), head);
        request.begin(0, 0);
        message.host = Objects.requireNonNullElse(request.host(), "");
        message.path = request.path();
        message.query = Objects.requireNonNullElse(request.query(), "");
        message.minorVersion = head.minorVersion;
        message.implemented = head.implemented;
        message.keepAlive = head.keepAlive;
        for (int i = 0; i < head.fieldCount(); i++) {
            message.fields.add(new Headers.Field(head.fieldName(i), head.fieldValue(i)));
        }
        messages.add(message);
        decoder = head.contentLength == RequestHead.CHUNKED
                ? new ChunkDecoder(limits)
                : new LengthDecoder(head.contentLength);
    }

    @Override
    public String toString() {
        return messages + (status == 0 ? "" : " refused: " + status);
    }
}
