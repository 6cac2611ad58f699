package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.AcceptMode;
import dev.sluice.Options;
import dev.sluice.UringSwitch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerSetupTest {
    @Test
    void whatIsSentIsWhatArrives() {
        Options options = Options.builder()
                .loops(3)
                .accept(AcceptMode.HANDOFF)
                .shed(true)
                .outputLimit(1L << 40)
                .idleTimeout(Duration.ofNanos(1_234_567_890_123L))
                .processes(5, 50)
                .uring(UringSwitch.parse("direct=on,spin=50,buffers=32x64"))
                .build();
        WorkerSetup setup = new WorkerSetup("a.Provider", List.of("", "two words", "日本"), options);
        assertThat(WorkerSetup.decode(setup.encode())).isEqualTo(setup);
    }
}
