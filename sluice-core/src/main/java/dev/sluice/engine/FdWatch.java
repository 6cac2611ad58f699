package dev.sluice.engine;

import dev.sluice.os.Errno;
import java.util.function.Consumer;

/** A {@link Watch} of {@link ReadinessEngine}: what it asks for is the poller's to look at, and nothing else. */
final class FdWatch extends FdHandle implements Watch {
    private final FdTable table;
    private final FdInterests interests;
    private final Consumer<FdHandle> goOn;
    private final Ready ready;
    /** What is to be told; 0 for nothing. */
    int armed;
    /**
     * epoll_ctl(2) refused it (EPERM): it never blocks, as a regular file and /dev/null don't, and poll(2) would call it ready
     * always. So does its engine.
     */
    private boolean alwaysReady;

    FdWatch(FdCalls calls, int fd, FdTable table, FdInterests interests, Consumer<FdHandle> goOn, Ready ready) {
        super(calls, fd, table.turn());
        this.table = table;
        this.interests = interests;
        this.goOn = goOn;
        this.ready = ready;
        table.enter(this);
    }

    @Override
    public void arm(int interest) {
        if (closed || armed == interest) {
            return;
        }
        armed = interest;
        if (!alwaysReady) {
            interests.changed(this);
        } else if (interest != 0) {
            goOn.accept(this);
        }
    }

    /** Its poller found it ready. */
    void found(int events) {
        int told = events & (armed | Poller.HUP);
        if (armed != 0 && told != 0) {
            tell(told);
        }
    }

    /** The turn after its readiness was asked for, where no poller is needed to know it. */
    void foundAlways() {
        if (armed != 0) {
            tell(armed);
        }
    }

    /** Its poller can't watch it: a negative errno. */
    void refused(int result) {
        if (result == -Errno.EPERM) {
            alwaysReady = true;
            goOn.accept(this);
        } else if (armed != 0) {
            tell(result);
        }
    }

    private void tell(int events) {
        armed = 0;
        interests.changed(this); // where it is armed again by the next wait, nothing has changed
        ready.ready(events);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        armed = 0;
        if (registered >= 0) {
            interests.unregister(this); // by name: other processes may hold copies of it, as of standard input
        }
        table.remove(this);
    }
}
