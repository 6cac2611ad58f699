package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.engine.LoopEngine;
import dev.sluice.os.Affinity;
import dev.sluice.os.CallState;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A loop's run as other threads see it: they start it, wait for it, and ask it to end. On the machine it has a thread for that; an
 * {@link Environment} that has none turns the loop itself.
 */
final class LoopRun implements Runnable {
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Loop loop;
    private final int core;
    private final Environment environment;
    private final CompletableFuture<Loop> started = new CompletableFuture<>();
    private final CompletableFuture<Loop> ended = new CompletableFuture<>();
    private @Nullable Thread thread;
    private volatile boolean quit;

    /** Of a loop whose thread is to be pinned to a core, or to {@link Loop#ANY_CORE}. */
    LoopRun(Loop loop, int core, Environment environment) {
        this.loop = loop;
        this.core = core;
        this.environment = environment;
    }

    /** Has the loop turned, and waits until its engine runs; what the engine throws is thrown here. */
    Loop start() {
        environment.turn(loop);
        return await(started);
    }

    /** For the environment. */
    void startThread() {
        Thread t = Thread.ofPlatform().name(loop.name()).daemon().unstarted(this);
        thread = t;
        t.start();
    }

    /** The loop's own; none before it starts, and in an environment that has none. */
    @Nullable
    Thread thread() {
        return thread;
    }

    @Override
    public void run() {
        try {
            pin();
            LoopEngine engine = loop.begin();
            while (!loop.isOver()) {
                engine.poll(loop.beforeWait());
                loop.afterWait();
            }
        } catch (Throwable e) {
            if (!started.completeExceptionally(e)) {
                EventLog.log(Level.ERROR, "loop " + loop.name() + " ended: its connections are lost", e);
            }
        } finally {
            loop.finish();
        }
    }

    /** First of all, so that the engine's memory comes from that core's node. */
    private void pin() {
        if (core != Loop.ANY_CORE) {
            try (Arena arena = Arena.ofConfined()) {
                SysException.check(Affinity.pin(core, new CallState(arena)), "sched_setaffinity", "core " + core);
            }
        }
    }

    /** The loop's engine runs; on the loop. */
    void begun() {
        started.complete(loop);
    }

    /** The loop asks itself to end, or was asked to. */
    void quit() {
        quit = true;
    }

    boolean isQuitting() {
        return quit;
    }

    /** Nothing of the loop is left; on the loop, last of all. */
    void over() {
        ended.complete(loop);
    }

    boolean isOver() {
        return ended.isDone();
    }

    /**
     * Waits for the loop's end. A session that never comes back from a callback would hold it for good, so the wait ends when no
     * connection was closed for a while, and the log says so.
     */
    void awaitEnd() {
        boolean interrupted = false;
        long deadline = environment.nanoTime() + STOP_NANOS;
        int open = loop.openCount();
        boolean over = false;
        while (!over) {
            try {
                over = environment.await(ended, Math.max(0, deadline - environment.nanoTime()));
                Thread t = thread;
                if (over && t != null) {
                    t.join();
                }
                if (!over && loop.openCount() < open) { // a million take their time
                    open = loop.openCount();
                    deadline = environment.nanoTime() + STOP_NANOS;
                } else if (!over) {
                    EventLog.log(Level.ERROR, "loop " + loop.name() + " does not end: a session blocks it", null);
                    over = true;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for what the loop completes; a runtime exception of it is thrown here. */
    <T> T await(CompletableFuture<T> future) {
        boolean interrupted = false;
        while (true) {
            try {
                if (environment.await(future, Long.MAX_VALUE)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
