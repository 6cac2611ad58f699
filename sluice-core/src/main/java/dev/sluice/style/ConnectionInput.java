package dev.sluice.style;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A {@link BlockingConnection}'s bytes as a stream. */
final class ConnectionInput extends InputStream {
    private final BlockingConnection connection;

    ConnectionInput(BlockingConnection connection) {
        this.connection = connection;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        return length == 0 ? 0 : connection.read(into, offset, length);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
