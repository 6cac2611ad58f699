package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.engine.DiskRing;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.UringCalls;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a ring takes to do something, and what becomes of that when it breaks. */
@Timeout(30)
class RingTroubleTest {
    private static final int BYTES = 4096;

    @TempDir
    Path directory;

    private @Nullable TroubledKernel kernel;

    @BeforeEach
    void needsRings() {
        var availability = DiskRing.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
    }

    private DiskRing ring() {
        return new DiskRing(8, 16, state -> {
            TroubledKernel made = new TroubledKernel(state);
            kernel = made;
            return made;
        });
    }

    private TroubledKernel kernel() {
        return Objects.requireNonNull(kernel);
    }

    /** The machine's kernel, but for what it is told to do next. */
    private static final class TroubledKernel extends UringCalls {
        private final UringCalls machine;
        volatile boolean broken;
        int entries;

        TroubledKernel(CallState state) {
            super(state);
            this.machine = UringCalls.machine(state);
        }

        @Override
        public int setup(int count, long params) {
            return machine.setup(count, params);
        }

        @Override
        public long map(int fd, long offset, long bytes) {
            return machine.map(fd, offset, bytes);
        }

        @Override
        public void unmap(long address, long bytes) {
            machine.unmap(address, bytes);
        }

        @Override
        public int enter(int fd, int count, int minComplete, int flags, long argument, long argumentBytes) {
            if (broken) {
                return -Errno.EBADR;
            }
            int taken = machine.enter(fd, count, minComplete, flags, argument, argumentBytes);
            entries += Math.max(0, taken);
            return taken;
        }

        @Override
        public int register(int fd, int operation, long argument, int count) {
            return machine.register(fd, operation, argument, count);
        }

        @Override
        public void close(int fd) {
            machine.close(fd);
        }

        @Override
        public long nanoTime() {
            return machine.nanoTime();
        }
    }

    private static long wait(DrivenDisk disk, Consumer<LongConsumer> operation) {
        List<Long> told = new ArrayList<>();
        operation.accept(told::add);
        while (told.isEmpty()) {
            disk.poll(TimeUnit.SECONDS.toNanos(1));
        }
        return told.getFirst();
    }

    private int open(DrivenDisk disk) {
        String path = directory.resolve("file").toString();
        long file = wait(disk, done -> disk.open(path, Set.of(DiskOption.WRITE, DiskOption.CREATE), done));
        assertThat(file).isNotNegative();
        return (int) file;
    }

    @Test
    void aWriteAndItsSyncAreOneEntry() {
        try (DrivenDisk disk = new OwnRingDisk(DiskOptions.standard(), ring())) {
            assertThat(entriesOfWriteAndSync(disk)).isEqualTo(1);
        }
    }

    private int entriesOfWriteAndSync(DrivenDisk disk) {
        int file = open(disk);
        int before = kernel().entries;
        assertThat(writeAndSync(disk, file)).isEqualTo(BYTES);
        return kernel().entries - before;
    }

    private static long writeAndSync(DrivenDisk disk, int file) {
        ByteBuffer from = disk.lend(BYTES);
        return wait(disk, done -> disk.writeAndSync(file, from, 0, done));
    }

    @Test
    void whenTheRingBreaksItsOperationsFail() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        DiskRing ring = ring();
        Disk disk = new CarriedDisk(DiskOptions.standard(), new RingCarrier(ring), thread, null);
        try {
            kernel().broken = true;
            ring.wake();
            List<Long> told = new ArrayList<>();
            thread.submit(() -> disk.remove("/absent/one", told::add)).get();
            thread.submit(() -> disk.remove("/absent/two", told::add)).get();
            while (thread.submit(told::size).get() < 2) {
                Thread.onSpinWait();
            }
            assertThat(thread.submit(() -> List.copyOf(told)).get()).containsOnly((long) -Errno.EIO);
            thread.submit(() -> disk.close()).get();
        } finally {
            thread.shutdown();
        }
    }
}
