package dev.sluice.events;

/** Something that tells its handler until it is closed. Used inside of its domain. */
public interface Source extends AutoCloseable {
    /** The handler isn't called any more, and what belongs to the source is given back. Closing twice does nothing. */
    @Override
    void close();
}
