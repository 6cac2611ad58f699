package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A durable log on a disk of a world, with crashes: nothing is lost that was promised, and a log that is wrong is found out. */
@Timeout(300)
class LogWorldTest {
    private static final int SEEDS = Seeds.count(300);
    private static final int SEEDS_FOR_A_BUG = 2000;

    @Test
    void nothingIsLostThatWasPromised() {
        int told = 0;
        int recoveries = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            LogWorld.Ran ran = LogWorld.run(seed, AppendLog.Bug.NONE);
            told += ran.told();
            recoveries += ran.recoveries();
        }
        assertThat(told).isGreaterThan(20 * SEEDS);
        assertThat(recoveries).isGreaterThan(3 * SEEDS);
    }

    @ParameterizedTest
    @Tag("slow")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void eachBugIsFound(AppendLog.Bug bug) {
        for (long seed = 0; seed < SEEDS_FOR_A_BUG; seed++) {
            try {
                LogWorld.run(seed, bug);
            } catch (WorldFailure e) {
                assertThat(e.what()).contains("a record is");
                return;
            }
        }
        fail("not found within " + SEEDS_FOR_A_BUG + " seeds");
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(LogWorld.run(seed, AppendLog.Bug.NONE)).isEqualTo(LogWorld.run(seed, AppendLog.Bug.NONE));
        }
    }
}
