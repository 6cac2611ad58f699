package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many workers are started, and when. */
class WorkerNeedTest {
    private static final int LEAST = 64;

    private final WorkerNeed need = new WorkerNeed(LEAST, 2 * LEAST);
    private final List<WorkerProcess> workers = new ArrayList<>();

    /** Were they all to start at once, on few cores none would be up before its time is over. */
    @Test
    void startsNoMoreSideBySideThanTheCoresBear() {
        int most = 2 * Runtime.getRuntime().availableProcessors();
        start();
        assertThat(workers).hasSize(Math.min(LEAST, most));
        start();
        assertThat(workers).hasSize(Math.min(LEAST, most));
    }

    @Test
    void reachesTheLeastAsTheyComeUp() {
        for (int i = 0; i < LEAST && workers.size() < LEAST; i++) {
            start();
            workers.forEach(
                    worker -> worker.report = new WorkerReport(WorkerReport.State.IDLE, 0, WorkerReport.NONE.stats()));
        }
        assertThat(workers).hasSize(LEAST);
        start();
        assertThat(workers).hasSize(LEAST);
    }

    private void start() {
        int count = need.toSpawn(workers, System.nanoTime());
        for (int i = 0; i < count; i++) {
            workers.add(new WorkerProcess(0, -1, -1, -1));
        }
    }
}
