package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An echo service in worlds of all sorts: whatever happens there, all that {@link Checks} demands holds. */
@Timeout(300)
class EchoWorldTest {
    private static final int SEEDS = Seeds.count(500);

    @ParameterizedTest
    @EnumSource
    void withoutFaults(Beneath beneath) {
        for (long seed = 0; seed < 100; seed++) {
            EchoWorld.run(seed, beneath, Faults.none());
        }
    }

    @ParameterizedTest
    @EnumSource
    void withFaults(Beneath beneath) {
        for (long seed = 0; seed < SEEDS; seed++) {
            EchoWorld.run(seed, beneath, null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameSeedTellsTheSameStory(Beneath beneath) {
        for (long seed = 0; seed < 20; seed++) {
            Story first = EchoWorld.run(seed, beneath, null);
            Story second = EchoWorld.run(seed, beneath, null);
            assertThat(second.lineCount()).isEqualTo(first.lineCount()).isPositive();
            assertThat(second.hash()).isEqualTo(first.hash());
        }
    }

    @Test
    void otherSeedsTellOtherStories() {
        Set<Long> hashes = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            hashes.add(EchoWorld.run(seed, null, null).hash());
        }
        assertThat(hashes).hasSize(100);
    }
}
