package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code docs/attacks.md} against the tests that it names. */
class AttacksDocumentTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    /** A test, or one of its methods. */
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`");

    /** By name: two modules may have a test of the same. */
    private static Map<String, List<Path>> tests() throws IOException {
        try (Stream<Path> all = Files.find(
                REPOSITORY, 12, (path, attributes) -> path.toString().matches(".*/src/test/java/.*Test\\.java"))) {
            return all.collect(
                    Collectors.groupingBy(path -> path.getFileName().toString().replace(".java", "")));
        }
    }

    @Test
    void everyTestThatItNamesIsThere() throws IOException {
        Map<String, List<Path>> tests = tests();
        String document = Files.readString(REPOSITORY.resolve("docs/attacks.md"));
        List<String> missing = NAMED.matcher(document)
                .results()
                .filter(named -> tests.getOrDefault(named.group(1), List.of()).stream()
                        .noneMatch(file -> isIn(file, named.group(2))))
                .map(MatchResult::group)
                .toList();
        assertThat(missing).isEmpty();
    }

    private static boolean isIn(Path file, @Nullable String method) {
        try {
            return method == null || Files.readString(file).contains("void " + method + "(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRowNamesATest() throws IOException {
        List<String> rows = Files.readAllLines(REPOSITORY.resolve("docs/attacks.md")).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| attack |") && !line.startsWith("| ---"))
                .filter(line -> line.split(" \\| ").length == 3)
                .toList();
        assertThat(rows)
                .hasSizeGreaterThan(20)
                .allMatch(row -> NAMED.matcher(row).find());
    }
}
