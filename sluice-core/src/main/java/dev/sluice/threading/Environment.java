package dev.sluice.threading;

import dev.sluice.Files;
import dev.sluice.disk.Disk;
import dev.sluice.engine.LoopChunkPool;
import dev.sluice.storage.Disks;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Where loops live: what turns them, and the time, the randomness and the files that they and their sessions are given.
 * The machine's, or a simulated world's. Where only one of them is loaded the compiler calls it directly, so the choice costs
 * nothing.
 */
public abstract class Environment {
    /** The machine: a thread for each loop, and the JDK's clocks. */
    public static final Environment MACHINE = new Machine();

    /** Monotonic nanoseconds, as of {@link System#nanoTime}; never 0. */
    public abstract long nanoTime();

    /** Wall-clock milliseconds since the epoch; may be set, and then jumps. */
    public abstract long currentTimeMillis();

    /** For the calling thread; not for secrets. */
    public abstract RandomGenerator random();

    public abstract Files files();

    /**
     * Opens a disk of a loop.
     *
     * @param over runs on the loop once all of it is closed
     */
    public Disk disk(Loop loop, Runnable over) {
        return Disks.open(loop.options().disk(), loop.engine().port(), loop::submit, over);
    }

    /** The chunks of one loop. */
    public LoopChunkPool chunkPool() {
        return new LoopChunkPool();
    }

    /** Has a loop begin, turn until it is over, and end. */
    public abstract void turn(Loop loop);

    /**
     * Waits for what a loop completes.
     *
     * @param nanos at most so long
     * @return whether it is complete, with a result or an exception
     */
    public abstract boolean await(CompletableFuture<?> future, long nanos) throws InterruptedException;

    /** Lets loops go on for a while. */
    public abstract void pause(long nanos);

    private static final class Machine extends Environment {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long currentTimeMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public RandomGenerator random() {
            return ThreadLocalRandom.current();
        }

        @Override
        public Files files() {
            return KernelFiles.INSTANCE;
        }

        @Override
        public void turn(Loop loop) {
            loop.startThread();
        }

        @Override
        public boolean await(CompletableFuture<?> future, long nanos) throws InterruptedException {
            try {
                future.get(nanos, TimeUnit.NANOSECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (ExecutionException | CancellationException e) {
                return true; // the caller asks the future itself
            }
        }

        @Override
        public void pause(long nanos) {
            LockSupport.parkNanos(this, nanos);
        }
    }
}
