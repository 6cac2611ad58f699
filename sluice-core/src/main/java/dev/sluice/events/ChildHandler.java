package dev.sluice.events;

import java.nio.ByteBuffer;

/** Told what a child process writes and how it ends. */
public interface ChildHandler {
    /** Lends a part of what it wrote to its standard output, as {@link InputHandler#received} does. */
    default void output(ByteBuffer bytes) throws Exception {
        bytes.position(bytes.limit());
    }

    /** The same of its error output. */
    default void errors(ByteBuffer bytes) throws Exception {
        bytes.position(bytes.limit());
    }

    /** What was queued for its standard input has gone, after a write had returned false. */
    default void inputDrained() throws Exception {}

    /**
     * It has ended, and is waited for. Its outputs may still have something to tell: what is left in the pipes, or what
     * its own children write, who have them too.
     */
    void exited(Exit exit) throws Exception;

    /** It has ended, and both of its outputs have: the last call, unless the child was closed before. */
    default void closed() throws Exception {}
}
