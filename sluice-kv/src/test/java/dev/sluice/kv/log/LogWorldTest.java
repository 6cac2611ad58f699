package dev.sluice.kv.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.disk.Disk;
import dev.sluice.os.Errno;
import dev.sluice.sim.WorldFailure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log on a disk of a world that fails in all ways, with crashes at any step; and on disks that lie, which is found out. */
@Timeout(300)
class LogWorldTest {
    private static final int SEEDS = count();
    private static final int SEEDS_FOR_A_LIE = 3000;

    private static int count() {
        int usual = System.getProperty("sluice.tier", "quick").equals("quick") ? 30 : 300;
        return Integer.getInteger("sluice.sim.seeds", usual);
    }

    @Test
    void nothingIsLostThatWasPromised() {
        long promised = 0;
        int recoveries = 0;
        int snapshots = 0;
        int refusals = 0;
        Long only = Long.getLong("sluice.sim.seed");
        for (long seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
            LogWorld.Ran ran = LogWorld.run(seed, disk -> disk);
            promised += ran.promised();
            recoveries += ran.recoveries();
            snapshots += ran.snapshots();
            refusals += ran.refusals();
        }
        assertThat(promised).isGreaterThan(50L * SEEDS);
        assertThat(recoveries).isGreaterThan(4 * SEEDS);
        assertThat(snapshots).isGreaterThan(SEEDS / 2);
        assertThat(refusals).isGreaterThan(SEEDS / 20);
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(LogWorld.run(seed, disk -> disk)).isEqualTo(LogWorld.run(seed, disk -> disk));
        }
    }

    /** What a disk says that isn't so. */
    enum Lie implements UnaryOperator<Disk> {
        /** A batch is written, and not synced. */
        BATCH_NOT_SYNCED,
        /** Nothing else is synced, neither files nor names. */
        NOT_SYNCED,
        /** A sync that failed did not. */
        FAILED_SYNC_TOLD_AS_DONE;

        @Override
        public Disk apply(Disk disk) {
            Class<?>[] types = {Disk.class};
            return (Disk) Proxy.newProxyInstance(Disk.class.getClassLoader(), types, (proxy, method, arguments) -> {
                LongConsumer done = arguments != null && arguments[arguments.length - 1] instanceof LongConsumer last
                        ? last
                        : result -> {};
                if (this == BATCH_NOT_SYNCED && method.getName().equals("writeAndSync")) {
                    disk.write((int) arguments[0], (java.nio.ByteBuffer) arguments[1], (long) arguments[2], done);
                    return null;
                }
                if (this == NOT_SYNCED && method.getName().startsWith("sync")) {
                    disk.read((int) arguments[0], java.nio.ByteBuffer.allocateDirect(0), 0, result -> done.accept(0));
                    return null;
                }
                if (this == FAILED_SYNC_TOLD_AS_DONE && method.getName().startsWith("sync")) {
                    LongConsumer lying = result -> done.accept(result == -Errno.EIO ? 0 : result);
                    arguments[arguments.length - 1] = lying;
                }
                try {
                    return method.invoke(disk, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void aDiskThatLiesIsFoundOut(Lie lie) {
        for (long seed = 0; seed < SEEDS_FOR_A_LIE; seed++) {
            try {
                LogWorld.run(seed, lie);
            } catch (WorldFailure e) {
                assertThat(e.what())
                        .containsAnyOf("promised records", "a record is", "taken for damaged", "not what was written");
                return;
            }
        }
        fail("not found within " + SEEDS_FOR_A_LIE + " seeds");
    }
}
