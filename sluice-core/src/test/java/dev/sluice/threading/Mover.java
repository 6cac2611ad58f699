package dev.sluice.threading;

import dev.sluice.Connection;

/** Moves connections at a test's word. */
public final class Mover {
    private Mover() {}

    /** The loop that a connection is on; inside its domain. */
    public static Loop loopOf(Connection connection) {
        return (Loop) ((SocketConnection) connection).domain;
    }

    /** Has a connection go to a loop of its server as soon as it is at rest; inside its domain. */
    public static void move(Connection connection, Loop to) {
        ((SocketConnection) connection).moveTo(to);
    }
}
