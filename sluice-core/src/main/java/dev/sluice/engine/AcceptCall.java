package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;

/**
 * accept4(2) on a listening descriptor that processes share, by one thread that serves what it accepts. It blocks: of all
 * that wait, the kernel wakes one for each newcomer.
 */
public final class AcceptCall {
    private final int listener;
    private final BlockedCall call;
    private final CallState state;

    /** For the calling thread. The listener stays the caller's, and must block. */
    public AcceptCall(int listener, Alarm alarm, CallState state) {
        this.listener = listener;
        this.call = new BlockedCall(alarm);
        this.state = state;
        call.attach();
    }

    /** A newcomer's descriptor, or -errno: {@code -EINTR} after {@link #wake}. */
    public int accept() {
        if (!call.begin()) {
            return -Errno.EINTR;
        }
        try {
            return Sockets.accept4(listener, Sockets.SOCK_CLOEXEC, state);
        } finally {
            call.end();
        }
    }

    /** Ends the accept that is under way, or the next one. From any thread. */
    public void wake() {
        call.wake();
    }

    /** The thread accepts no more. */
    public void end() {
        call.detach();
    }
}
