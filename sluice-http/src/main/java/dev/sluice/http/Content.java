package dev.sluice.http;

import dev.sluice.OpenFile;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a response's body is made of. */
sealed interface Content {
    /** A length that is not known beforehand. */
    long UNKNOWN = -1;

    /** The body's length, or {@link #UNKNOWN}. */
    long length();

    /** Bytes at hand; empty for no body. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier that nobody compares
    record Bytes(byte[] array) implements Content {
        static final Bytes NONE = new Bytes(new byte[0]);

        @Override
        public long length() {
            return array.length;
        }
    }

    /**
     * Pieces one after another; {@code owned} is released when all are sent or dropped.
     *
     * @param io how the regions among them are read; all are of {@code owned} unless it is {@link FileIo#SENDFILE}
     */
    record Parts(List<Part> parts, long length, @Nullable OpenFile owned, FileIo io) implements Content {}

    /** Written by callbacks. */
    record Written(BodySource source, long length) implements Content {}

    /** Read as the connection drains; closed at the end. */
    record Pulled(InputStream input, long length) implements Content {}

    /** Written sequentially on a worker. */
    record Blocking(BlockingBody body, long length) implements Content {}
}
