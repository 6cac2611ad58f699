package dev.sluice.lab.load;

import java.nio.ByteBuffer;

/** Reads the answers of one connection, in order. For one thread at a time. */
interface Answers {
    /** How far an answer is. */
    enum Outcome {
        /** Its rest is still to come; everything that was offered is read. */
        MORE,
        /** It is complete and good. */
        COMPLETE,
        /** It is complete, and says that the request failed. */
        REFUSED,
        /** It makes no sense; nothing behind it on this connection can be trusted. */
        BROKEN
    }

    /**
     * Reads on, at most to the end of the answer.
     *
     * @param kind of the request that it answers: its index in {@link Protocol#requests}
     */
    Outcome read(ByteBuffer input, int kind);

    /** The peer has sent its last byte: COMPLETE where that ends the answer, else BROKEN. */
    Outcome ended();

    /** Whether a part of an answer was read. */
    boolean begun();

    /** Whether the answer that was read last is the connection's last one. */
    boolean last();

    /** What was wrong with the answer that was refused or broken, in a few words. */
    String problem();

    /** A new connection begins. */
    void reset();
}
