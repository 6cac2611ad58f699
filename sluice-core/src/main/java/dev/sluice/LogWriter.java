package dev.sluice;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of lines, and the thread that brings them to a logger. It is started with the first line; where the
 * system has no thread left just then, which may well be what the line tells of, the next line tries again.
 */
final class LogWriter {
    private record Line(Level level, String text, @Nullable Throwable error) {}

    private final Logger logger;
    private final ThreadFactory started;
    private final MpscVarHandleArrayQueue<Line> lines = new MpscVarHandleArrayQueue<>(1024);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean starting = new AtomicBoolean();
    private volatile @Nullable Thread writer;

    /**
     * A writer without a thread yet.
     *
     * @param started makes a thread and starts it
     */
    LogWriter(Logger logger, ThreadFactory started) {
        this.logger = logger;
        this.started = started;
    }

    /** Queues a line without blocking; from any thread. A full queue drops it, and counts it. */
    void log(Level level, String text, @Nullable Throwable error) {
        if (!lines.offer(new Line(level, text, error))) {
            dropped.incrementAndGet();
        }
        Thread thread = writer;
        if (thread != null) {
            LockSupport.unpark(thread);
        } else if (starting.compareAndSet(false, true)) {
            start();
        }
    }

    private void start() {
        try {
            Thread _ = started.newThread(this::write);
        } catch (OutOfMemoryError noThreadLeft) {
            starting.set(false);
        }
    }

    /** Whoever logged before {@link #writer} was known did not unpark it: the queue is looked at before each park. */
    private void write() {
        writer = Thread.currentThread();
        while (true) {
            Line line = lines.poll();
            if (line == null) {
                LockSupport.park(this);
                continue;
            }
            if (line.error() == null) {
                logger.log(line.level(), line.text());
            } else {
                logger.log(line.level(), line.text(), line.error());
            }
            long lost = dropped.getAndSet(0);
            if (lost > 0) {
                logger.log(Level.WARNING, lost + " lines were dropped: the log could not keep up");
            }
        }
    }
}
