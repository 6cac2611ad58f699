package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/kv.md} against the table of commands. */
class KvDocumentTest {
    @Test
    void theDocumentTellsEveryCommandAndNoOther() throws Exception {
        String document = Files.readString(Path.of("../docs/kv.md"));
        String table = document.substring(
                document.indexOf("<!-- commands:begin -->"), document.indexOf("<!-- commands:end -->"));
        assertThat(Pattern.compile("`([A-Z]+)`")
                        .matcher(table)
                        .results()
                        .map(found -> found.group(1).toLowerCase(Locale.ROOT)))
                .containsExactlyInAnyOrderElementsOf(Commands.all().keySet());
    }
}
