package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import dev.sluice.os.Sqe;

/** A {@link Watch} of {@link UringEngine}: a poll of one shot for each time that it is armed. */
final class UringWatch extends ForeignCompletion implements Watch {
    private final UringRing ring;
    private final UringHandle handle;
    private final int fd;
    private final Ready ready;
    private int armed;
    /** What the poll in flight looks for. */
    private int flying;

    private boolean closed;

    UringWatch(UringRing ring, UringHandle handle, int fd, Ready ready) {
        this.ring = ring;
        this.handle = handle;
        this.fd = fd;
        this.ready = ready;
    }

    @Override
    public void arm(int interest) {
        if (closed || armed == interest) {
            return;
        }
        armed = interest;
        if (!handle.isFlying(UringTag.POLL)) {
            submit();
        } else if (flying != interest && interest != 0) {
            cancel(); // its completion submits what is asked for by then
        }
    }

    private void submit() {
        if (armed != 0) {
            flying = armed;
            int events = ((armed & Poller.IN) != 0 ? Poll.POLLIN : 0) | ((armed & Poller.OUT) != 0 ? Poll.POLLOUT : 0);
            long sqe = ring.submitter.sqe(); // before the take-off: a full queue is submitted here
            handle.takeOff(UringTag.POLL);
            Sqe.pollAdd(sqe, fd, events, handle.tag | UringTag.POLL);
        }
    }

    private void cancel() {
        Sqe.cancel(ring.submitter.sqe(), handle.tag | UringTag.POLL, UringTag.CANCEL);
    }

    /** The poll has ended: what is ready, or a negative errno. */
    void polled(int result) {
        if (closed) {
            ring.leave(handle);
            return;
        }
        int told = result < 0 ? 0 : events(result) & (armed | Poller.HUP);
        if (result < 0 && result != -Errno.ECANCELED && armed != 0) {
            tell(result);
        } else if (told != 0 && armed != 0) {
            tell(told);
        } else {
            submit();
        }
    }

    private void tell(int events) {
        armed = 0;
        ready.ready(events);
    }

    private static int events(int bits) {
        return ((bits & Poll.POLLIN) != 0 ? Poller.IN : 0)
                | ((bits & Poll.POLLOUT) != 0 ? Poller.OUT : 0)
                | ((bits & (Poll.POLLERR | Poll.POLLHUP)) != 0 ? Poller.HUP : 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        armed = 0;
        if (handle.isFlying(UringTag.POLL)) {
            cancel();
        } else {
            ring.leave(handle);
        }
    }
}
