package dev.sluice.engine;

import dev.sluice.os.Errno;

/**
 * Keeps a poller's interests in line with what the handles wait for. Changes are gathered, and made before the next
 * wait: one that was taken back meanwhile costs no system call.
 */
final class FdInterests {
    /** The poller does not know the handle. */
    private static final byte NOWHERE = -1;

    private final Poller poller;
    private final boolean edge;
    private final HandleQueue dirty = new HandleQueue();

    FdInterests(Poller poller) {
        this.poller = poller;
        this.edge = poller.edgeTriggered();
    }

    /** What the handle waits for may have changed. */
    void changed(FdHandle h) {
        if (!h.dirty && !h.closed && !(edge && h.registered > 0 && !h.listener && !(h instanceof FdWatch))) {
            h.dirty = true;
            dirty.add(h);
        }
    }

    void apply() {
        for (FdHandle h = dirty.poll(); h != null; h = dirty.poll()) {
            h.dirty = false;
            if (h.closed) {
                continue;
            }
            int wanted = wanted(h);
            if (wanted == h.registered || (h.registered < 0 && wanted == 0)) {
                continue;
            }
            int result = apply(h, wanted);
            if (result == 0) {
                h.registered = wanted == 0 && (h.shared || h instanceof FdWatch) ? NOWHERE : (byte) wanted;
            } else if (h instanceof FdWatch watch) {
                watch.refused(result);
            } else {
                h.completion().receiveEnded(result);
            }
        }
    }

    private int apply(FdHandle h, int wanted) {
        if (h.shared && h.registered >= 0) {
            return wanted == 0 ? unregister(h) : 0; // EPOLLEXCLUSIVE allows no modification
        }
        if (wanted == 0 && h instanceof FdWatch) {
            return unregister(h); // a hang-up would be reported without end
        }
        return h.registered < 0 ? poller.add(h.fd, wanted) : poller.modify(h.fd, wanted);
    }

    private int wanted(FdHandle h) {
        if (h instanceof FdWatch watch) {
            return watch.armed == 0 ? 0 : watch.armed | Poller.LEVEL;
        }
        if (h.listener) {
            return h.receiving ? Poller.IN | (h.shared ? Poller.EXCLUSIVE : 0) : 0;
        }
        if (edge) {
            return Poller.IN | Poller.OUT; // once and for all: changes come by themselves
        }
        return (h.receiving ? Poller.IN : 0) | (h.sendWaits || h.connecting ? Poller.OUT : 0);
    }

    /** Takes the handle out of the poller, until it waits for something again. */
    int unregister(FdHandle h) {
        int result = poller.remove(h.fd);
        h.registered = NOWHERE;
        return result;
    }

    /** The handle's descriptor is closed next. */
    void closing(FdHandle h) {
        if (h.registered >= 0) {
            int result = h.shared ? poller.remove(h.fd) : poller.closing(h.fd);
            assert result == 0 : "the poller lost fd=" + h.fd + ": " + Errno.describe(-result);
        }
    }
}
