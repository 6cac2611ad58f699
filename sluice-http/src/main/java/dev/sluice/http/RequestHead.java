package dev.sluice.http;

import java.nio.ByteBuffer;

/** The head of a request; {@link #copy} makes one that owns its bytes. */
final class RequestHead extends MessageHead {
    String method = "";
    int methodEnd;
    int targetStart;
    int targetEnd;
    int pathStart;
    /** Looked for when it is asked for; -1 until then. */
    private int pathEnd;

    /** The authority of a target in absolute form; both 0 for the other forms. */
    int authorityStart;

    int authorityEnd;
    /** Whether the method is one that handlers are asked about. */
    boolean implemented;

    boolean expectsContinue;
    boolean expectsOther;
    /** Index of the Host field, or -1. */
    int host;

    @Override
    void reset(ByteBuffer from, int at) {
        super.reset(from, at);
        method = "";
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        pathStart = 0;
        pathEnd = -1;
        authorityStart = 0;
        authorityEnd = 0;
        implemented = false;
        expectsContinue = false;
        expectsOther = false;
        host = -1;
    }

    /** A head of the first {@code take} bytes, that owns them. */
    RequestHead copy(int take) {
        RequestHead copy = new RequestHead();
        copy.copyOf(this, take);
        copy.method = method;
        copy.methodEnd = methodEnd;
        copy.targetStart = targetStart;
        copy.targetEnd = targetEnd;
        copy.pathStart = pathStart;
        copy.pathEnd = pathEnd;
        copy.authorityStart = authorityStart;
        copy.authorityEnd = authorityEnd;
        copy.implemented = implemented;
        copy.expectsContinue = expectsContinue;
        copy.expectsOther = expectsOther;
        copy.host = host;
        return copy;
    }

    /** Where the target's path ends: at its first question mark, or its end. */
    int pathEnd() {
        if (pathEnd < 0) {
            pathEnd = find('?', pathStart, targetEnd);
        }
        return pathEnd;
    }

    /** Whether the target is {@code *}: the server as a whole. */
    boolean isServerWide() {
        return targetEnd - targetStart == 1 && at(targetStart) == '*';
    }
}
