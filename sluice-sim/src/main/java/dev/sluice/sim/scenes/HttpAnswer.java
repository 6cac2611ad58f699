package dev.sluice.sim.scenes;

import java.util.Map;

/**
 * An answer as a client has read it.
 *
 * @param status its status
 * @param body without its framing; a byte each char
 * @param closing whether it says that the connection ends behind it
 * @param statedLength what Content-Length says, or -1
 * @param fields its other fields that don't concern the connection, names in small letters; without the date
 */
record HttpAnswer(int status, String body, boolean closing, long statedLength, Map<String, String> fields) {
    static final int CONTINUE = 100;

    @Override
    public String toString() {
        return status + " with " + body.length() + " bytes" + (closing ? ", closing" : "");
    }
}
