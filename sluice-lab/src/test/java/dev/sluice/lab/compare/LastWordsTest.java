package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
    @TempDir
    Path folder;

    private String last(int count, String printed) throws Exception {
        return LastWords.of(
                Files.write(folder.resolve("printed"), printed.getBytes(StandardCharsets.ISO_8859_1)), count);
    }

    @Test
    void ofAStackWhatHappenedIsToldAndNotWhere() throws Exception {
        String stack = """
                starting
                Exception in thread "main" java.lang.IllegalStateException: no ring
                \tat dev.sluice.Main.main(Main.java:5)
                \t... 12 more

                """;
        assertThat(last(1, stack)).isEqualTo("Exception in thread \"main\" java.lang.IllegalStateException: no ring");
        assertThat(last(5, stack)).startsWith("starting; Exception");
    }

    @Test
    void nothingAndForeignBytesAreNoFailure() throws Exception {
        assertThat(last(1, "")).isEmpty();
        assertThat(last(1, "caf\u00e9 closed")).endsWith(" closed");
    }
}
