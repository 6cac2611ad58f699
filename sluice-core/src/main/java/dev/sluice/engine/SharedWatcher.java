package dev.sluice.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Watches descriptors for all whose engine can't: JDK channels ({@code nio}, {@code aio}) and blocking calls ({@code
 * threads}, {@code prefork}). One thread of the process, in poll(2), from the first such watch to the end of the last.
 */
public final class SharedWatcher implements Runnable {
    private static @Nullable SharedWatcher running;

    private final ReadinessEngine engine = new ReadinessEngine(new PollPoller(), 1);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Guarded by the class. */
    private int watches;

    private volatile boolean quit;

    private SharedWatcher() {}

    /**
     * Watches a descriptor for a domain; from any thread.
     *
     * @param home runs tasks in the domain, where the watch is used
     */
    public static Watch watch(int fd, Executor home, Watch.Ready ready) {
        SharedWatcher watcher = acquire();
        return new HandedWatch(watcher::execute, home, told -> watcher.engine.watch(fd, told), ready, watcher::release);
    }

    private static synchronized SharedWatcher acquire() {
        SharedWatcher watcher = running;
        if (watcher == null) {
            watcher = new SharedWatcher();
            running = watcher;
            Thread.ofPlatform().daemon().name("sluice-watcher").start(watcher);
        }
        watcher.watches++;
        return watcher;
    }

    private void release() {
        synchronized (SharedWatcher.class) {
            if (--watches == 0) {
                running = null;
                quit = true;
            }
        }
    }

    private void execute(Runnable task) {
        tasks.add(task);
        engine.wake();
    }

    @Override
    public void run() {
        try (engine) {
            while (!quit) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                if (!quit) {
                    engine.poll(-1);
                }
            }
        }
    }
}
