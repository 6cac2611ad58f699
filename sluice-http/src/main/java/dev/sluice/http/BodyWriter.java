package dev.sluice.http;

import dev.sluice.FileRegion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a response's body as it comes to be. All methods but {@link #execute} are called in the session's serialization
 * domain: from the callbacks given here and from tasks handed to {@link #execute}.
 */
public interface BodyWriter {
    /**
     * Queues bytes, copied before it returns.
     *
     * @return false above the connection's high-water mark: write no more until {@link #onDrained}'s task runs
     * @throws IllegalStateException after {@link #end}, or beyond the length that the response states
     */
    boolean write(ByteBuffer bytes);

    /** As {@link #write(ByteBuffer)}, for a part of an array. */
    boolean write(byte[] bytes, int offset, int length);

    /** Queues a part of a file, not copied where the model can; the file is retained until it is sent. */
    boolean transfer(FileRegion region);

    /** Sets what runs each time that queued output has fallen below the low-water mark. */
    void onDrained(Runnable task);

    /** Sets what runs once if the body can't be ended: the connection is gone, or {@link #fail} was called. */
    void onClosed(Runnable task);

    /** Ends the body. One that is shorter than the length that was stated closes the connection. */
    void end();

    /**
     * Ends the body with trailers.
     *
     * @param trailers field lines that follow it where it is chunked, and are dropped where not; null for none
     */
    void end(@Nullable HeadBytes trailers);

    /** Gives up: the connection closes without the body's end, so that the client sees that it is not whole. */
    void fail(Throwable cause);

    /**
     * Runs a task in the session's serialization domain; from any thread.
     *
     * @return false where the connection is gone or its queue is full
     */
    boolean execute(Runnable task);
}
