package dev.sluice.disk;

import dev.sluice.Client;
import dev.sluice.Options;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.World;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A disk and the domain that it was opened for. */
abstract class DiskRig implements AutoCloseable {
    private static final long SECONDS = 30;

    /** A way to have a disk. */
    enum Kind {
        BLOCKING_DRIVEN(DiskEngine.BLOCKING),
        POOL_DRIVEN(DiskEngine.POOL),
        URING_DRIVEN(DiskEngine.IO_URING),
        BLOCKING_TOLD(DiskEngine.BLOCKING),
        POOL_TOLD(DiskEngine.POOL),
        URING_TOLD(DiskEngine.IO_URING),
        BLOCKING_ON_EPOLL(DiskEngine.BLOCKING),
        POOL_ON_EPOLL(DiskEngine.POOL),
        URING_ON_EPOLL(DiskEngine.IO_URING),
        URING_ON_THREADS(DiskEngine.IO_URING),
        RING_OF_ITS_LOOP(DiskEngine.IO_URING),
        SIMULATED(null);

        final @Nullable DiskEngine engine;

        Kind(@Nullable DiskEngine engine) {
            this.engine = engine;
        }

        /** Whether its close waits for what is under way, and its operations are bounded by options of the test's. */
        boolean isAlone() {
            return name().endsWith("DRIVEN") || name().endsWith("TOLD");
        }

        boolean isSimulated() {
            return engine == null;
        }

        /** Why it can't be had here, or an empty string. */
        String lack() {
            return engine == null || engine.availability().available()
                    ? ""
                    : engine.availability().reason();
        }
    }

    final String root;
    /** Used inside of the domain. */
    Disk disk;

    private DiskRig(String root, Disk disk) {
        this.root = root;
        this.disk = disk;
    }

    static DiskRig open(Kind kind, DiskOptions options, Path directory) throws Exception {
        String root = directory.toString();
        return switch (kind) {
            case BLOCKING_DRIVEN, POOL_DRIVEN, URING_DRIVEN ->
                new Driven(root, engine(kind).open(options));
            case BLOCKING_TOLD, POOL_TOLD, URING_TOLD -> new Told(root, engine(kind), options);
            case BLOCKING_ON_EPOLL, POOL_ON_EPOLL, URING_ON_EPOLL -> new OnLoop(root, "epoll", kind.engine);
            case URING_ON_THREADS -> new OnLoop(root, "threads", kind.engine);
            case RING_OF_ITS_LOOP -> new OnLoop(root, "io_uring", null);
            case SIMULATED -> new InWorld();
        };
    }

    private static DiskEngine engine(Kind kind) {
        return Objects.requireNonNull(kind.engine);
    }

    final String path(String name) {
        return root + "/" + name;
    }

    /** Runs something in the domain. */
    abstract <T> T inside(Callable<T> what) throws Exception;

    /** Lets the domain go on until something holds. */
    abstract void until(BooleanSupplier condition) throws Exception;

    /** Starts an operation, and waits for its result. */
    final long wait(Consumer<LongConsumer> operation) throws Exception {
        List<Long> results = new ArrayList<>(1);
        inside(() -> {
            operation.accept(result -> {
                synchronized (results) {
                    results.add(result);
                }
            });
            synchronized (results) {
                if (!results.isEmpty()) {
                    throw new AssertionError("told from inside the call that started it");
                }
            }
            return null;
        });
        until(() -> {
            synchronized (results) {
                return !results.isEmpty();
            }
        });
        synchronized (results) {
            return results.getFirst();
        }
    }

    final long write(int file, ByteBuffer from, long position) throws Exception {
        return wait(done -> disk.write(file, from, position, done));
    }

    final long read(int file, ByteBuffer into, long position) throws Exception {
        return wait(done -> disk.read(file, into, position, done));
    }

    private static void await(BooleanSupplier condition, Runnable step) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + SECONDS + " s in vain");
            }
            step.run();
        }
    }

    /** The test's thread drives it. */
    private static final class Driven extends DiskRig {
        private final DrivenDisk driven;

        Driven(String root, DrivenDisk disk) {
            super(root, disk);
            this.driven = disk;
        }

        @Override
        <T> T inside(Callable<T> what) throws Exception {
            return what.call();
        }

        @Override
        void until(BooleanSupplier condition) {
            await(condition, () -> driven.poll(TimeUnit.MILLISECONDS.toNanos(100)));
        }

        @Override
        public void close() {
            disk.close();
        }
    }

    /** A thread of its own is its domain. */
    private static final class Told extends DiskRig {
        private final ExecutorService thread;

        Told(String root, DiskEngine engine, DiskOptions options) {
            this(root, engine, options, Executors.newSingleThreadExecutor());
        }

        private Told(String root, DiskEngine engine, DiskOptions options, ExecutorService thread) {
            super(root, engine.open(options, thread));
            this.thread = thread;
        }

        @Override
        <T> T inside(Callable<T> what) throws Exception {
            return thread.submit(what).get(SECONDS, TimeUnit.SECONDS);
        }

        @Override
        void until(BooleanSupplier condition) {
            await(condition, Thread::yield);
        }

        @Override
        public void close() throws Exception {
            inside(() -> {
                disk.close();
                return null;
            });
            thread.shutdown();
            if (!thread.awaitTermination(SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("its thread didn't end");
            }
        }
    }

    /** A client's first loop is its domain. */
    private static final class OnLoop extends DiskRig {
        private final Client client;

        OnLoop(String root, String model, @Nullable DiskEngine engine) throws Exception {
            this(root, Client.start(model, Options.builder().disk(engine).build()));
        }

        private OnLoop(String root, Client client) throws Exception {
            super(root, inside(client, () -> client.events().disk()));
            this.client = client;
        }

        private static <T> T inside(Client client, Callable<T> what) throws Exception {
            CompletableFuture<T> result = new CompletableFuture<>();
            client.events().execute(() -> {
                try {
                    result.complete(what.call());
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
            try {
                return result.get(SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }

        @Override
        <T> T inside(Callable<T> what) throws Exception {
            return inside(client, what);
        }

        @Override
        void until(BooleanSupplier condition) {
            await(condition, Thread::yield);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** A host of a world without faults. */
    private static final class InWorld extends DiskRig {
        private final World world;

        InWorld() {
            this(World.builder(1).faults(Faults.none()).build());
        }

        private InWorld(World world) {
            super("/data", disk(world));
            this.world = world;
        }

        private static Disk disk(World world) {
            Host host = world.host("here");
            host.disk().putDirectory("/data");
            return host.disk(Runnable::run);
        }

        @Override
        <T> T inside(Callable<T> what) throws Exception {
            return what.call();
        }

        @Override
        void until(BooleanSupplier condition) {
            world.run();
            if (!condition.getAsBoolean()) {
                throw new AssertionError("nothing more happens in the world");
            }
        }

        @Override
        public void close() {
            disk.close();
            world.close();
        }
    }
}
