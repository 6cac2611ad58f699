/** A reverse proxy for HTTP/1.1. */
module dev.sluice.proxy {
    requires transitive dev.sluice.http;
    requires static org.jspecify;

    exports dev.sluice.proxy;
}
