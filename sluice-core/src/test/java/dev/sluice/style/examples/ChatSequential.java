package dev.sluice.style.examples;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.BlockingConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A chat, in sequential code. */
public final class ChatSequential implements Service {
    private final ChatRoom room;

    public ChatSequential(ChatRoom room) {
        this.room = room;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        return BlockingConnection.session(connection, this::serve);
    }

    private void serve(BlockingConnection client) throws IOException {
        ChatRoom.Member me = room.join(client.connection());
        try {
            for (byte[] line = client.readUntil("\n", 1024); line != null; line = client.readUntil("\n", 1024)) {
                room.say(new String(line, StandardCharsets.ISO_8859_1));
            }
        } finally {
            room.leave(me);
        }
    }

    @Override
    public String singleProcessReason() {
        return "a chat's members are told by memory that they share";
    }
    // example:end
}
