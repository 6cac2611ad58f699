package dev.sluice.style.examples;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.AsyncConnection;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A chat, in promises. */
public final class ChatPromises implements Service {
    private final ChatRoom room;

    public ChatPromises(ChatRoom room) {
        this.room = room;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        return AsyncConnection.session(connection, this::serve);
    }

    private CompletableFuture<Void> serve(AsyncConnection client) {
        ChatRoom.Member me = room.join(client.connection());
        return client.repeat(() -> round(client)).whenComplete((done, error) -> room.leave(me));
    }

    private CompletableFuture<Boolean> round(AsyncConnection client) {
        return client.readUntil("\n", 1024).thenApply(line -> {
            if (line != null) {
                room.say(StandardCharsets.ISO_8859_1.decode(line).toString());
            }
            return line != null;
        });
    }

    @Override
    public String singleProcessReason() {
        return "a chat's members are told by memory that they share";
    }
    // example:end
}
