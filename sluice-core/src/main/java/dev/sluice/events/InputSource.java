package dev.sluice.events;

/** A stream of bytes that comes in. Used inside of its domain. */
public interface InputSource extends Source {
    /** Reads no more until {@link #resume}: whoever writes waits. */
    void pause();

    /** Reads again. What the handler left unread is offered first, in a later turn. */
    void resume();
}
