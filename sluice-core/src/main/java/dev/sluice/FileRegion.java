package dev.sluice;

/**
 * A part of an open file, to be sent by {@link Connection#transfer}.
 *
 * @param file retained by the connection until the bytes are sent
 * @param position first byte
 * @param count number of bytes
 */
public record FileRegion(OpenFile file, long position, long count) {
    public FileRegion {
        if (position < 0 || count < 0 || position + count < 0) {
            throw new IllegalArgumentException("no region of a file: position " + position + ", count " + count);
        }
    }
}
