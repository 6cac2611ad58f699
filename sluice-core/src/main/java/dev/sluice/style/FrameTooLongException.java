package dev.sluice.style;

import java.io.IOException;

/** A peer sent more than was allowed without the delimiter that was waited for. The connection can't be read on. */
public final class FrameTooLongException extends IOException {
    private static final long serialVersionUID = 1;

    FrameTooLongException(int most) {
        super("no delimiter within " + most + " bytes: the peer speaks another protocol, or the bound is too low");
    }
}
