package dev.sluice.lab.disk;

import dev.sluice.disk.DiskOption;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One engine at one depth: so many operations are kept under way, each followed by the next when it has ended, and what a read
 * brought is checked word by word before. Nothing is allocated between the first operation and the last. For one thread, which
 * drives the engine.
 */
final class Measurement {
    /** A slower operation counts as one that took so long. */
    private static final long MAX_NANOS = Duration.ofMinutes(10).toNanos();

    private static final int DIGITS = 3;
    private static final long UNTIL_TOLD = -1;
    private static final long NOT_ENDED = Long.MIN_VALUE;
    private static final int PERCENT = 100;

    /**
     * What is measured.
     *
     * @param depth operations that are kept under way
     * @param batch how many operations are handed to the engine before it is driven to submit them
     * @param warmup how long it runs before it counts
     * @param duration how long it counts
     * @param begun called where the warm-up ends
     * @param stopped asked now and then; where it says so the measurement ends early, without figures
     */
    record Task(
            DiskPattern pattern,
            boolean direct,
            int depth,
            int batch,
            Duration warmup,
            Duration duration,
            long seed,
            Beginning begun,
            BooleanSupplier stopped) {}

    /** What is done between warm-up and measuring. */
    interface Beginning {
        void run() throws DiskException;
    }

    /**
     * What was seen.
     *
     * @param latencies from the handing over of an operation to the telling of its result, in nanoseconds
     * @param patternNanos what filling and checking the blocks took, all together
     */
    record Seen(Histogram latencies, Reading from, Reading to, long readBytes, long writtenBytes, long patternNanos) {}

    private final DrivenDisk disk;
    private final Task task;
    private final TestFile file;
    private final SplittableRandom random;
    private final Histogram latencies = new Histogram(1, MAX_NANOS, DIGITS);
    private final Queue<Slot> idle;
    private int descriptor;
    private boolean measuring;
    private long readBytes;
    private long writtenBytes;
    private long patternNanos;
    private @Nullable DiskException failure;

    Measurement(DrivenDisk disk, Task task, TestFile file) {
        this.disk = disk;
        this.task = task;
        this.file = file;
        this.random = new SplittableRandom(task.seed());
        this.idle = new ArrayDeque<>(task.depth() + 1);
    }

    /**
     * Measures. All that is counted is begun and ended between the two readings.
     *
     * @return null where it was stopped
     * @throws DiskException where an operation failed, or a block was not what was written
     */
    @Nullable
    Seen run() throws DiskException {
        descriptor = open();
        List<Slot> slots = slots();
        phase(slots, task.warmup());
        if (failure == null && !task.stopped().getAsBoolean()) {
            task.begun().run();
        }
        measuring = true;
        Reading from = Reading.now(disk.systemCalls());
        phase(slots, task.duration());
        Reading to = Reading.now(disk.systemCalls());
        await(done -> disk.close(descriptor, done));
        if (failure != null) {
            throw failure;
        }
        return task.stopped().getAsBoolean()
                ? null
                : new Seen(latencies, from, to, readBytes, writtenBytes, patternNanos);
    }

