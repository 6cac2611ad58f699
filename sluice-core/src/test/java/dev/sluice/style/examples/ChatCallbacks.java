package dev.sluice.style.examples;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.Step;
import dev.sluice.style.Steps;
import java.nio.charset.StandardCharsets;

/** A chat, in callbacks. */
public final class ChatCallbacks implements Service {
    private final ChatRoom room;

    public ChatCallbacks(ChatRoom room) {
        this.room = room;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        ChatRoom.Member me = room.join(connection);
        Step lines = Step.loop(Step.readUntil("\n", 1024)
                .then(line -> room.say(StandardCharsets.ISO_8859_1.decode(line).toString())));
        return new Steps(connection, lines) {
            @Override
            public void closed(Cause cause) {
                room.leave(me);
            }
        };
    }

    @Override
    public String singleProcessReason() {
        return "a chat's members are told by memory that they share";
    }
    // example:end
}
