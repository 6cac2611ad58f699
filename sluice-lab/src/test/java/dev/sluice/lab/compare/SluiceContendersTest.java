package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SluiceContendersTest {
    @TempDir
    Path folder;

    private List<String> command(Workload first, Workload point) throws Exception {
        Choice choice = new Choice(Models.choose("nio"), Variant.PLAIN);
        Contender contender = new SluiceContenders(List.of("sluice"), first, folder)
                .of(List.of(choice))
                .getFirst();
        return contender.launch().command(0, point, folder);
    }

    @Test
    void theWorkloadsOwnTimeoutsTakeTheComparisonsPlace() throws Exception {
        Workload plain = Workload.preset("plaintext");
        assertThat(command(plain, plain)).contains("--idle-timeout=1h", "--header-timeout=1h", "--write-timeout=1h");
        Workload hasty = plain.with("serve.idle-timeout", "5s");
        assertThat(command(hasty, hasty))
                .contains("--idle-timeout=5s", "--header-timeout=1h")
                .doesNotContain("--idle-timeout=1h");
    }

    @Test
    void eachPointOfASweepServesItsOwnFiles() throws Exception {
        Workload first = Workload.preset("files-small").with("site.bytes", "10");
        Workload second = first.with("site.bytes", "20").with("site.files", "2");
        for (Workload point : List.of(first, second, first)) {
            Path site = command(first, point).stream()
                    .flatMap(word -> word.startsWith(folder.toString()) ? Stream.of(Path.of(word)) : Stream.empty())
                    .findFirst()
                    .orElseThrow();
            assertThat(site).isDirectory();
            assertThat(site.resolve("f0")).hasSize(point.siteBytes());
            assertThat(site.toFile().list()).hasSize(point.siteFiles());
        }
    }
}
