package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.engine.NioEngine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a loop looks at the clock, and for how long it waits then; the test turns it, and sets the clock. */
class LoopClockTest {
    private static final int TURN_BYTES = 64 * 1024;
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Clock clock = new Clock();
    private final Loop loop =
            new Loop("tested", Options.standard(), Loop.ANY_CORE, () -> new NioEngine(TURN_BYTES), clock);
    private boolean ran;

    @BeforeEach
    void begin() {
        loop.begin();
    }

    @AfterEach
    void finish() {
        loop.finish();
    }

    @Test
    void aBusyLoopLooksOnceATurn() {
        startTimer(60_000);
        turn(0);
        clock.looks = 0;
        for (int i = 0; i < 10; i++) {
            turn(1);
        }
        assertThat(clock.looks).isEqualTo(10);
    }

    @Test
    void aNearDeadlineIsWaitedForToTheNanosecond() {
        startTimer(900);
        turn(7); // the last of these milliseconds are over when it waits again
        assertThat(loop.beforeWait()).isEqualTo(893 * MILLI);
    }

    @Test
    void aFarDeadlineIsNotMissedAfterALongTurn() {
        startTimer(1_500);
        turn(700);
        while (!ran) {
            long wait = loop.beforeWait();
            assertThat(wait).as("a timer that is due, or will be").isNotNegative();
            clock.now += wait;
            loop.afterWait();
        }
        assertThat(clock.now - clock.began).isEqualTo(1_500 * MILLI);
    }

    @Test
    void whoIsAskedWhatTimeItIsBehindALongTaskIsToldAnew() {
        long[] told = new long[2];
        loop.submit(() -> {
            told[0] = loop.nanoTime();
            clock.now += 5 * MILLI;
        });
        loop.submit(() -> told[1] = loop.nanoTime());
        turn(0);
        assertThat(told[1] - told[0]).isEqualTo(5 * MILLI);
    }

    private void startTimer(long millis) {
        loop.start(
                new TimerWheel.Entry() {
                    @Override
                    protected void run() {
                        ran = true;
                    }
                },
                millis * MILLI);
    }

    /** A turn in which a session asks for the time, and then takes so long. */
    private void turn(long millis) {
        loop.beforeWait();
        loop.nanoTime();
        clock.now += millis * MILLI;
        loop.afterWait();
    }

    private static final class Clock extends Environment {
        private final long began = 12_345;
        private long now = began;
        private int looks;

        @Override
        public long nanoTime() {
            looks++;
            return now;
        }

        @Override
        public long currentTimeMillis() {
            return TimeUnit.NANOSECONDS.toMillis(now);
        }

        @Override
        public RandomGenerator random() {
            return MACHINE.random();
        }

        @Override
        public Files files() {
            return MACHINE.files();
        }

        @Override
        public void turn(Loop loop) {
            throw new UnsupportedOperationException("the test turns it");
        }

        @Override
        public boolean await(CompletableFuture<?> future, long nanos) {
            throw new UnsupportedOperationException("nobody waits for it");
        }

        @Override
        public void pause(long nanos) {
            now += nanos;
        }
    }
}
