package dev.sluice.http;

import java.io.IOException;
import java.io.OutputStream;

/** Writes a response's body sequentially, on a worker; writes wait while the client is slow. */
@FunctionalInterface
public interface BlockingBody {
    /**
     * Writes the body; its return ends it.
     *
     * @param output throws where the connection is gone
     */
    void writeTo(OutputStream output) throws IOException;
}
