package dev.sluice.sim;

import dev.sluice.engine.Poller;
import dev.sluice.os.Errno;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * epoll(7) over a simulated kernel, level- or edge-triggered, by the rules of the kernel's fs/eventpoll.c:
 *
 * <ul>
 *   <li>A wake-up of what is watched puts it on the ready list, once, if the wake-up may concern it (ep_poll_callback).
 *   <li>Adding and modifying look at once (ep_insert, ep_modify).
 *   <li>A wait takes from the list what is still ready, and puts it back behind if level-triggered (ep_send_events).
 *   <li>Errors and hang-ups are told whether asked for or not.
 *   <li>A closed descriptor is forgotten; what the last wait brought of it is still told.
 * </ul>
 *
 * Beyond that it does what the contract of {@link Poller} allows: tells in another order, a part at a time, and, as a
 * fault, readiness that isn't there.
 */
final class SimPoller implements Poller {
    private static final int WAKE_FD = -1;
    private static final int EVENTS_MOST = 64;
    private static final int ALWAYS = Pollable.ERR | Pollable.HUP;

    private final SimKernel kernel;
    private final World world;
    private final Parking parking;
    private final boolean edge;
    private @Nullable Interest[] interests = new Interest[16];
    private ArrayDeque<Interest> ready = new ArrayDeque<>();
    private ArrayDeque<Interest> again = new ArrayDeque<>();
    private final int[] fds = new int[EVENTS_MOST + 2];
    private final int[] events = new int[EVENTS_MOST + 2];
    private int count;

    SimPoller(SimKernel kernel, Parking parking, boolean edge) {
        this.kernel = kernel;
        this.world = kernel.world();
        this.parking = parking;
        this.edge = edge;
    }

    /** What is watched of a descriptor: the kernel's struct epitem. */
    private final class Interest implements Pollable.Watcher {
        final int fd;
        final Pollable file;
        int bits;
        boolean listed;
        boolean removed;

        Interest(int fd, Pollable file) {
            this.fd = fd;
            this.file = file;
        }

        @Override
        public void woken(int key) {
            if (key == Pollable.ANYTHING || (key & bits) != 0) {
                list();
            }
        }

        void list() {
            if (!listed) {
                listed = true;
                ready.add(this);
                parking.unpark();
            }
        }

        void look() {
            if ((file.readiness() & bits) != 0) {
                list();
            }
        }
    }

    @Override
    public boolean edgeTriggered() {
        return edge;
    }

    @Override
    public int add(int fd, int interest) {
        kernel.enter();
        Pollable file = kernel.file(fd);
        if (file == null) {
            return -Errno.EBADF;
        }
        if (find(fd) != null) {
            return -Errno.EEXIST;
        }
        if (fd >= interests.length) {
            interests = Arrays.copyOf(interests, Math.max(fd + 1, interests.length * 2));
        }
        Interest added = new Interest(fd, file);
        added.bits = bits(interest);
        kernel.called("add", fd, added.bits);
        interests[fd] = added;
        file.watch(added);
        added.look();
        return 0;
    }

    @Override
    public int modify(int fd, int interest) {
        kernel.enter();
        Interest found = find(fd);
        if (found == null) {
            return kernel.file(fd) == null ? -Errno.EBADF : -Errno.ENOENT;
        }
        found.bits = bits(interest);
        kernel.called("modify", fd, found.bits);
        found.look();
        return 0;
    }

    @Override
    public int remove(int fd) {
        kernel.enter();
        Interest found = find(fd);
        if (found == null) {
            return kernel.file(fd) == null ? -Errno.EBADF : -Errno.ENOENT;
        }
        kernel.called("remove", fd, 0);
        forget(found);
        return 0;
    }

    @Override
    public int closing(int fd) {
        return 0; // the kernel forgets it: see find
    }

    /** What is watched of a descriptor, unless that was closed since. */
    private @Nullable Interest find(int fd) {
        Interest found = fd < 0 || fd >= interests.length ? null : interests[fd];
        if (found != null && found.file != kernel.file(fd)) {
            forget(found);
            return null;
        }
        return found;
    }

    private void forget(Interest interest) {
        interest.removed = true;
        interest.file.unwatch(interest);
        interests[interest.fd] = null;
    }

    private int bits(int interest) {
        int bits = ((interest & IN) != 0 ? Pollable.IN : 0) | ((interest & OUT) != 0 ? Pollable.OUT : 0) | ALWAYS;
        return edge ? bits | Pollable.RDHUP : bits;
    }

    @Override
    public int poll(long timeoutNanos) {
        kernel.enter();
        count = 0;
        collect();
        if (parking.takeWake()) {
            fds[count] = WAKE_FD;
            events[count++] = IN;
        }
        if (count > 0 && world.strikes(Faults.Kind.SPURIOUS)) {
            addSpurious();
        }
        if (count == 0) {
            parking.park(timeoutNanos);
        } else {
            shuffle();
        }
        return count;
    }

    private void collect() {
        int most = world.dice().chance(0.2) ? 1 + world.dice().below(3) : EVENTS_MOST;
        for (int left = ready.size(); left > 0 && count < most; left--) {
            Interest interest = ready.remove();
            interest.listed = false;
            if (interest.removed || find(interest.fd) != interest) {
                continue;
            }
            int mask = interest.file.readiness() & interest.bits;
            if (mask == 0) {
                continue;
            }
            kernel.called("wait", interest.fd, mask);
            fds[count] = interest.fd;
            events[count++] = told(mask);
            if (!edge) {
                interest.listed = true;
                again.add(interest);
            }
        }
        ready.addAll(again);
        again.clear();
    }

    /** As EpollPoller translates. */
    private static int told(int mask) {
        return ((mask & Pollable.IN) != 0 ? IN : 0)
                | ((mask & Pollable.OUT) != 0 ? OUT : 0)
                | ((mask & (Pollable.ERR | Pollable.HUP | Pollable.RDHUP)) != 0 ? HUP : 0);
    }

    /** Of something that is watched and connected: epoll(7) warns of it, and a checksum that fails brings it about. */
    private void addSpurious() {
        int fd = world.dice().below(interests.length);
        Interest found = find(fd);
        if (found == null || isTold(fd) || (found.file instanceof SimSocket socket && !socket.isEstablished())) {
            return;
        }
        int mask = told(found.bits & (Pollable.IN | Pollable.OUT));
        if (mask != 0) {
            fds[count] = fd;
            events[count++] = mask;
        }
    }

    private boolean isTold(int fd) {
        for (int i = 0; i < count; i++) {
            if (fds[i] == fd) {
                return true;
            }
        }
        return false;
    }

    private void shuffle() {
        if (count < 2 || !world.dice().nextBoolean()) {
            return;
        }
        for (int i = count - 1; i > 0; i--) {
            int j = world.dice().below(i + 1);
            int fd = fds[i];
            fds[i] = fds[j];
            fds[j] = fd;
            int event = events[i];
            events[i] = events[j];
            events[j] = event;
        }
    }

    @Override
    public int readyFd(int index) {
        return fds[index];
    }

    @Override
    public int readyEvents(int index) {
        return events[index];
    }

    @Override
    public void wake() {
        parking.wake();
    }

    @Override
    public long systemCalls() {
        return 0; // the kernel counts none, since none is made
    }

    @Override
    public void close() {
        for (Interest interest : interests) {
            if (interest != null) {
                forget(interest);
            }
        }
        ready = new ArrayDeque<>();
    }
}
