package dev.sluice.sim.example;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;

/** As {@link Frames}, for frames that come in any pieces. */
public record MendedFrames(Connection connection) implements Session {
    // example:begin
    @Override
    public void received(ByteBuffer input) {
        while (input.hasRemaining()) {
            int length = Byte.toUnsignedInt(input.get(input.position()));
            if (input.remaining() < 1 + length) {
                return; // what is left unread is offered again, with more behind it
            }
            byte[] frame = new byte[1 + length];
            input.get(frame);
            connection.write(ByteBuffer.wrap(frame));
        }
    }
    // example:end

    @Override
    public void ended() {
        connection.end();
    }
}
