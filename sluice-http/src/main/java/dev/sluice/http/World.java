package dev.sluice.http;

import dev.sluice.Files;
import java.net.SocketAddress;

/** What a request can tell of its connection; from any thread. */
interface World {
    SocketAddress remoteAddress();

    Files files();

    /** The longest request line that is looked at. */
    int requestLineBytes();
}
