package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class ResourceUsageTest {
    /** Each park is a switch; they stay counted when their thread is gone. */
    @Test
    void switchesOfAThreadThatHasEndedAreCounted() throws InterruptedException {
        CallState state = CallState.global();
        long before = ResourceUsage.contextSwitches(state);
        Thread thread = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 50; i++) {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
            }
        });
        thread.join();
        assertThat(ResourceUsage.contextSwitches(state) - before).isGreaterThanOrEqualTo(50);
    }
}
