package dev.sluice.sim;

import java.util.Arrays;

/** A growing stream of bytes that is only appended to. */
final class Bytes {
    byte[] array = new byte[256];
    int count;

    void add(byte[] bytes, int offset, int length) {
        if (array.length - count < length) {
            array = Arrays.copyOf(array, Math.max(count + length, array.length * 2));
        }
        System.arraycopy(bytes, offset, array, count, length);
        count += length;
    }

    void add(byte[] bytes) {
        add(bytes, 0, bytes.length);
    }

    byte[] copy() {
        return Arrays.copyOf(array, count);
    }
}
