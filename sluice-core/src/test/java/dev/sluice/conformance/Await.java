package dev.sluice.conformance;

import dev.sluice.sim.Blocking;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition or a result, never for ever; in a world by letting it go on. */
final class Await {
    static final long SECONDS = 15;

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private Await() {}

    /** Waits until a condition holds. */
    static void until(String what, BooleanSupplier condition) {
        until(() -> what, condition);
    }

    /** Waits until a condition holds; {@code what} is asked for when it does not. */
    static void until(Supplier<String> what, BooleanSupplier condition) {
        if (!holdsWithin(TimeUnit.SECONDS.toNanos(SECONDS), condition)) {
            throw new AssertionError("waited " + SECONDS + " s in vain for " + what.get());
        }
    }

    /** Whether a condition comes true in a time. */
    static boolean holdsWithin(long nanos, BooleanSupplier condition) {
        if (Blocking.inWorld()) {
            return Blocking.await(condition, nanos);
        }
        long deadline = System.nanoTime() + nanos;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    /** Lets time pass. */
    static void pass(long millis) {
        holdsWithin(TimeUnit.MILLISECONDS.toNanos(millis), () -> false);
    }

    /** The time, as the test and its sessions live in it. */
    static long nanoTime() {
        return Blocking.inWorld() ? Blocking.nanoTime() : System.nanoTime();
    }

    /** The wall clock's. */
    static long currentTimeMillis() {
        return Blocking.inWorld() ? Blocking.currentTimeMillis() : System.currentTimeMillis();
    }

    /** Lets time pass in which something must not happen. */
    static void pass(long millis, BooleanSupplier mustNot) {
        if (holdsWithin(TimeUnit.MILLISECONDS.toNanos(millis), mustNot)) {
            throw new AssertionError("it happened within " + millis + " ms");
        }
    }

    /** Runs what might hang; in a world it can't: there it fails when nothing is left to happen. */
    static <T> T within(long seconds, String what, Callable<T> call) throws Exception {
        if (Blocking.inWorld()) {
            return call.call();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().name("within").start(() -> {
            try {
                result.complete(call.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            AssertionError error = new AssertionError(what + " took more than " + seconds + " s");
            error.setStackTrace(thread.getStackTrace());
            throw error;
        }
    }
}
