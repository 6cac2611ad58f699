package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** {@code bench/mutations.py}: bugs that are planted in the runtime, and whether simulation finds them. */
@Timeout(60)
class MutationsTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();

    private record Ran(int status, String out) {}

    @BeforeAll
    static void needsPython() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("python3", "-c", "import tomllib")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        Assumptions.assumeTrue(there, "python3 of 3.11 or newer is not installed here");
    }

    private static Ran run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "bench/mutations.py"));
        command.addAll(List.of("--class-path", System.getProperty("java.class.path")));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(REPOSITORY.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), out);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** It ends with an error where the code has changed under one of them. */
    @Test
    void eachCanStillBePlanted() throws Exception {
        Ran ran = run("--list");
        assertThat(ran.status()).isZero();
        assertThat(ran.out().lines()).hasSizeGreaterThan(20).allMatch(line -> line.matches("[a-z-]+: .+ \\(\\w+\\)"));
    }

    @Test
    @Tag("slow")
    void twoAreFound() throws Exception {
        Ran ran = run("--only", "tail-dropped", "closed-twice", "--services", "echo", "--seeds", "500");
        assertThat(ran.out()).contains("| `OutputQueue` |", "| `Lifecycle` |", "2 of 2 found, within 500 seeds each");
        assertThat(ran.status()).isZero();
    }

    /** A table that can't say no would prove nothing. */
    @Test
    @Tag("slow")
    void whatNoSeedMeetsIsNotFound() throws Exception {
        Ran ran = run("--only", "empty-line-remembered", "--services", "echo", "--seeds", "20");
        assertThat(ran.out()).contains("**not found**", "0 of 1 found, within 20 seeds each");
        assertThat(ran.status()).isOne();
    }

    @Test
    @Tag("slow")
    @Timeout(1800)
    @EnabledIfSystemProperty(
            named = "sluice.tier",
            matches = "full",
            disabledReason = "the whole table takes minutes; ./check --full runs it")
    void allAreFound() throws Exception {
        Ran ran = run();
        assertThat(ran.status()).as(ran.out()).isZero();
        assertThat(ran.out()).doesNotContain("not found");
    }
}
