package dev.sluice.cli;

import dev.sluice.http.HttpService;

/**
 * What {@code sluice serve} serves, with all that is to be closed after the server.
 *
 * @param service owns its workers
 */
record Serving(HttpService service) implements AutoCloseable {
    @Override
    public void close() {
        service.workers().close();
    }
}
