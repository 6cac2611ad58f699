package dev.sluice.http;

import java.nio.ByteBuffer;

/** Finds a body's own bytes among what arrives, by its framing. For one body. */
sealed interface BodyDecoder permits LengthDecoder, ChunkDecoder, EndDecoder {
    /** The body has not arrived whole. */
    int NEED_MORE = -1;
    /** The body is over, and everything of it consumed. */
    int END = -2;

    /**
     * Consumes framing up to the next bytes of the body.
     *
     * @return how many bytes of the body start at the buffer's position, {@link #NEED_MORE}, {@link #END}, or the
     *     negative status that the request is to be answered with
     */
    int available(ByteBuffer in);

    /** So many of the available bytes were consumed. */
    void consumed(int count);

    /** What decodes a body of a length in bytes, {@link MessageHead#CHUNKED}, or {@link ResponseHead#UNTIL_CLOSE}. */
    static BodyDecoder of(long length, HttpLimits limits) {
        if (length == MessageHead.CHUNKED) {
            return new ChunkDecoder(limits);
        }
        return length == ResponseHead.UNTIL_CLOSE ? new EndDecoder() : new LengthDecoder(length);
    }

    /** Why the body was refused. */
    String problem();
}
