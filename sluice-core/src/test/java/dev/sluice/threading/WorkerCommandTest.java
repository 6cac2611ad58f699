package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Options;
import dev.sluice.ServiceProvider;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What of this JVM's command line, which the build writes, goes to a worker. */
@EnabledOnOs(OS.LINUX) // where the kernel tells it
class WorkerCommandTest {
    private static List<String> line(WorkerKind kind) {
        return WorkerCommand.of(kind, ServiceProvider.class, List.of()).arguments();
    }

    @Test
    void eachWorkerOpensTheSamePackagesOrTakesNoCache() {
        String opened = "--add-opens=java.base/java.lang=ALL-UNNAMED";
        assertThat(line(WorkerKind.prefork(Options.standard()))).contains(opened);
        assertThat(line(WorkerKind.serving(2, true))).contains(opened);
    }

    @Test
    void aSmallWorkerKeepsItsOwnMemory() {
        assertThat(line(WorkerKind.serving(2, true))).contains("-Xmx2g");
        assertThat(line(WorkerKind.prefork(Options.standard())))
                .contains("-Xmx64m")
                .doesNotContain("-Xmx2g");
    }
}
