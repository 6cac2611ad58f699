package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.report.ResultsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice compare} as a process, with real servers and a real generator. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class CompareCommandTest {
    /** In the command line of every server of this test, and of nothing else. */
    private final String mark = "mark-" + UUID.randomUUID();

    @TempDir
    Path folder;

    @AfterEach
    void noServerIsLeft() {
        assertThat(servers().map(ProcessHandle::pid)).isEmpty();
    }

    private Stream<ProcessHandle> servers() {
        return ProcessHandle.allProcesses()
                .filter(process -> arguments(process).stream().anyMatch(argument -> argument.contains(mark)))
                .filter(process -> arguments(process).contains("serve"));
    }

    private static List<String> arguments(ProcessHandle process) {
        return Arrays.asList(process.info().arguments().orElse(new String[0]));
    }

    private SluiceProcess compare(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "compare",
                "--set=serve.respond=" + mark,
                "--connections=4",
                "--warmup=200ms",
                "--duration=300ms",
                "--pin=none",
                "--output=" + folder));
        for (String option : more) {
            String name = option.substring(0, option.indexOf('=') + 1);
            arguments.removeIf(given -> !name.equals("--set=") && !name.isEmpty() && given.startsWith(name));
            arguments.add(option);
        }
        return SluiceProcess.start(arguments.toArray(String[]::new));
    }

    private Results results() throws Exception {
        return ResultsFile.read(folder.resolve("results.json"));
    }

    private static boolean said(SluiceProcess sluice, String words) {
        try {
            return sluice.errors().contains(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(Duration.ofMillis(20)); // between two looks
        }
    }

    @Test
    void twoModelsAreMeasuredInRoundsOfTheSameOrderForTheSameSeed() throws Exception {
        try (SluiceProcess sluice = compare("--models=epoll,threads,kqueue", "--rounds=2", "--seed=7")) {
            assertThat(sluice.status()).as(sluice.errors()).isZero();
            assertThat(sluice.errors()).contains("4 measurements in 2 rounds").contains("[4/4] round 2: ");
        }
        Results results = results();
        assertThat(results.complete()).isTrue();
        assertThat(results.command()).startsWith("./sluice compare ").contains("--seed=7");
        assertThat(results.servers()).extracting(ServerResult::name).containsExactly("epoll", "threads", "kqueue");
        List<Integer> orders = new ArrayList<>();
        for (ServerResult server : results.servers().subList(0, 2)) {
            assertThat(server.skipped()).isEmpty();
            Point point = server.points().getFirst();
            assertThat(point.rounds()).hasSize(2);
            for (Round round : point.rounds()) {
                orders.add(round.order());
                assertThat(round.load().requestsCount()).isPositive();
                assertThat(round.load().connectionsCount()).isEqualTo(4);
                everythingIsKnown(round.figures());
            }
        }
        assertThat(orders).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    private static void everythingIsKnown(Figures figures) {
        assertThat(figures.errorsCount()).isZero();
        assertThat(figures.cpuMicros()).isBetween(0.1, 10_000.0);
        assertThat(figures.systemCallsPerRequest()).isBetween(0.5, 20.0);
        assertThat(figures.contextSwitchesPerRequest()).isNotNull();
        assertThat(figures.residentBytes()).isGreaterThan(1 << 20);
        assertThat(figures.threadsCount()).isGreaterThan(1);
        assertThat(figures.allocatedBytesPerRequest()).isNotNull();
        assertThat(figures.gcPauseMicros()).isNotNull();
        assertThat(figures.connectionBytes()).as("of four connections").isNull();
    }

    @Test
    void whatAModelCannotHoldIsLeftOutWithTheReason() throws Exception {
        try (SluiceProcess sluice =
                compare("--models=select,prefork,epoll", "--rounds=1", "--connections=2,1100", "--seed=1")) {
            assertThat(sluice.status()).as(sluice.errors()).isZero();
        }
        Results results = results();
        assertThat(results.workload().sweep()).isEqualTo("connections");
        assertThat(results.servers().get(0).skipped())
                .contains("1,100 connections")
                .contains("1023");
        assertThat(results.servers().get(0).points()).extracting(Point::value).containsExactly(2.0);
        assertThat(results.servers().get(1).skipped()).contains("a process for each");
        assertThat(results.servers().get(1).points()).extracting(Point::value).containsExactly(2.0);
        assertThat(results.servers().get(2).skipped()).isEmpty();
        assertThat(results.servers().get(2).points()).extracting(Point::value).containsExactly(2.0, 1100.0);
        assertThat(results.servers().get(2).points().getLast().median().connectionBytes())
                .isNotNull();
    }

    @Test
    void aSignalKeepsWhatWasMeasured() throws Exception {
        try (SluiceProcess sluice = compare("--models=epoll,threads", "--rounds=500")) {
            await(() -> said(sluice, "[1/"));
            sluice.terminate();
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors()).contains("stopping: ").doesNotContain("Exception");
        }
        assertThat(results().complete()).isFalse();
        assertThat(results().servers()).anyMatch(server -> !server.points().isEmpty());
    }

    @Test
    void noServerOutlivesAComparisonThatIsKilled() throws Exception {
        SluiceProcess sluice = compare("--models=epoll,threads", "--rounds=500", "--warmup=20s");
        await(() -> servers().findAny().isPresent());
        sluice.close(); // SIGKILL
        await(() -> servers().findAny().isEmpty());
    }

    @Test
    void aServerThatDiesMidwayIsLeftOutAndTheOthersGoOn() throws Exception {
        try (SluiceProcess sluice = compare("--models=epoll,threads", "--rounds=1", "--warmup=3s")) {
            await(() -> ProcessHandle.of(sluice.pid()).stream()
                    .flatMap(ProcessHandle::children)
                    .anyMatch(child -> arguments(child).contains("generate")));
            ProcessHandle victim = servers().findAny().orElseThrow();
            String model = arguments(victim).contains("--model=epoll") ? "epoll" : "threads";
            victim.destroyForcibly();
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines().filter(line -> line.contains("left out: ")))
                    .singleElement()
                    .asString()
                    .contains(model + " ended with status 137");
            for (ServerResult server : results().servers()) {
                assertThat(server.points().isEmpty()).isEqualTo(server.name().equals(model));
                assertThat(server.skipped().isEmpty())
                        .isNotEqualTo(server.name().equals(model));
            }
        }
    }

    @Test
    void anothersServerThatDiesMidwayIsLeftOut() throws Exception {
        Path log = folder.resolve("access.log");
        String other =
                "mine=exec " + java() + " serve --model=nio --port={port} --respond=" + mark + " --access-log=" + log;
        try (SluiceProcess sluice = compare("--models=threads", "--rounds=1", "--warmup=3s", "--also=" + other)) {
            await(() -> log.toFile().length() > 10_000); // under load, and it alone runs
            servers().forEach(ProcessHandle::destroyForcibly);
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines().filter(line -> line.contains("left out: ")))
                    .singleElement()
                    .asString()
                    .contains("mine ended with status 137");
        }
        assertThat(results().servers())
                .extracting(server -> server.points().isEmpty())
                .containsExactly(false, true);
    }

    @Test
    void aServerThatDropsIdleConnectionsIsLeftOut() throws Exception {
        try (SluiceProcess sluice = compare(
                "--models=epoll",
                "--rounds=1",
                "--warmup=1s",
                "--set=load.idle=20",
                "--set=serve.idle-timeout=100ms")) {
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors()).contains("left out: epoll held only ").contains(" of 20 idle connections");
        }
    }

    @Test
    void whereNothingIsMeasuredThatIsAFailure() throws Exception {
        try (SluiceProcess sluice = compare("--models=kqueue")) {
            assertThat(sluice.status()).isEqualTo(1);
        }
        assertThat(results().servers())
                .singleElement()
                .satisfies(server -> assertThat(server.skipped()).contains("this machine can't run it"));
    }

    @Test
    void resultsThatHaveNoPlaceAreToldBeforeAnythingIsMeasured() throws Exception {
        Files.createDirectories(folder.resolve("results.json").resolve("in the way"));
        try (SluiceProcess sluice = compare("--models=epoll")) {
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("sluice compare: " + folder.resolve("results.json") + " can't be written: ");
        }
        Path file = Files.createFile(folder.resolve("file"));
        try (SluiceProcess sluice = compare("--models=epoll", "--output=" + file)) {
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines())
                    .singleElement()
                    .asString()
                    .contains("can't make the folder " + file + " for the results: there is a file of that name");
        }
    }

    @Test
    void aPortInUseIsToldInTheServersOwnWords() throws Exception {
        try (SluiceProcess other = SluiceProcess.start("serve", "--port=0", "--model=epoll", "--respond=other");
                SluiceProcess sluice = compare("--models=threads", "--rounds=1", "--also=" + reference(other.port()))) {
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines().filter(line -> line.contains("left out: ")))
                    .singleElement()
                    .asString()
                    .contains("taken ended with status 1")
                    .contains("EADDRINUSE");
        }
        assertThat(results().servers()).extracting(ServerResult::family).containsExactly("blocking", "reference");
    }

    private static String reference(int port) {
        return "taken=: {port}; exec " + java() + " serve --model=nio --respond=x --port=" + port;
    }

    /** Sluice, for a shell. */
    private static String java() {
        return "'" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -cp '"
                + System.getProperty("java.class.path") + "' " + Main.class.getName();
    }

    @Test
    void anOptionThatTheGeneratorHasNotEndsTheComparison() throws Exception {
        try (SluiceProcess sluice = compare("--models=epoll,threads", "--set=load.foo=1")) {
            assertThat(sluice.status()).isEqualTo(2);
            assertThat(sluice.errors().lines().toList().getLast()).contains("--foo");
        }
    }
}
