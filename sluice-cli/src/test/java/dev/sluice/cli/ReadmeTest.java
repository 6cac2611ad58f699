package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the README shows of the code is the code's own. */
class ReadmeTest {
    @Test
    void tableOfModelsIsTheCodes() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        assertThat(between(readme, "<!-- models:begin -->\n", "<!-- models:end -->"))
                .as("README.md between the marks; './sluice models --markdown' prints what belongs there")
                .isEqualTo(ModelsCommand.markdown());
    }

    @Test
    void exampleIsOneThatRuns() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        String source = Files.readString(Path.of("src/test/java/dev/sluice/cli/HelloServer.java"));
        assertThat(between(readme, "<!-- example:begin -->\n```java\n", "```\n<!-- example:end -->"))
                .isEqualTo(between(source, "// readme:begin\n", "\n    // readme:end")
                                .stripIndent() + "\n");
        try (Server server = HelloServer.start("nio");
                HttpClient client = HttpClient.newHttpClient()) {
            int port = ((InetSocketAddress) server.address()).getPort();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hello"))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("Hello from nio\n");
        }
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
