/** HTTP/1.1 as a sans-I/O session, and static files on top of it. */
module dev.sluice.http {
    requires transitive dev.sluice.core;
    requires static org.jspecify;

    exports dev.sluice.http;
}
