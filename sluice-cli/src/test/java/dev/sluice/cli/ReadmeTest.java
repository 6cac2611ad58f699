package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's table of models is the code's own. */
class ReadmeTest {
    private static final String BEGIN = "<!-- models:begin -->\n";
    private static final String END = "<!-- models:end -->";

    @Test
    void tableOfModelsIsTheCodes() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        int begin = readme.indexOf(BEGIN) + BEGIN.length();

        assertThat(readme.substring(begin, readme.indexOf(END)))
                .as("README.md between the marks; './sluice models --markdown' prints what belongs there")
                .isEqualTo(ModelsCommand.markdown());
    }
}
