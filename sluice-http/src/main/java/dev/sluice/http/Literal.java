package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A known text of lower case, which bytes are compared with in any case, the first eight at once. A record, since the compiler takes the
 * fields of those for constants.
 *
 * <p>The text is of letters, digits and '-', and the bytes hold no control characters: with bit 5 set, no other byte is one of these then.
 */
record Literal(String text, int length, long word) {
    private static final int BIT_5 = 0x20;
    private static final long LOWER = 0x2020202020202020L;

    static Literal of(String lowerCase) {
        byte[] bytes = lowerCase.getBytes(StandardCharsets.US_ASCII);
        int first = Math.min(bytes.length, Long.BYTES);
        return new Literal(lowerCase, bytes.length, Swar.part(ByteBuffer.wrap(bytes), 0, first));
    }

    /** Whether the bytes between two indices are it. */
    boolean is(ByteBuffer in, int from, int to) {
        return to - from == length && is(in, from);
    }

    /** Whether the bytes from an index on, as many as it has, are it. */
    boolean is(ByteBuffer in, int at) {
        int first = Math.min(length, Long.BYTES);
        return ((Swar.part(in, at, first) | LOWER) & Swar.mask(first)) == word && restIs(in, at);
    }

    private boolean restIs(ByteBuffer in, int at) {
        for (int i = Long.BYTES; i < length; i++) {
            if ((in.get(at + i) | BIT_5) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
