package dev.sluice.sim;

import dev.sluice.Files;
import dev.sluice.disk.Disk;
import dev.sluice.engine.LoopChunkPool;
import dev.sluice.threading.Environment;
import dev.sluice.threading.Loop;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** A host of a world as an environment of loops. To wait is to let the world go on. */
final class SimEnvironment extends Environment {
    private final Host host;
    private final World world;
    private final SimKernel kernel;
    private final SimFiles files;

    SimEnvironment(Host host, SimKernel kernel) {
        this.host = host;
        this.world = host.world;
        this.kernel = kernel;
        this.files = new SimFiles(kernel);
    }

    @Override
    public long nanoTime() {
        return world.now();
    }

    @Override
    public long currentTimeMillis() {
        return host.wallMillis();
    }

    @Override
    public RandomGenerator random() {
        return world.dice();
    }

    @Override
    public Files files() {
        return files;
    }

    @Override
    public Disk disk(Loop loop, Runnable over) {
        return new HostDisk(kernel, host.disk(), loop::submit, over);
    }

    @Override
    public LoopChunkPool chunkPool() {
        return new SimChunks();
    }

    @Override
    public void turn(Loop loop) {
        new SimLoop(host, loop);
    }

    @Override
    public boolean await(CompletableFuture<?> future, long nanos) {
        world.runUntil(() -> future.isDone() || kernel.isDead(), nanos);
        kernel.requireAlive(); // what was done before the crash is gone too
        if (!future.isDone() && nanos == Long.MAX_VALUE) {
            world.fail("no progress: a loop of " + host.name() + " never does what it was asked to", null);
            world.throwFailure();
        }
        return future.isDone();
    }

    @Override
    public void pause(long nanos) {
        world.runUntil(kernel::isDead, nanos);
        kernel.requireAlive();
    }
}
