package dev.sluice.style.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/styles.md shows of code is code that is tested. */
class DocumentationTest {
    private static final Path EXAMPLES = Path.of("src/test/java/dev/sluice/style/examples");

    private static String code(String file) throws IOException {
        String source = Files.readString(EXAMPLES.resolve(file + ".java"));
        int from = source.indexOf("// example:begin\n") + "// example:begin\n".length();
        return source.substring(from, source.indexOf("// example:end"))
                .stripIndent()
                .strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LineEchoCallbacks",
                "LineEchoPromises",
                "LineEchoSequential",
                "ChatRoom",
                "ChatCallbacks",
                "ChatPromises",
                "ChatSequential",
                "FanOutCallbacks",
                "FanOutPromises",
                "FanOutSequential"
            })
    void showsTheExample(String file) throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "styles.md"));
        assertThat(guide).contains("```java\n" + code(file) + "\n```\n");
    }
}
