package dev.sluice.sim.example;

// example:begin
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;

/** Frames of a length in one byte and so many bytes: sends each back. */
public record Frames(Connection connection) implements Session {
    @Override
    public void received(ByteBuffer input) {
        while (input.hasRemaining()) {
            byte[] frame = new byte[Byte.toUnsignedInt(input.get())];
            input.get(frame);
            connection.write(ByteBuffer.wrap(new byte[] {(byte) frame.length}));
            connection.write(ByteBuffer.wrap(frame));
        }
    }

    @Override
    public void ended() {
        connection.end();
    }
}
// example:end
