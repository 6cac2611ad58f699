package dev.sluice.sim.scenes;

/**
 * An answer as a client has read it.
 *
 * @param status its status
 * @param body without its framing; a byte each char
 * @param closing whether it says that the connection ends behind it
 */
record HttpAnswer(int status, String body, boolean closing) {
    static final int CONTINUE = 100;

    @Override
    public String toString() {
        return status + " with " + body.length() + " bytes" + (closing ? ", closing" : "");
    }
}
