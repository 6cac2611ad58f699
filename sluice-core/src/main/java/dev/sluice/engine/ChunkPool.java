package dev.sluice.engine;

/** Lends chunks of one size. Whether it may be used from several threads is the implementation's to say. */
public interface ChunkPool extends AutoCloseable {
    int CHUNK_BYTES = 16 * 1024;

    /** An empty chunk, its {@code next} null. */
    Chunk acquire();

    void release(Chunk chunk);

    /** Chunks that are lent and not back yet. */
    long lentCount();

    /** Frees what is not lent. */
    @Override
    void close();
}
