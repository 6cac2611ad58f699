package dev.sluice.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of SIGTERM, SIGINT and SIGHUP, and lets the process end with a status of its own.
 *
 * <p>A shutdown hook can't do either: after it the status is 143, and a second signal is ignored while it runs. {@code
 * sun.misc.Signal} (module {@code jdk.unsupported}) is the JDK's only other way, reached by reflection since the compiler
 * has no way to accept it without a warning.
 */
final class Signals {
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    /** What a shell shows for a process that a signal ended. */
    private static final int SIGNALLED = 128;

    /**
     * Signals that follow the first within this time are one with it: timeout(1) and some supervisors signal a process
     * and then its group, and nobody asks twice so fast.
     */
    private static final long ONE_SIGNAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private Signals() {}

    /**
     * Installs a handler for the first signal; a second one ends the process at once.
     *
     * @param stop run on a thread of the JVM's own
     */
    static void onStop(Runnable stop) {
        AtomicReference<@Nullable Long> first = new AtomicReference<>();
        IntConsumer handler = number -> {
            long now = System.nanoTime();
            if (first.compareAndSet(null, now)) {
                stop.run();
                return;
            }
            Long earlier = first.get();
            if (earlier != null && now - earlier > ONE_SIGNAL_NANOS) {
                Runtime.getRuntime().halt(SIGNALLED + number);
            }
        };
        install("INT", SIGINT, handler);
        install("TERM", SIGTERM, handler);
    }

    /**
     * Installs a handler for SIGHUP, by which a server is told to read its configuration again.
     *
     * @param reload run on a thread of the JVM's own, one at a time
     * @throws IllegalStateException where this JVM leaves the signal to others (-Xrs)
     */
    static void onHangUp(Runnable reload) {
        try {
            Object lock = new Object();
            handle("HUP", SIGHUP, number -> {
                synchronized (lock) {
                    reload.run();
                }
            });
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("SIGHUP can't be handled: start the JVM without -Xrs", e);
        }
    }

    private static void install(String name, int number, IntConsumer handler) {
        try {
            handle(name, number, handler);
        } catch (InvocationTargetException e) {
            // -Xrs, or another owner of the signal: the JVM's own handling stays, and a hook does what it can.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> handler.accept(number), "sluice-stop"));
        }
    }

    private static void handle(String name, int number, IntConsumer handler) throws InvocationTargetException {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> listener = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {listener}, (self, method, arguments) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                handler.accept(number);
                                yield null;
                            }
                            case "equals" -> self == arguments[0];
                            case "hashCode" -> System.identityHashCode(self);
                            default -> "handler of SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, listener)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (InvocationTargetException e) {
            throw e;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM lacks jdk.unsupported, so SIG" + name + " can't be handled", e);
        }
    }
}
