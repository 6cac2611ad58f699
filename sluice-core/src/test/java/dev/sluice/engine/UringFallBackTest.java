package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.UringOptions;
import dev.sluice.observe.Incident;
import dev.sluice.observe.Recorded;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.UringCalls;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel that doesn't know the newest flags: the ring is set up without them, and that is told. */
class UringFallBackTest {
    /** The machine's kernel, but for the first so many set-ups, which it refuses as an older one would. */
    private static final class OlderKernel extends UringCalls {
        private final UringCalls machine;
        private int refusals;

        OlderKernel(CallState state, int refusals) {
            super(state);
            this.machine = UringCalls.machine(state);
            this.refusals = refusals;
        }

        @Override
        public int setup(int entries, long params) {
            return refusals-- > 0 ? -Errno.EINVAL : machine.setup(entries, params);
        }

        @Override
        public long map(int fd, long offset, long bytes) {
            return machine.map(fd, offset, bytes);
        }

        @Override
        public void unmap(long address, long bytes) {
            machine.unmap(address, bytes);
        }

        @Override
        public int enter(int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes) {
            return machine.enter(fd, submitCount, minComplete, flags, argument, argumentBytes);
        }

        @Override
        public int register(int fd, int operation, long argument, int count) {
            return machine.register(fd, operation, argument, count);
        }

        @Override
        public void close(int fd) {
            machine.close(fd);
        }

        @Override
        public long nanoTime() {
            return machine.nanoTime();
        }
    }

    @Test
    void whatItLacksIsCountedAndRecorded(@TempDir Path folder) throws Exception {
        var availability = UringEngine.availability();
        Assumptions.assumeTrue(availability.available(), availability.reason());
        long before = Incident.FALL_BACK.count();
        try (Recording recording = new Recording();
                Arena arena = Arena.ofConfined()) {
            recording.enable("dev.sluice.FallBack");
            recording.start();
            UringSetup made = UringSetup.open(UringOptions.standard(), new OlderKernel(new CallState(arena), 2));
            made.queues().close();
            assertThat(Incident.FALL_BACK.count()).isEqualTo(before + 1);
            assertThat(Recorded.named(recording, folder, "dev.sluice.FallBack"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.getString("model")).isEqualTo("io_uring"))
                    .satisfies(event -> assertThat(event.getString("why")).contains("without DEFER_TASKRUN"));
        }
    }
}
