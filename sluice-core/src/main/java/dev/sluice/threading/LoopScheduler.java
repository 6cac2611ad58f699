package dev.sluice.threading;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes virtual threads that a loop schedules: their continuations are tasks of the loop, so they run on its own thread and
 * nothing is handed over. JDK 25 has no public way; {@code java.lang.ThreadBuilders.VirtualThreadBuilder} has a constructor
 * that takes an {@code Executor}, open to us where the JVM was started with {@code --add-opens
 * java.base/java.lang=ALL-UNNAMED}. Where it isn't, the JDK's own scheduler serves. This class alone knows, so that a public
 * API of a later JDK can take its place.
 */
final class LoopScheduler {
    private static final @Nullable Constructor<?> CONSTRUCTOR = constructor();

    /** Of a virtual thread that runs, the thread that it runs on. */
    private static final @Nullable Field CARRIER = carrier();

    private static final @Nullable Executor JDK_SCHEDULER = CONSTRUCTOR == null ? null : defaultScheduler();

    private LoopScheduler() {}

    private static @Nullable Constructor<?> constructor() {
        try {
            Constructor<?> c = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            c.setAccessible(true);
            startPollers();
            return c;
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return null; // another JDK, or not opened: isOpen() tells, and the model's availability says so
        }
    }

    /**
     * Starts the JDK's own pollers now, from a platform thread. A virtual thread that names no scheduler takes its creator's;
     * the pollers' threads are virtual, and were the first JDK socket that blocks one of a loop's threads, they would run on
     * that loop and stop with it, and with them every JDK socket of the process.
     */
    private static void startPollers() {
        Thread starter = Thread.ofPlatform().daemon().unstarted(new PollerStarter());
        starter.start();
        boolean interrupted = false;
        while (starter.isAlive()) {
            try {
                starter.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A class of its own: a lambda is a method of this one, and would wait for its initializer, which waits for it. */
    private static final class PollerStarter implements Runnable {
        @Override
        public void run() {
            try {
                Class.forName("sun.nio.ch.Poller", true, null);
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("this JDK's pollers have another name: virtual needs a look", e);
            }
        }
    }

    /** Whether a virtual thread runs on a platform thread at this moment; false where the JDK doesn't tell. */
    static boolean isCarriedBy(Thread virtual, Thread carrier) {
        try {
            return CARRIER != null && CARRIER.get(virtual) == carrier;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a field that was opened is closed", e);
        }
    }

    private static @Nullable Field carrier() {
        try {
            Field field = Class.forName("java.lang.VirtualThread").getDeclaredField("carrierThread");
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return null; // another JDK, or not opened: the watchdog tells of a task and knows no connection
        }
    }

    private static @Nullable Executor defaultScheduler() {
        try {
            Method method = Class.forName("java.lang.VirtualThread").getDeclaredMethod("defaultScheduler");
            method.setAccessible(true);
            return (Executor) method.invoke(null);
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return null; // another JDK, or not opened: threads that would leave a loop don't begin there
        }
    }

    /** The JDK's own scheduler, or null where it isn't open. */
    static @Nullable Executor jdkScheduler() {
        return JDK_SCHEDULER;
    }

    /** Whether loops can schedule virtual threads in this JVM. */
    static boolean isOpen() {
        return CONSTRUCTOR != null;
    }

    /** A builder of virtual threads that run on the loop, or on the JDK's scheduler where that is not open. */
    static Thread.Builder.OfVirtual builder(Loop loop) {
        return builder((Executor) continuation -> {
            if (!loop.submit(continuation)) {
                throw new RejectedExecutionException("the loop has ended");
            }
        });
    }

    /** A builder of virtual threads whose continuations the executor runs, or the JDK's scheduler where that is not open. */
    static Thread.Builder.OfVirtual builder(Executor executor) {
        Constructor<?> c = CONSTRUCTOR;
        if (c == null) {
            return Thread.ofVirtual();
        }
        try {
            return (Thread.Builder.OfVirtual) c.newInstance(executor);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't make virtual threads with a scheduler of ours", e);
        }
    }
}
