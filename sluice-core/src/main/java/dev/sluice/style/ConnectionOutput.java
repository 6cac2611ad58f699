package dev.sluice.style;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A {@link BlockingConnection}'s output as a stream. */
final class ConnectionOutput extends OutputStream {
    private final BlockingConnection connection;

    ConnectionOutput(BlockingConnection connection) {
        this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        connection.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