    private List<Slot> slots() throws DiskException {
        int bytes = file.blocks().bytes();
        int align = disk.alignment(descriptor);
        if (bytes % align != 0) {
            throw new DiskException.Refused(
                    "direct access takes blocks of a multiple of " + align + " bytes here: name such a --block");
        }
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < task.depth(); i++) {
            slots.add(new Slot(disk.lend(bytes)));
        }
        return slots;
    }

    private int open() throws DiskException {
        Set<DiskOption> options = EnumSet.of(DiskOption.READ, DiskOption.WRITE);
        if (task.direct()) {
            options.add(DiskOption.DIRECT);
        }
        long opened = await(done -> disk.open(file.path().toString(), options, done));
        int errno = (int) Math.max(0, -opened);
        if (errno == Errno.EINVAL && task.direct()) {
            throw new DiskException.Refused("the file system of " + file.path().getParent()
                    + " has no direct access (O_DIRECT): name another folder, or --modes buffered");
        }
        if (errno != 0) {
            throw new DiskException(file.path() + " can't be opened: " + Errno.describe(errno));
        }
        return (int) opened;
    }

    /** Keeps all slots busy for a time, and waits for the last of what is under way: the buffers are lent until then. */
    private void phase(List<Slot> slots, Duration time) {
        idle.addAll(slots);
        long end = System.nanoTime() + time.toNanos();
        while (failure == null && !task.stopped().getAsBoolean() && System.nanoTime() - end < 0) {
            turn();
            disk.poll(UNTIL_TOLD);
        }
        while (idle.size() < slots.size()) {
            disk.poll(UNTIL_TOLD);
        }
        idle.forEach(Slot::finish);
        idle.clear();
    }

    /** Gives all that are idle their next operation; a batch of them is submitted without a wait, the last with the next one. */
    private void turn() {
        for (int left = idle.size(), begun = 1; left > 0; left--, begun++) {
            Slot slot = idle.remove();
            slot.finish();
            slot.begin();
            if (begun % task.batch() == 0 && left > 1) {
                disk.poll(0);
            }
        }
    }

    private long await(Consumer<LongConsumer> operation) {
        AtomicLong result = new AtomicLong(NOT_ENDED);
        operation.accept(result::set);
        while (result.get() == NOT_ENDED) {
            disk.poll(UNTIL_TOLD);
        }
        return result.get();
    }

    /** One of the operations under way; its buffer and its callback are used again and again. */
    private final class Slot {
        private final ByteBuffer buffer;
        private final LongConsumer done = this::done;
        private boolean writing;
        private int block;
        private long offset;
        private long begunNanos;
        private long endedNanos = NOT_ENDED;

        Slot(ByteBuffer buffer) {
            this.buffer = buffer.order(ByteOrder.nativeOrder());
        }

        void begin() {
            Blocks blocks = file.blocks();
            block = task.pattern().random() ? blocks.takeRandom(random) : blocks.takeNext();
            offset = blocks.offset(block);
            int reads = task.pattern().readsPercent();
            writing = reads == 0 || (reads < PERCENT && random.nextInt(PERCENT) >= reads);
            buffer.clear();
            begunNanos = System.nanoTime();
            if (writing) {
                long from = begunNanos;
                file.content().fill(buffer, offset, blocks.written(block));
                begunNanos = System.nanoTime();
                patternNanos += measuring ? begunNanos - from : 0;
            }
            start();
        }

        private void start() {
            long position = offset + buffer.position();
            if (!writing) {
                disk.read(descriptor, buffer, position, done);
            } else if (task.pattern().syncs()) {
                disk.writeAndSync(descriptor, buffer, position, done);
            } else {
                disk.write(descriptor, buffer, position, done);
            }
        }

        private void done(long result) {
            if (result > 0 && buffer.hasRemaining()) {
                start(); // reads and writes may be short
                return;
            }
            if (result <= 0) {
                failed(result);
            } else {
                endedNanos = System.nanoTime();
            }
            idle.add(this);
        }

        /** Checks and counts what has ended, if anything has. */
        void finish() {
            if (endedNanos == NOT_ENDED) {
                return;
            }
            if (!writing) {
                long from = System.nanoTime();
                check();
                patternNanos += measuring ? System.nanoTime() - from : 0;
            }
            file.blocks().release(block);
            if (measuring) {
                latencies.recordValue(Math.clamp(endedNanos - begunNanos, 1, MAX_NANOS));
                writtenBytes += writing ? buffer.capacity() : 0;
                readBytes += writing ? 0 : buffer.capacity();
            }
            endedNanos = NOT_ENDED;
        }

        private void check() {
            int generation = file.blocks().generation(block);
            int wrong = file.content().check(buffer, offset, generation);
            if (wrong != BlockContent.RIGHT && failure == null) {
                failure = WrongBlock.in(file.path(), file.content(), buffer, offset, generation, wrong);
            }
        }

        private void failed(long result) {
            if (failure == null) {
                failure = new DiskException((writing ? "the write" : "the read") + " at offset "
                        + (offset + buffer.position()) + " of " + file.path()
                        + (result == 0 ? " found the end of the file" : " failed: " + Errno.describe((int) -result)));
            }
        }
    }
}
