package dev.sluice.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What all threads together allocate for an operation, by the JVM's own count, once the compiler is done. */
@Tag("slow")
@DisplayName("What a disk allocates")
class DiskAllocationTest extends DiskConformance {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WINDOW = 2_000;
    private static final int MOST_WINDOWS = 60;
    private static final int DEPTH = 8;
    /**
     * The JVM's own threads allocate a little now and then. And the linker cuts a slice of 40 bytes off the memory that catches errno, in
     * each system call (SharedUtils.checkCaptureSegment); mostly, and not always, the compiler takes it away.
     */
    private static final double NOTHING_BYTES = 41;

    @BeforeEach
    void open() throws Exception {
        // The executor of "told" is the JDK's, and its queue makes a node for each task; a world makes events.
        assumeTrue(kind.name().endsWith("DRIVEN") || kind == DiskRig.Kind.RING_OF_ITS_LOOP);
        open(DiskOptions.standard());
    }

    @Test
    @DisplayName("an operation allocates nothing of ours")
    void nothing() throws Exception {
        int file = create("file");
        fill(file, DEPTH);
        Window[] windows = new Window[DEPTH];
        for (int i = 0; i < DEPTH; i++) {
            windows[i] = new Window(file, lend(UNIT), (long) i * UNIT);
        }
        double least = Double.MAX_VALUE;
        for (int n = 0; n < MOST_WINDOWS && least > NOTHING_BYTES; n++) {
            least = Math.min(least, window(windows));
        }
        assertThat(least).as("bytes an operation").isLessThanOrEqualTo(NOTHING_BYTES);
    }

    private double window(Window[] windows) throws Exception {
        List<Long> told = new ArrayList<>(DEPTH);
        long[] bytes = new long[1];
        rig.inside(() -> {
            bytes[0] = THREADS.getTotalThreadAllocatedBytes();
            for (Window window : windows) {
                window.begin(told);
            }
            return null;
        });
        await(told, DEPTH);
        // The last one told read the count; what the test allocates after that isn't in it.
        return (double) (latest(windows) - bytes[0]) / (WINDOW * DEPTH);
    }

    /** Reads one unit again and again. */
    private final class Window implements LongConsumer {
        private final int file;
        private final ByteBuffer buffer;
        private final long position;
        private int left;
        private long allocated;
        private List<Long> told = List.of();

        Window(int file, ByteBuffer buffer, long position) {
            this.file = file;
            this.buffer = buffer;
            this.position = position;
        }

        void begin(List<Long> results) {
            told = results;
            left = WINDOW;
            rig.disk.read(file, buffer.clear(), position, this);
        }

        @Override
        public void accept(long result) {
            if (result == UNIT && --left > 0) {
                rig.disk.read(file, buffer.clear(), position, this);
                return;
            }
            allocated = THREADS.getTotalThreadAllocatedBytes();
            note(told, result);
        }
    }

    private static long latest(Window[] windows) {
        long most = 0;
        for (Window window : windows) {
            most = Math.max(most, window.allocated);
        }
        return most;
    }
}
