package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentLookTest {
    private static final long TICK = 1 << 23;
    private static final long MOST = (1L << 40) - 1;

    private final RecentLook look = new RecentLook();

    @ParameterizedTest
    @ValueSource(longs = {0, 7 * TICK, -3 * TICK, Long.MIN_VALUE})
    void countsUntilTheEndOfItsTick(long begin) {
        assertThat(look.reaches(1, begin)).isFalse();
        look.found(0, 4096, begin);
        assertThat(look.reaches(4096, begin + TICK - 1)).isTrue();
        assertThat(look.reaches(4097, begin + TICK - 1)).isFalse();
        assertThat(look.reaches(1, begin + TICK)).isFalse();
        assertThat(look.reaches(1, begin - 1)).isFalse();
    }

    @Test
    void growsByWhatFollowsOnWhatIsKnown() {
        look.found(0, 1000, TICK);
        look.found(1000, 2000, TICK);
        assertThat(look.reaches(2000, TICK)).isTrue();
        look.found(500, 2500, TICK);
        assertThat(look.reaches(2500, TICK)).isTrue();
        look.found(0, 100, TICK);
        assertThat(look.reaches(2500, TICK)).isTrue();
    }

    @Test
    void knowsNothingBehindAGap() {
        look.found(1, 1000, TICK);
        assertThat(look.reaches(1, TICK)).isFalse();
        look.found(0, 1000, TICK);
        look.found(1001, 2000, TICK);
        assertThat(look.reaches(1001, TICK)).isFalse();
        look.found(1000, 2000, 2 * TICK);
        assertThat(look.reaches(1, 2 * TICK)).isFalse();
    }

    @Test
    void keepsNoLengthThatItsWordCannotHold() {
        look.found(0, MOST, TICK);
        look.found(0, MOST + 1, TICK);
        assertThat(look.reaches(MOST, TICK)).isTrue();
        assertThat(look.reaches(MOST + 1, TICK)).isFalse();
        assertThat(look.reaches(MOST, 2 * TICK)).isFalse();
    }
}
