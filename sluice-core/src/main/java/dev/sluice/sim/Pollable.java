package dev.sluice.sim;

import java.util.ArrayList;
import java.util.List;

/** What a descriptor stands for: it is ready for something, and wakes who waits for that. The bits are poll(2)'s. */
abstract class Pollable {
    static final int IN = 0x1;
    static final int OUT = 0x4;
    static final int ERR = 0x8;
    static final int HUP = 0x10;
    static final int RDHUP = 0x2000;
    /** A wake-up that doesn't say what for, as the kernel's for a change of state. */
    static final int ANYTHING = 0;

    /** Told of wake-ups: from the world, never from inside a call of its own. */
    interface Watcher {
        void woken(int key);
    }

    private final List<Watcher> watchers = new ArrayList<>(1);
    /** Descriptors that stand for it, and operations that are under way on it. */
    private int references;

    /** What it is ready for. Not being ready for output has the next room tell, as in tcp_poll(). */
    abstract int readiness();

    /** Nothing refers to it any more. */
    abstract void close();

    void retain() {
        references++;
    }

    /** Takes a reference back; the last one closes it, and the kernel forgets who waits for it. */
    void release() {
        if (--references == 0) {
            watchers.clear();
            close();
        }
    }

    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    void unwatch(Watcher watcher) {
        watchers.remove(watcher);
    }

    /** Nobody who waits for it is there any more. */
    void unwatchAll() {
        watchers.clear();
    }

    /** Its process is gone with its machine: nothing is closed, and nobody learns of it. */
    void vanish() {
        unwatchAll();
    }

    void wake(int key) {
        for (int i = 0; i < watchers.size(); i++) {
            watchers.get(i).woken(key);
        }
    }
}
