package dev.sluice.http;

import dev.sluice.FileRegion;

/** A piece of a response's body. */
public sealed interface Part {
    /** Its length. */
    long length();

    /**
     * Bytes of an array.
     *
     * @param array must not change until the response is sent
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier that nobody compares
    record Bytes(byte[] array) implements Part {
        @Override
        public long length() {
            return array.length;
        }
    }

    /** A part of a file. */
    record Region(FileRegion region) implements Part {
        @Override
        public long length() {
            return region.count();
        }
    }
}
