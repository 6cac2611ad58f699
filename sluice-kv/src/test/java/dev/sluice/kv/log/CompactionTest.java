package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.disk.DiskEngine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a compaction takes of the time of others, and that it ends nevertheless. The clock is the test's. */
@Timeout(60)
class CompactionTest {
    private static final LogOptions OPTIONS = LogOptions.standard().withSegmentBytes(1 << 20);
    private static final long RECORD_NANOS = 20_000;

    @TempDir
    Path directory;

    private final List<Long> rests = new ArrayList<>();
    private final List<Runnable> resting = new ArrayList<>();
    private long clock;
    private int told;
    private int steps;
    private int longestStep;

    private Compaction compaction(LogRig rig, int records, int bytes, long nanos) {
        Pace pace = new Pace(() -> clock, (rest, task) -> {
            rests.add(rest);
            resting.add(task);
        });
        int[] sinceRest = new int[2];
        return new Compaction(
                rig.log(),
                () -> to -> {
                    if (told == records) {
                        return false;
                    }
                    if (sinceRest[1] != rests.size() || told == 0) {
                        sinceRest[0] = 0;
                        sinceRest[1] = rests.size();
                        steps++;
                    }
                    told++;
                    longestStep = Math.max(longestStep, ++sinceRest[0]);
                    clock += nanos;
                    to.accept(ByteBuffer.allocate(bytes));
                    return true;
                },
                () -> 42,
                pace);
    }

    private void goOn() {
        resting.removeFirst().run();
    }

    @Test
    void aStepIsBoundedByTimeAndARestIsAMultipleOfIt() {
        try (LogRig rig = new LogRig(DiskEngine.POOL).open(directory, OPTIONS, record -> {})) {
            Compaction compaction = compaction(rig, 30, 100, RECORD_NANOS);
            compaction.start();
            rig.until(() -> !resting.isEmpty());
            assertThat(told).isEqualTo(3); // 60 us: the first that are no less than 50
            assertThat(rests).containsExactly(4 * 3 * RECORD_NANOS);
            while (compaction.isRunning()) {
                goOn();
                rig.until(() -> !resting.isEmpty() || !compaction.isRunning());
            }
            assertThat(compaction.lastFailure()).isNull();
            assertThat(longestStep).isEqualTo(3);
            assertThat(steps).isEqualTo(10);
        }
    }

    @Test
    void aStepIsBoundedByBytes() {
        try (LogRig rig = new LogRig(DiskEngine.POOL).open(directory, OPTIONS, record -> {})) {
            compaction(rig, 100, 16 << 10, 0).start();
            rig.until(() -> !resting.isEmpty());
            assertThat(told).isEqualTo(4); // with their heads more than 64 KiB
        }
    }

    /** Where the log grows by as much as it had, nothing is rested any more; until then it is ever less. */
    @Test
    void itEndsUnderWritesWhichItWouldNotKeepUpWith() {
        LogOptions options = OPTIONS.withCompactBytes(200_000);
        try (LogRig rig = new LogRig(DiskEngine.POOL).open(directory, options, record -> {})) {
            Compaction compaction = compaction(rig, 300, 1000, RECORD_NANOS);
            compaction.start();
            rig.until(() -> !resting.isEmpty());
            while (compaction.isRunning()) {
                long number = rig.log().append(KeyStore.record(1, 1, 5000));
                rig.until(() -> rig.log().durable() >= number);
                if (!resting.isEmpty()) {
                    goOn();
                }
                rig.until(() -> !resting.isEmpty() || !compaction.isRunning());
            }
            assertThat(compaction.lastFailure()).isNull();
            assertThat(rests.getFirst()).isPositive();
            assertThat(rests.getLast()).isZero();
            assertThat(rests).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        }
    }

    @Test
    void aTickGoesOnWhereATimerWasDropped() {
        try (LogRig rig = new LogRig(DiskEngine.POOL).open(directory, OPTIONS, record -> {})) {
            Compaction compaction = compaction(rig, 30, 100, RECORD_NANOS);
            compaction.start();
            while (compaction.isRunning()) {
                rig.until(() -> !resting.isEmpty() || !compaction.isRunning());
                resting.clear();
                compaction.tick();
            }
            assertThat(told).isEqualTo(30);
        }
    }
}
