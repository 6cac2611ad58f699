package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.os.CallState;
import dev.sluice.os.SchedulingPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class CompilerThreadsTest {
    @Test
    void theyGiveWayAndNobodyElseDoes() {
        CompilerThreads.giveWay();
        CallState state = CallState.global();
        assertThat(CompilerThreads.numbers())
                .isNotEmpty()
                .allSatisfy(thread ->
                        assertThat(SchedulingPolicy.get(thread, state)).isEqualTo(SchedulingPolicy.SCHED_BATCH));
        assertThat(SchedulingPolicy.get(0, state)).isEqualTo(SchedulingPolicy.SCHED_OTHER);
    }
}
