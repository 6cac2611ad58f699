package dev.sluice.http;

import dev.sluice.EventLog;
import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response: status, header fields and a body; immutable. One whose body is bytes may be kept and given again, and from
 * any thread; its head is then encoded once a second, when the date changes. Every other body serves one answer.
 *
 * <p>{@code Date}, {@code Connection}, {@code Content-Length} and {@code Transfer-Encoding} are set by the runtime. The
 * body of an answer to HEAD, and of 204 and 304, is not sent.
 */
public final class Response {
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final int status;
    private final Headers headers;
    private final Content content;
    private final boolean closing;
    private final @Nullable Runnable onDone;

    /** The encoded bytes of the last second. Written by several loops at once, which is harmless: all are right. */
    private @Nullable Encoded encoded;

    private Response(Builder builder) {
        this.status = builder.status;
        this.headers = builder.headers.build();
        this.content = builder.content;
        this.closing = builder.closing;
        this.onDone = builder.onDone;
    }

    /** A response without a body. */
    public static Response of(int status) {
        return builder(status).build();
    }

    /** 200 with plain text in UTF-8. */
    public static Response text(String text) {
        return text(200, text);
    }

    /** Plain text in UTF-8. */
    public static Response text(int status, String text) {
        return builder(status).contentType(PLAIN).body(text).build();
    }

    /**
     * Bytes of a media type.
     *
     * @param body must not change any more
     */
    public static Response bytes(int status, String contentType, byte[] body) {
        return builder(status).contentType(contentType).body(body).build();
    }

    /**
     * A response of a status.
     *
     * @param status 200 to 599
     */
    public static Builder builder(int status) {
        return new Builder(status);
    }

    public int status() {
        return status;
    }

    public Headers headers() {
        return headers;
    }

    /** The body's length, or -1 where it is not known beforehand. */
    public long length() {
        return content.length();
    }

    Content content() {
        return content;
    }

    boolean closing() {
        return closing;
    }

    @Nullable
    Encoded encoded() {
        return encoded;
    }

    void encoded(Encoded bytes) {
        this.encoded = bytes;
    }

    /** Lets go of what the body holds, when it is sent or dropped. */
    void done() {
        // No switch over types: the JDK would generate code for it when the first answer is sent.
        if (content instanceof Content.Parts parts) {
            release(parts.owned());
        } else if (content instanceof Content.Pulled pulled) {
            close(pulled.input());
        }
        if (onDone != null) {
            onDone.run();
        }
    }

    private static void release(@Nullable OpenFile file) {
        if (file != null) {
            file.release();
        }
    }

    private static void close(InputStream input) {
        try {
            input.close();
        } catch (IOException e) {
            EventLog.log(Level.WARNING, "a response's stream could not be closed", e);
        }
    }

    @Override
    public String toString() {
        return "Response[" + status + ", " + headers + ", " + length() + " bytes]";
    }

    /** Collects a response. Not safe for use from several threads. */
    public static final class Builder {
        private final int status;
        private final Headers.Builder headers = Headers.builder();
        private Content content = Content.Bytes.NONE;
        private boolean closing;
        private @Nullable Runnable onDone;

        private Builder(int status) {
            if (!Status.isValid(status)) {
                throw new IllegalArgumentException("status " + status + " is not one of a final response");
            }
            this.status = status;
        }

        /**
         * Adds a field.
         *
         * @throws IllegalArgumentException for what could end the line, and for the fields that the runtime sets
         */
        public Builder header(String name, String value) {
            switch (name.length()) {
                case 4, 10, 14, 17 -> refuseFraming(name);
                default -> {}
            }
            headers.add(name, value);
            return this;
        }

        private static void refuseFraming(String name) {
            if (name.equalsIgnoreCase("Date")
                    || name.equalsIgnoreCase("Connection")
                    || name.equalsIgnoreCase("Keep-Alive")
                    || name.equalsIgnoreCase("Content-Length")
                    || name.equalsIgnoreCase("Transfer-Encoding")) {
                throw new IllegalArgumentException(name + " is set by the runtime");
            }
        }

        public Builder headers(Headers fields) {
            for (Headers.Field field : fields) {
                header(field.name(), field.value());
            }
            return this;
        }

        public Builder contentType(String mediaType) {
            headers.set("Content-Type", mediaType);
            return this;
        }

        /**
         * A body of bytes.
         *
         * @param bytes must not change any more
         */
        public Builder body(byte[] bytes) {
            return content(new Content.Bytes(bytes));
        }

        /** A body of text in UTF-8. */
        public Builder body(String text) {
            return body(text.getBytes(StandardCharsets.UTF_8));
        }

        /** A part of a file; takes over one reference to the file, and releases it when the response is sent or dropped. */
        public Builder body(FileRegion region) {
            return parts(List.of(new Part.Region(region)), region.file());
        }

        /**
         * Pieces one after another.
         *
         * @param owned takes over one reference to this file, released when the response is sent or dropped
         */
        public Builder parts(List<Part> parts, @Nullable OpenFile owned) {
            return parts(parts, owned, FileIo.SENDFILE);
        }

        Builder parts(List<Part> parts, @Nullable OpenFile owned, FileIo io) {
            long length = 0;
            for (Part part : parts) {
                length = Math.addExact(length, part.length());
            }
            return content(new Content.Parts(List.copyOf(parts), length, owned, io));
        }

        /**
         * A stream that is read as the connection drains, and closed at the end. Its reads run in the session's
         * serialization domain, or on a worker where the service has workers.
         *
         * @param length its length, or -1 for what is not known (sent in chunks)
         */
        public Builder body(InputStream input, long length) {
            return content(new Content.Pulled(input, known(length)));
        }

        /**
         * A body that callbacks write.
         *
         * @param length its length, or -1 for what is not known (sent in chunks)
         */
        public Builder stream(long length, BodySource source) {
            return content(new Content.Written(source, known(length)));
        }

        /**
         * A body that is written sequentially; only for a service with workers.
         *
         * @param length its length, or -1 for what is not known (sent in chunks)
         */
        public Builder output(long length, BlockingBody body) {
            return content(new Content.Blocking(body, known(length)));
        }

        private static long known(long length) {
            if (length < Content.UNKNOWN) {
                throw new IllegalArgumentException("length " + length);
            }
            return length;
        }

        private Builder content(Content content) {
            this.content = content;
            return this;
        }

        /** Closes the connection behind this response. */
        public Builder close() {
            this.closing = true;
            return this;
        }

        /** Sets what runs once for each time that the response is sent or dropped; on any thread. */
        public Builder onDone(Runnable task) {
            this.onDone = task;
            return this;
        }

        public Response build() {
            return new Response(this);
        }
    }
}
