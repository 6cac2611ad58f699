package dev.sluice.cli;

import dev.sluice.http.CommonLog;
import dev.sluice.http.HttpService;
import dev.sluice.http.StaticFiles;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sluice serve} serves, with all that is to be closed after the server.
 *
 * @param service owns its workers
 * @param files null where none are served
 * @param log null where there is none
 */
record Serving(
        HttpService service,
        @Nullable StaticFiles files,
        @Nullable CommonLog log) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        service.workers().close();
        if (files != null) {
            files.close();
        }
        if (log != null) {
            log.close();
        }
    }
}
