package dev.sluice.sim.scenes;

/** Bodies of messages that both ends can make for themselves: bytes that a length and a number decide. */
final class Bodies {
    private static final int FACTOR = 31;

    private Bodies() {}

    static byte[] make(int length, int salt) {
        byte[] bytes = new byte[length];
        int state = salt * FACTOR + length;
        for (int i = 0; i < length; i++) {
            state = state * 1_103_515_245 + 12_345; // the linear congruence of ISO C's rand
            bytes[i] = (byte) (state >>> 16);
        }
        return bytes;
    }

    /** A hash of bytes that come in pieces: of those before, with one more. */
    static int mix(int hash, byte next) {
        return hash * FACTOR + next;
    }

    static int hash(byte[] bytes) {
        int hash = 1;
        for (byte b : bytes) {
            hash = mix(hash, b);
        }
        return hash;
    }

    /** What a handler says of a body that it has read. */
    static String summary(long length, int hash) {
        return length + " bytes, " + Integer.toHexString(hash) + "\n";
    }
}
