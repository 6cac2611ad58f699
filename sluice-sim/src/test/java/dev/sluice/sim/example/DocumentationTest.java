package dev.sluice.sim.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sim.Beneath;
import dev.sluice.sim.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What docs/simulation.md shows of code is code that is tested, and what it lists is all there is. */
class DocumentationTest {
    private static final Path EXAMPLE = Path.of("src/test/java/dev/sluice/sim/example");

    private static String documentation() throws IOException {
        return Files.readString(Path.of("..", "docs", "simulation.md"));
    }

    private static String code(String file) throws IOException {
        String source = Files.readString(EXAMPLE.resolve(file));
        int from = source.indexOf("// example:begin\n") + "// example:begin\n".length();
        return source.substring(from, source.indexOf("// example:end"))
                .stripIndent()
                .strip();
    }

    @Test
    void showsTheExample() throws IOException {
        for (String file : new String[] {
            "Frames.java",
            "MendedFrames.java",
            "FramesExample.java",
            "Journal.java",
            "MendedJournal.java",
            "JournalExample.java"
        }) {
            assertThat(documentation()).contains("```java\n" + code(file) + "\n```\n");
        }
    }

    @Test
    void tellsEachFault() throws IOException {
        for (Faults.Kind kind : Faults.Kind.values()) {
            assertThat(documentation()).contains("| `" + kind.label() + "` |");
        }
    }

    @Test
    void tellsWhatLoopsWaitWith() throws IOException {
        for (Beneath beneath : Beneath.values()) {
            assertThat(documentation()).contains("`" + beneath.label() + "`");
        }
    }
}
