package dev.sluice.http;

import org.jspecify.annotations.Nullable;

/** The lines of chunked coding (RFC 9112 section 7.1). */
final class ChunkSize {
    private static final byte[] LAST = {'0', '\r', '\n', '\r', '\n'};

    /** Bytes of the longest line that gives a size. */
    static final int MOST = 18;

    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private ChunkSize() {}

    /** What ends a body; copied to where it is written. */
    static byte[] last(@Nullable HeadBytes trailers) {
        if (trailers == null || trailers.length() == 0) {
            return LAST;
        }
        byte[] last = new byte[LAST.length + trailers.length()];
        System.arraycopy(LAST, 0, last, 0, 3);
        System.arraycopy(trailers.array(), 0, last, 3, trailers.length());
        System.arraycopy(LAST, 3, last, 3 + trailers.length(), 2);
        return last;
    }

    /** Puts a chunk's first line at the start of an array; its length. */
    static int encode(long size, byte[] to) {
        int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(size)) / 4);
        for (int i = digits - 1, shift = 0; i >= 0; i--, shift += 4) {
            to[i] = DIGITS[(int) (size >>> shift) & 15];
        }
        to[digits] = '\r';
        to[digits + 1] = '\n';
        return digits + 2;
    }
}
