package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Priority;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Classes share by their weight, and none starves. */
final class WeightedTasksTest {
    private final WeightedTasks tasks = new WeightedTasks();
    private final List<Priority> ran = new ArrayList<>();

    private void add(Priority priority, int count) {
        for (int i = 0; i < count; i++) {
            tasks.add(priority, () -> ran.add(priority));
        }
    }

    @Test
    void allGetTheirShareWhileAllWait() {
        for (Priority each : Priority.values()) {
            add(each, 100);
        }
        for (int i = 0; i < 42; i++) {
            tasks.next().run();
        }
        Map<Priority, Integer> count = new EnumMap<>(Priority.class);
        ran.forEach(each -> count.merge(each, 1, Integer::sum));
        assertThat(count).isEqualTo(Map.of(Priority.HIGH, 32, Priority.NORMAL, 8, Priority.LOW, 2));
    }

    @Test
    void whoWaitsAloneGetsAll() {
        add(Priority.LOW, 50);
        add(Priority.HIGH, 1);
        for (int i = 0; i < 51; i++) {
            tasks.next().run();
        }
        assertThat(ran).hasSize(51);
        assertThat(ran.indexOf(Priority.HIGH)).isLessThan(2);
    }
}
