package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sqe;
import java.util.ArrayList;

/**
 * The accepts of a loop. A listener is armed in one ring at a time, in one whose table has room; when that is full, it
 * moves on to the next ring. It accepts ordinary descriptors instead where {@link UringRings} says so, or no table has
 * room.
 *
 * <p>The kernel closes a newcomer that finds the table full. A multishot accept brings no more than the completion queue
 * has entries for (a further one would end it), so with that many places free none is lost; with fewer it accepts one by
 * one.
 */
final class UringAccepts {
    private final UringRings rings;
    private final boolean multishot;
    private final EngineCounters counters;
    private final ArrayList<UringHandle> listeners = new ArrayList<>();

    UringAccepts(UringRings rings, boolean multishot, EngineCounters counters) {
        this.multishot = multishot;
        this.rings = rings;
        this.counters = counters;
    }

    void want(UringHandle listener) {
        if (!listener.closing && !listener.wanted) {
            listener.wanted = true;
            if (!listeners.contains(listener)) {
                listeners.add(listener);
            }
        }
    }

    void unwant(UringHandle listener) {
        listener.wanted = false; // not disarmed yet: it may be wanted again within the same turn
    }

    /** To be called before it is closed. */
    void forget(UringHandle listener) {
        listeners.remove(listener);
    }

    /** Brings what is armed in line with what is wanted; right before each enter. */
    void settle() {
        for (int i = 0; i < listeners.size(); i++) {
            reconcile(listeners.get(i));
        }
    }

    void reconcile(UringHandle listener) {
        if (listener.closing) {
            return;
        }
        boolean armed = listener.isFlying(listener.inputOperation());
        if (listener.wanted && !armed) {
            arm(listener);
        } else if (armed && (!listener.wanted || isMisplaced(listener))) {
            disarm(listener);
        }
    }

    private static void disarm(UringHandle listener) {
        if (!listener.isFlying(UringTag.DISARM)) {
            UringInput.disarm(listener, listener.ring.submitter);
        }
    }

    /** Whether another way of accepting is due than the armed one. */
    private boolean isMisplaced(UringHandle listener) {
        boolean direct = listener.isFlying(UringTag.ACCEPT_DIRECT);
        boolean tableIsDue = !direct && !listener.handsOver && rings.wantsDirect() && rings.hasRoom();
        return tableIsDue || listener.multishot && !takesMany(listener, direct);
    }

    /** Whether there is a place for all that a multishot accept may bring before it is stopped. */
    private boolean takesMany(UringHandle listener, boolean direct) {
        return direct ? rings.isRoomy(listener.ring) : listener.handsOver || rings.hasReserve(listener.ring);
    }

    private void arm(UringHandle listener) {
        UringRing ring = listener.handsOver || !rings.wantsDirect() ? null : rings.withRoom(listener.ring);
        boolean direct = ring != null;
        if (ring != null && ring != listener.ring) {
            if (!listener.isIdle()) {
                return; // the disarming is under way in the old ring
            }
            move(listener, ring);
        }
        listener.ring.enter(listener);
        int operation = direct ? UringTag.ACCEPT_DIRECT : UringTag.ACCEPT;
        long sqe = listener.ring.submitter.sqe();
        listener.takeOff(operation);
        listener.multishot = multishot && takesMany(listener, direct);
        // For sendfile(2), which must not wait; the ring still does, all but always (UringOutput.isPassing).
        int flags = direct ? Sockets.SOCK_NONBLOCK : Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        if (listener.multishot) {
            Sqe.acceptMultishot(sqe, listener.fd, flags, listener.tag | operation);
        } else {
            Sqe.accept(sqe, listener.fd, flags, listener.tag | operation);
        }
        if (direct) {
            Sqe.intoTable(sqe);
        }
    }

    private static void move(UringHandle listener, UringRing to) {
        if (listener.hasSlot()) {
            listener.ring.leave(listener);
        }
        listener.ring = to;
    }

    /** See {@link Engine#acceptNow}; by a system call, while what the ring accepted is told as ever. */
    boolean acceptNow(UringHandle listener, FdCalls calls) {
        counters.systemCalls++;
        int fd = calls.accept(listener.fd);
        if (fd >= 0) {
            counters.accepts++;
            listener.completion().accepted(newcomer(listener, fd));
        }
        return fd >= 0 || fd == -Errno.EINTR;
    }

    private UringHandle newcomer(UringHandle listener, int fd) {
        return listener.handsOver ? UringHandle.of(listener.ring, fd) : rings.newcomer(listener.ring, fd);
    }

    /** An accept ended, or brought a newcomer; the next {@link #settle} arms it again where it has to. */
    void accepted(UringHandle listener, int result, boolean direct) {
        UringRing ring = listener.ring;
        if (result >= 0) {
            counters.accepts++;
            UringHandle newcomer;
            if (direct) {
                ring.files.taken();
                newcomer = UringHandle.direct(ring, result);
            } else {
                rings.note(result);
                if (listener.isFlying(UringTag.ACCEPT) && isMisplaced(listener)) {
                    disarm(listener); // at once: to move this newcomer enters the kernel, which accepts more meanwhile
                }
                newcomer = newcomer(listener, result);
            }
            listener.completion().accepted(newcomer);
        } else if (!listener.closing && !UringInput.isPassing(result)) {
            boolean helped = result == -Errno.EMFILE && !direct && !listener.handsOver && rings.ranOut(ring);
            if (!helped) {
                counters.acceptFailures++;
                listener.completion().acceptFailed(result);
            }
        }
    }
}
