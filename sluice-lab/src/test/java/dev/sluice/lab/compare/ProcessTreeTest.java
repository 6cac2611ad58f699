package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.ProcessTree.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class ProcessTreeTest {
    /** Computes, says so, and stays; so does a child of it. */
    private static final String BUSY =
            "work() { i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo worked; read line; }; work & work";

    @Test
    void timeMemoryAndThreadsAreThoseOfAllProcesses() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", BUSY).start();
        try (BufferedReader out = shell.inputReader()) {
            assertThat(out.readLine()).isEqualTo("worked");
            assertThat(out.readLine()).isEqualTo("worked");
            Usage usage = ProcessTree.usage(shell.toHandle());
            assertThat(usage).isNotNull();
            assertThat(usage.threads()).hasSizeGreaterThanOrEqualTo(1).contains(shell.pid());
            assertThat(usage.userMicros()).isBetween(20_000L, 60_000_000L);
            assertThat(usage.residentBytes()).isBetween(100_000L, 100_000_000L);
            assertThat(usage.switchesCount()).isPositive();
            assertThat(usage.threadsCount()).isEqualTo(usage.threads().size());
        } finally {
            List<ProcessHandle> children = shell.descendants().toList();
            shell.destroyForcibly().waitFor();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void theTimeOfChildrenThatHaveEndedStays() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder(
                        "sh", "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo ended; read line")
                .start();
        try (BufferedReader out = shell.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ended");
            Usage usage = ProcessTree.usage(shell.toHandle());
            assertThat(usage).isNotNull();
            assertThat(usage.userMicros() + usage.systemMicros()).isGreaterThan(20_000L);
        } finally {
            shell.destroyForcibly().waitFor();
        }
    }

    @Test
    void nothingIsKnownOfAProcessThatIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        assertThat(ProcessTree.usage(gone.toHandle())).isNull();
    }
}
