package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The start-up cache of {@code ./sluice}, with a folder that was built and a JDK whose {@code java} only writes down what it is told. */
@Timeout(60)
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();

    /** Does as it is told by the file "behaviour", for the step of training that this names. */
    private static final String JAVA = """
            #!/usr/bin/env bash
            echo "$*" >>"$JAVA_HOME/calls"
            for flag; do
                case $flag in
                    -XX:AOTMode=*) step=${flag#*=} ;;
                    -XX:AOTCache=*) cache=${flag#*=} ;;
                esac
            done
            case ${step:-run} in
                run) echo "ran $*" ;;
                create) echo whole >"$cache" ;;
            esac
            . "$JAVA_HOME/behaviour"
            """;

    @TempDir
    Path root;

    private Path jdk;
    private Path dist;

    private record Start(int status, String out, String err) {
        boolean saidThatItMakesACache() {
            return err.contains("making the start-up cache");
        }
    }

    @BeforeEach
    void build() throws IOException {
        Files.copy(REPOSITORY.resolve("sluice"), root.resolve("sluice"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectory(root.resolve("scripts"));
        try (Stream<Path> scripts = Files.list(REPOSITORY.resolve("scripts"))) {
            for (Path script : scripts.toList()) {
                Files.copy(script, root.resolve("scripts").resolve(script.getFileName()));
            }
        }
        jdk = root.resolve("jdk");
        Files.createDirectories(jdk.resolve("bin"));
        release("25.0.9+9-LTS");
        Files.writeString(jdk.resolve("behaviour"), "");
        for (String program : List.of("java", "javac")) {
            Path file = Files.writeString(jdk.resolve("bin").resolve(program), JAVA);
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        dist = Files.createDirectories(root.resolve(".sluice/dist/built"));
        Files.writeString(dist.resolve("sluice-cli.jar"), "");
        Files.writeString(dist.resolve("library.jar"), "");
        Files.writeString(root.resolve(".sluice/current"), "built\n");
        Files.writeString(dist.resolve("started"), "");
    }

    private void release(String build) throws IOException {
        Files.writeString(
                jdk.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + build + "\"\nJAVA_VERSION=\"25.0.9\"\n");
    }

    private Start start(String... environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(root.resolve("sluice").toString(), "models", "two words");
        Map<String, String> variables = builder.environment();
        List.of("SLUICE_JAVA_OPTS", "SLUICE_GC_FLAGS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
                .forEach(variables::remove);
        variables.put("JAVA_HOME", jdk.toString());
        for (String assignment : environment) {
            String[] parts = assignment.split("=", 2);
            variables.put(parts[0], parts[1]);
        }
        Path out = root.resolve("out");
        Path err = root.resolve("err");
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertThat(process.waitFor(Duration.ofSeconds(50))).isTrue();
        return new Start(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private List<String> caches() throws IOException {
        try (Stream<Path> files = Files.list(dist)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".aot"))
                    .sorted()
                    .toList();
        }
    }

    private long trainings() throws IOException {
        return Files.readString(jdk.resolve("calls"))
                .lines()
                .filter(call -> call.contains("-XX:AOTMode=record"))
                .count();
    }

    @Test
    void theCacheIsMadeOnceWithAWordAndThenUsedInSilence() throws Exception {
        Start first = start();
        assertThat(first.err()).isEqualTo("""
                making the start-up cache for JDK 25.0.9+9-LTS Nobody -XX:+UseSerialGC…
                made in %s s
                """.formatted(first.err().replaceAll("(?s).* in (\\d+) s.*", "$1")));
        Start second = start();
        assertThat(second.err()).isEmpty();
        assertThat(trainings()).isEqualTo(1);
        assertThat(caches()).containsExactly("1.aot");
        for (Start start : List.of(first, second)) {
            assertThat(start.status()).isZero();
            assertThat(start.out())
                    .startsWith("ran --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED ")
                    .contains("-XX:AOTCache=" + dist.resolve("1.aot"), "-cp " + dist.resolve("sluice-cli.jar") + ":")
                    .endsWith("dev.sluice.cli.Main models two words\n");
        }
    }

    /** The compiler would go by what a few requests of the training counted, for as long as a server runs. */
    @Test
    void theCacheHoldsNoProfiles() throws Exception {
        Start start = start();
        assertThat(start.out()).doesNotContain("AOTRecordTraining");
        assertThat(Files.readString(jdk.resolve("calls")).lines().filter(call -> call.contains("-XX:AOTMode=")))
                .hasSize(2)
                .allMatch(call -> call.contains("-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining"));
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(
            strings = {
                "SLUICE_GC_FLAGS=-XX:+UseZGC",
                "SLUICE_JAVA_OPTS=-XX:+UseCompactObjectHeaders",
                "SLUICE_JAVA_OPTS=-Xmx40g",
                "SLUICE_JAVA_OPTS=-Xmx33000m",
                "SLUICE_JAVA_OPTS=--add-modules=jdk.httpserver",
                "JAVA_TOOL_OPTIONS=-XX:ObjectAlignmentInBytes=16",
            })
    void whatAJvmWouldRefuseTheCacheForGetsItsOwn(String other) throws Exception {
        start();
        Start changed = start(other);
        assertThat(changed.saidThatItMakesACache()).as(changed.err()).isTrue();
        assertThat(changed.err()).contains(other.replaceAll("^[A-Z_]+=", ""));
        assertThat(changed.out()).contains("2.aot");
        assertThat(start(other).err()).isEmpty();
        assertThat(start().out()).contains("1.aot");
        assertThat(trainings()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xmx512m", "-Xmx4g", "-Xmx31g", "-Dx=y -Xss1m -Xlog:gc", "-ea", "-javaagent:x.jar"})
    void whatNoJvmRefusesItForDoesNot(String flags) throws Exception {
        start();
        Start changed = start("SLUICE_JAVA_OPTS=" + flags);
        assertThat(changed.err()).isEmpty();
        assertThat(changed.out()).contains("1.aot", flags);
    }

    @Test
    void anotherBuildOfTheJdkGetsItsOwn() throws Exception {
        start();
        release("25.0.9+10-LTS");
        Start updated = start();
        assertThat(updated.err()).contains("making the start-up cache for JDK 25.0.9+10-LTS Nobody");
        assertThat(updated.out()).contains("2.aot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"record", "create"})
    void aFailureCostsOnlySpeedAndIsNotTriedAgain(String failing) throws Exception {
        Files.writeString(
                jdk.resolve("behaviour"),
                "if [ \"${step:-}\" = " + failing + " ]; then echo 'no room' >&2; exit 1; fi");
        Start first = start();
        assertThat(first.status()).isZero();
        assertThat(first.err())
                .contains("it could not be made", dist.resolve("1.log").toString());
        assertThat(first.out()).startsWith("ran ").doesNotContain("AOTCache");
        assertThat(dist.resolve("1.log")).content().contains("no room");
        assertThat(caches()).isEmpty();
        assertThat(start().err()).isEmpty();
        assertThat(trainings()).isEqualTo(1);
    }

    @Test
    void aTrainingThatHangsHoldsUpNoStart() throws Exception {
        Path script = root.resolve("scripts/aot.sh");
        String text = Files.readString(script);
        assertThat(text).contains("\nAOT_TENTHS=300\n");
        Files.writeString(script, text.replace("AOT_TENTHS=300", "AOT_TENTHS=5"));
        Files.setLastModifiedTime(script, Files.getLastModifiedTime(root.resolve("scripts/jdk.sh")));
        Files.writeString(
                jdk.resolve("behaviour"),
                "if [ \"${step:-}\" = record ]; then echo $$ >\"$JAVA_HOME/pid\"; exec sleep 1000; fi");
        Start start = start();
        assertThat(start.status()).isZero();
        assertThat(start.out()).startsWith("ran ");
        assertThat(start.err()).contains("it could not be made");
        long pid = Long.parseLong(Files.readString(jdk.resolve("pid")).strip());
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    /** What an interrupted start leaves behind is neither used nor in the way. */
    @Test
    void aCacheIsThereWholeOrNotAtAll() throws Exception {
        Files.writeString(dist.resolve("1.unfinished"), "half of it");
        Start start = start();
        assertThat(start.saidThatItMakesACache()).isTrue();
        assertThat(dist.resolve("1.aot")).content().isEqualTo("whole\n");
        assertThat(dist.resolve("1.unfinished")).doesNotExist();
    }
}
