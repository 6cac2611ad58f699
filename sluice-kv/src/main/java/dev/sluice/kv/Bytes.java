package dev.sluice.kv;

import java.util.Arrays;

/** Bytes as a key of the JDK's collections: a channel, a watched key. */
final class Bytes {
    private final byte[] array;

    /** @param array not changed any more */
    Bytes(byte[] array) {
        this.array = array;
    }

    /** Not to be changed. */
    byte[] array() {
        return array;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(bytes.array, array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }
}
