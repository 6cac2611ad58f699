package dev.sluice.events;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Sends a client the size of a folder, as du(1) tells it, whenever something in that folder changes. */
record FolderSize(Connection connection, Path folder) implements Session, ChildHandler {
    @Override
    public void opened() {
        Events events = connection.events();
        events.fileChanges(change -> measure()).watch(folder);
    }

    private void measure() {
        connection.events().processes().spawn(Command.of("du", "-sk", folder.toString()), this);
    }

    @Override
    public void output(ByteBuffer bytes) {
        connection.write(bytes); // the handler runs in the connection's own domain
    }

    @Override
    public void exited(Exit exit) {
        if (!exit.equals(new Exit(0, 0))) {
            connection.abort();
        }
    }

    @Override
    public void received(ByteBuffer input) {
        input.position(input.limit());
    }

    @Override
    public void ended() {
        connection.end(); // with it end the watch, and a child that still runs
    }
}
