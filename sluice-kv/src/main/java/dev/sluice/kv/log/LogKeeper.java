package dev.sluice.kv.log;

import dev.sluice.Server;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.events.Events;
import dev.sluice.kv.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A store's log in a directory, from before a server starts until before it stops. The log is recovered on the calling thread.
 * Then it is used where the store is: on the server's one loop, with that loop's disk; or, where sessions on several threads share
 * the store, under its lock, with a disk whose results come from a thread of the log's own.
 */
public final class LogKeeper implements AutoCloseable {
    private static final long TICK_MILLIS = 100;
    private static final long STOP_SECONDS = 60;

    private final Store store;
    private final DiskEngine engine;
    private final DirectoryLock lock;
    private final CommitLog log;
    private final Compaction compaction;
    private final RecoveryReport report;
    private final ScheduledExecutorService thread;
    private Executor domain = Runnable::run;
    private @Nullable Disk ownDisk;
    private @Nullable Future<?> ticks;

    private LogKeeper(Store store, DiskEngine engine, DirectoryLock lock, CommitLog log, RecoveryReport report) {
        this.store = store;
        this.engine = engine;
        this.lock = lock;
        this.log = log;
        this.report = report;
        thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("kv-log").daemon().factory());
        Pace pace = new Pace(System::nanoTime, this::after);
        compaction = new Compaction(log, () -> store.dump()::next, System::currentTimeMillis, pace);
    }

    private void after(long nanos, Runnable task) {
        var _ = thread.schedule(() -> domain.execute(task), nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Recovers a store, and makes a log where there is none. What is appended from then on waits for {@link #start}.
     *
     * @param reading what the recovery works with
     * @param writing what the log is written with where the store is shared
     * @throws IOException where the directory is in use, or the log can't be opened: why, and what helps
     */
    public static LogKeeper recover(
            Path directory, LogOptions options, DiskEngine reading, DiskEngine writing, Store store)
            throws IOException {
        Path path = Files.createDirectories(directory).toRealPath();
        DirectoryLock lock = DirectoryLock.take(path);
        try (DrivenDisk disk = reading.open(DiskOptions.standard())) {
            Opened opened = new Opened();
            ArrayDeque<Runnable> tasks = new ArrayDeque<>();
            SecureRandom random = new SecureRandom();
            CommitLog.open(disk, path.toString(), options, tasks::add, random::nextLong, store::apply, opened);
            drive(disk, tasks, () -> opened.why != null || opened.log != null);
            CommitLog log = opened.log;
            RecoveryReport report = opened.report;
            if (log == null || report == null) {
                throw new IOException(opened.why);
            }
            boolean[] detached = new boolean[1];
            log.detach(() -> detached[0] = true);
            drive(disk, tasks, () -> detached[0]);
            LogKeeper keeper = new LogKeeper(store, writing, lock, log, report);
            store.run(() -> {
                store.journal(log);
                store.snapshots(keeper.compaction);
            });
            return keeper;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static final class Opened implements CommitLog.Opening {
        private @Nullable CommitLog log;
        private @Nullable RecoveryReport report;
        private @Nullable String why;

        @Override
        public void opened(CommitLog opened, RecoveryReport found) {
            log = opened;
            report = found;
        }

        @Override
        public void failed(String reason) {
            why = reason;
        }
    }

    private static void drive(DrivenDisk disk, ArrayDeque<Runnable> tasks, BooleanSupplier until) {
        while (!until.getAsBoolean()) {
            Runnable task = tasks.poll();
            if (task == null) {
                disk.poll(-1);
            } else {
                task.run();
            }
        }
    }

    /** What the recovery found. */
    public RecoveryReport report() {
        return report;
    }

    /** The log; used in the store's own order. */
    public CommitLog log() {
        return log;
    }

    /** Begins to write, once the server has started. */
    public void start(Server server) {
        if (store.options().shared()) {
            domain = task -> thread.execute(() -> store.run(task));
            Disk disk = engine.open(DiskOptions.standard(), domain);
            ownDisk = disk;
            store.run(() -> log.attach(disk, domain));
        } else {
            Events events = server.events();
            domain = task -> events.execute(task);
            Executor inOrder = task -> {
                if (!events.execute(task)) {
                    task.run(); // no task finds room, and the log is in its domain anyway
                }
            };
            domain.execute(() -> log.attach(events.disk(), inOrder));
        }
        ticks = thread.scheduleWithFixedDelay(
                () -> domain.execute(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        log.tick(System.nanoTime());
        compaction.tick();
    }

    /**
     * Writes and syncs what was appended, before the server stops; nothing is appended from then on.
     *
     * @return why not all of it is durable, or null
     */
    public @Nullable String stop() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<@Nullable String> failure = new AtomicReference<>();
        domain.execute(() -> {
            log.close(() -> {
                failure.set(log.failure());
                closed.countDown();
            });
        });
        if (!closed.await(STOP_SECONDS, TimeUnit.SECONDS)) {
            return "the log was not synced within " + STOP_SECONDS + " s";
        }
        return failure.get();
    }

    /** Gives the directory back, behind the server's end. */
    @Override
    public void close() throws IOException {
        if (ticks != null) {
            ticks.cancel(false);
        }
        thread.shutdown();
        if (ownDisk != null) {
            store.run(ownDisk::close);
        }
        lock.close();
    }
}
