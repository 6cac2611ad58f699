package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who fails is passed over for a time, then tried by one request. */
class EjectionTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000); // wraps, as nanoTime may
    private final List<Backend> all = new ArrayList<>();

    private Backends backends(int count, Ejection ejection) {
        for (int i = 0; i < count; i++) {
            all.add(new Backend(new InetSocketAddress("127.0.0.1", 9001 + i), 1, clock::get));
        }
        return new Backends(all, Balancing.RR, ejection);
    }

    private static void ask(Backend backend, Backend.Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            backend.started();
            backend.ended(outcome);
        }
    }

    private void pass(long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void failuresInARowEjectAndOneAnswerBringsItBack() {
        backends(3, new Ejection(3, Duration.ofSeconds(10), 50));
        Backend sick = all.getFirst();
        ask(sick, Backend.Outcome.FAILED, 2);
        ask(sick, Backend.Outcome.ANSWERED, 1);
        ask(sick, Backend.Outcome.FAILED, 2);
        ask(sick, Backend.Outcome.CANCELLED, 5);
        assertThat(sick.isAvailable()).isTrue();
        ask(sick, Backend.Outcome.FAILED, 1);
        assertThat(sick.isAvailable()).isFalse();
        pass(9);
        assertThat(sick.isAvailable()).isFalse();
        pass(1);
        assertThat(sick.isAvailable()).isTrue();
        sick.started();
        assertThat(sick.isAvailable()).as("half-open: one at a time").isFalse();
        sick.ended(Backend.Outcome.ANSWERED);
        assertThat(sick.isEjected()).isFalse();
        sick.started();
        assertThat(sick.isAvailable()).isTrue();
    }

    @Test
    void aProbeThatFailsEjectsForLonger() {
        backends(2, new Ejection(1, Duration.ofSeconds(10), 50));
        Backend sick = all.getFirst();
        ask(sick, Backend.Outcome.FAILED, 1);
        pass(10);
        ask(sick, Backend.Outcome.FAILED, 1);
        pass(19);
        assertThat(sick.isAvailable()).isFalse();
        pass(1);
        assertThat(sick.isAvailable()).isTrue();
    }

    @Test
    void notAllAreEjectedAtOnce() {
        Backends backends = backends(4, new Ejection(1, Duration.ofSeconds(10), 50));
        all.forEach(backend -> ask(backend, Backend.Outcome.FAILED, 3));
        assertThat(all.stream().filter(Backend::isEjected)).hasSize(2);
        assertThat(backends.pick(0, none -> false)).isNotNull();
    }

    @Test
    void theOnlyOneIsNeverEjectedNorAnyWhereThatIsOff() {
        backends(1, new Ejection(1, Duration.ofSeconds(10), 100));
        ask(all.getFirst(), Backend.Outcome.FAILED, 9);
        assertThat(all.getFirst().isAvailable()).isTrue();
        all.clear();
        backends(2, Ejection.never());
        ask(all.getFirst(), Backend.Outcome.FAILED, 9);
        assertThat(all.getFirst().isAvailable()).isTrue();
    }
}
