package dev.sluice.sim;

import dev.sluice.Cause;
import java.util.concurrent.TimeUnit;

/** Whether a connection may end as it says that it does. */
final class WatchedEnd {
    /** A loop's clock stands still for a turn, so that what is measured by it may begin that much earlier. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private WatchedEnd() {}

    static void require(Watch watch, Cause cause) {
        SimSocket socket = watch.socket();
        if (socket != null && !socket.isClosed()) {
            watch.violated("closed is told, and the descriptor is still open");
        }
        switch (cause.kind()) {
            case END -> {
                if (!watch.endedBoth()) {
                    watch.violated("it ends with END before both sides have ended");
                }
                requireAllTaken(watch, cause);
            }
            case LOCAL -> {
                if (!watch.askedToClose()) {
                    watch.violated("it ends with LOCAL, and the session did not ask for it");
                }
                if (watch.asksForAll()) {
                    requireAllTaken(watch, cause);
                }
            }
            case RESET -> {
                if (socket == null || !socket.isReset()) {
                    watch.violated("it ends with RESET, and was not reset");
                }
            }
            case CONNECT -> {
                if (watch.wasOpened()) {
                    watch.violated("it ends with CONNECT, and was connected");
                }
            }
            case ERROR -> {
                if (socket == null || (!socket.isSpoiled() && !watch.hasTransferred())) {
                    watch.violated("it ends with " + cause + ", and no fault explains it");
                }
            }
            case OUTPUT_LIMIT -> {
                if (!watch.passedLimit()) {
                    watch.violated("it ends with OUTPUT_LIMIT, and never passed it");
                }
            }
            case TIMEOUT -> requireLate(watch, cause);
            case FAILURE -> {
                if (!watch.hasThrown()) {
                    watch.violated("it ends with " + cause + ", and its session did not throw");
                }
            }
            case STOPPED, REFUSED -> {}
        }
    }

    private static void requireAllTaken(Watch watch, Cause cause) {
        if (!watch.isAllTaken()) {
            watch.violated(
                    "it ends with " + cause.kind() + ", and only " + watch.takenOfWritten() + " bytes were sent");
        }
    }

    private static void requireLate(Watch watch, Cause cause) {
        boolean idle = cause.detail().equals("idle");
        long limit = idle ? watch.idleNanos() : watch.writeNanos();
        long silent = idle ? watch.silence().silentNanos() : watch.silence().untakenNanos();
        SimSocket socket = watch.socket();
        if (socket != null && socket.wasEstablished() && !watch.isAllTaken() && !socket.isReset()) {
            watch.violated("it ends with " + cause + ", only " + watch.takenOfWritten()
                    + " bytes were sent, and the peer is not told by a reset");
        }
        if (limit == 0 || silent + TURN_NANOS < limit) {
            watch.violated("it ends with " + cause + " after " + Story.seconds(silent) + " s, before its time");
        }
    }
}
