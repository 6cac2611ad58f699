package dev.sluice.http;

import java.util.Locale;

/** What a connection of HTTP waits for. */
enum Phase {
    /** The next request. */
    IDLE,
    /** The rest of a request's head, or of a body that its handler gets whole. */
    READING,
    /** A handler, or the server that a request was passed on to. */
    HANDLING,
    /** The rest of an answer, or the client that takes it. */
    WRITING,
    /** Another protocol has it. */
    SWITCHED,
    /** Its end. */
    DRAINING;

    final String label = name().toLowerCase(Locale.ROOT);
}
