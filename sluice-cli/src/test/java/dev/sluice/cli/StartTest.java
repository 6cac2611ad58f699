package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server's start must do without. */
@Timeout(60)
class StartTest {
    /**
     * Picocli's factory looks for Groovy, and so in every jar of the class path: see {@link Specs#FACTORY}. The proxy's list of back
     * ends is made by it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"serve --respond hi", "echo", "kv"})
    void looksForNoClassThatIsNotThere(String command, @TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(List.of("--port", "0"));
        try (SluiceProcess server = SluiceProcess.start(
                List.of("env", "JDK_JAVA_OPTIONS=-Xlog:class+init=info:file=" + log),
                Redirect.PIPE,
                arguments.toArray(String[]::new))) {
            assertThat(server.line()).as(server.errors()).startsWith("listening on ");
            assertThat(Files.readString(log))
                    .contains("Initializing 'picocli/CommandLine'")
                    .doesNotContain("Initializing 'picocli/CommandLine$DefaultFactory'");
        }
    }
}
