package dev.sluice.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class AffinityTest {
    private static <T> T onAThreadOfItsOwn(FutureTask<T> task) throws Exception {
        Thread.ofPlatform().start(task);
        return task.get();
    }

    @Test
    void aPinnedThreadMayUseThatCoreOnly() throws Exception {
        int[] before = Affinity.cores(CallState.global());
        int last = before[before.length - 1];
        int[] pinned = onAThreadOfItsOwn(new FutureTask<>(() -> {
            CallState state = CallState.global();
            assertThat(Affinity.pin(last, state)).isZero();
            return Affinity.cores(state);
        }));
        assertThat(pinned).containsExactly(last);
        assertThat(Affinity.cores(CallState.global())).as("other threads").isEqualTo(before);
    }

    @Test
    void aCoreThatThereIsNotIsRefused() throws Exception {
        int result = onAThreadOfItsOwn(new FutureTask<>(() -> Affinity.pin(1_023, CallState.global())));
        assertThat(result).isEqualTo(-Errno.EINVAL);
    }
}
