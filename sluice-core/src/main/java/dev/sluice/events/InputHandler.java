package dev.sluice.events;

import java.nio.ByteBuffer;

/** Told of a stream's bytes. */
@FunctionalInterface
public interface InputHandler {
    /**
     * Lends what came, from position to limit, for this call. What is left unread is offered again in front of what comes
     * next; where 64 KiB are left, nothing more is read until {@link InputSource#resume}.
     */
    void received(ByteBuffer bytes) throws Exception;

    /** The stream is at its end, and all that the handler didn't leave unread was told. */
    default void ended() throws Exception {}

    /**
     * Reading failed; nothing more is told.
     *
     * @param reason what failed, with the errno
     */
    default void failed(String reason) throws Exception {}
}
