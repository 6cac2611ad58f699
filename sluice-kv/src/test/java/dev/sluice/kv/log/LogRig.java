package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A log on real files, driven by the test's thread. */
final class LogRig implements AutoCloseable {
    private static final long SECONDS = 30;

    final DrivenDisk disk;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Nullable
    CommitLog log;

    @Nullable
    RecoveryReport report;

    @Nullable
    String failure;

    private final Disk shown;

    LogRig(DiskEngine engine) {
        this(engine, disk -> disk);
    }

    /** A log that sees its disk through another one. */
    LogRig(DiskEngine engine, UnaryOperator<Disk> around) {
        disk = engine.open(DiskOptions.standard());
        shown = around.apply(disk);
    }

    /** Opens a log, and waits until that has ended one way or the other. */
    LogRig open(Path directory, LogOptions options, Consumer<ByteBuffer> apply) {
        CommitLog.open(
                shown,
                directory.toString(),
                options,
                tasks::add,
                new Random(1)::nextLong,
                apply,
                new CommitLog.Opening() {
                    @Override
                    public void opened(CommitLog opened, RecoveryReport found) {
                        log = opened;
                        report = found;
                    }

                    @Override
                    public void failed(String why) {
                        failure = why;
                    }
                });
        until(() -> log != null || failure != null);
        return this;
    }

    CommitLog log() {
        CommitLog opened = log;
        if (opened == null) {
            throw new AssertionError("the log is not open: " + failure);
        }
        return opened;
    }

    RecoveryReport report() {
        RecoveryReport found = report;
        if (found == null) {
            throw new AssertionError("the log is not open: " + failure);
        }
        return found;
    }

    /** A compaction, whose rests end at once. */
    Compaction compaction(Supplier<Compaction.Source> dump) {
        return new Compaction(log(), dump, () -> 42, new Pace(System::nanoTime, (nanos, task) -> tasks.add(task)));
    }

    /** Lets the log go on until something holds. */
    void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + SECONDS + " s in vain");
            }
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            } else {
                disk.poll(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    /** Runs the tasks that are there, as a turn of a loop does. */
    void turn() {
        for (int left = tasks.size(); left > 0; left--) {
            tasks.remove().run();
        }
    }

    /** Lets the log go on as far as it can without what is held back. */
    void settle() {
        while (disk.poll(0) > 0 || !tasks.isEmpty()) {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    void closeLog() {
        boolean[] closed = new boolean[1];
        log().close(() -> closed[0] = true);
        until(() -> closed[0]);
    }

    @Override
    public void close() {
        disk.close();
    }
}
