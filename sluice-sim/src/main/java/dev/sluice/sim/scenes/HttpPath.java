package dev.sluice.sim.scenes;

import dev.sluice.http.HttpException;
import java.util.Locale;

/**
 * A request's path, as {@code /KIND/LENGTH/SALT}: what is to be answered.
 *
 * @param length of the answer's body, in bytes; of no meaning for some kinds
 * @param salt decides the bytes
 */
record HttpPath(Kind kind, int length, int salt) {
    /** What a handler does. */
    enum Kind {
        /** Bytes, at once. */
        FIXED,
        /** Bytes, and the request's body doesn't matter. */
        IGNORE,
        /** Bytes, and then the end of the connection. */
        CLOSE,
        /** 204. */
        EMPTY,
        /** Throws: 500. */
        FAIL,
        /** Bytes that are read from a stream. */
        PULLED,
        /** Bytes that are written in pieces. */
        STREAMED,
        /** The request's body. */
        ECHO,
        /** How long the request's body is, and its hash. */
        COUNT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The path that a client wrote; 404 for what is none. */
    static HttpPath of(String path) throws HttpException {
        String[] parts = path.split("/", -1);
        if (parts.length == 4 && parts[0].isEmpty()) {
            for (Kind kind : Kind.values()) {
                if (kind.label().equals(parts[1])) {
                    return new HttpPath(kind, number(parts[2]), number(parts[3]));
                }
            }
        }
        throw new HttpException(404, "no such path");
    }

    /** Clients also send what they shouldn't. */
    private static int number(String text) throws HttpException {
        if (!text.matches("[0-9]{1,5}")) {
            throw new HttpException(404, "no such path");
        }
        return Integer.parseInt(text);
    }

    /** Whether a body that comes bit by bit states its length. */
    boolean statesLength() {
        return salt % 2 == 0;
    }

    @Override
    public String toString() {
        return "/" + kind.label() + "/" + length + "/" + salt;
    }
}
