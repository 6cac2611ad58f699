package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Models;
import dev.sluice.lab.compare.Counters;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code sluice serve} serves, as a process. */
@Timeout(60)
class ServeCommandTest {
    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static HttpRequest.Builder to(SluiceProcess sluice, String path) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sluice.port() + path));
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads", "virtual", "prefork"})
    void respondAnswersWithTheText(String model) throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve", "--port", "0", "--model", model, "--processes", "2", "--respond", "two words")) {
            HttpResponse<String> response = send(to(sluice, "/any"));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("two words");
            sluice.terminate();
            assertThat(sluice.status()).as(sluice.errors()).isZero();
        }
    }

    @Test
    void reflectAnswersWithTheBody() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("serve", "--port", "0", "--model", "epoll", "--reflect")) {
            HttpResponse<String> response =
                    send(to(sluice, "/").POST(HttpRequest.BodyPublishers.ofString("there and back")));
            assertThat(response.body()).isEqualTo("there and back");
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"1", "virtual"})
    void workersRunTheHandlers(String workers) throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve", "--port", "0", "--model", "epoll", "--workers", workers, "--respond", "done")) {
            assertThat(send(to(sluice, "/")).body()).isEqualTo("done");
            sluice.terminate();
            assertThat(sluice.status()).isZero();
        }
    }

    @Test
    void whatIsOverTheLimitIsRefusedBeforeAnyWork() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                        "serve",
                        "--port=0",
                        "--model=epoll",
                        "--workers=2",
                        "--limit=1",
                        "--respond=x",
                        "--block-per-request=1s");
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    to(sluice, "/").timeout(Duration.ofSeconds(20)).build();
            var one = client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
            var two = client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
            assertThat(List.of(one.get().statusCode(), two.get().statusCode())).containsExactlyInAnyOrder(200, 503);
            HttpResponse<String> refused = one.get().statusCode() == 503 ? one.get() : two.get();
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        }
    }

    @Test
    void aClientMayShortenTheDeadlineOfItsRequest() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve",
                "--port=0",
                "--model=epoll",
                "--workers=2",
                "--timeout-field=X-Timeout",
                "--respond=x",
                "--block-per-request=10m")) {
            assertThat(send(to(sluice, "/").header("X-Timeout", "100")).statusCode())
                    .isEqualTo(503);
            assertThat(send(to(sluice, "/").header("X-Timeout", "soon")).statusCode())
                    .isEqualTo(400);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"--cpu-per-request", "--block-per-request"})
    void aHandlerCostsWhatIsAskedFor(String option) throws Exception {
        try (SluiceProcess sluice =
                SluiceProcess.start("serve", "--port", "0", "--model", "epoll", "--respond", "x", option, "100ms")) {
            HttpRequest.Builder request = to(sluice, "/");
            long begun = System.nanoTime();
            assertThat(send(request).body()).isEqualTo("x");
            // Other work on the core makes it longer; steps that were calibrated on a busy core are fewer.
            assertThat(System.nanoTime() - begun)
                    .isGreaterThan(Duration.ofMillis(40).toNanos());
        }
    }

    /** There the compiler is late, and what was measured before would be far too little work. */
    @Test
    @Tag("slow")
    @EnabledOnOs(OS.LINUX) // taskset
    void aHandlerComputesAsLongAsIsAskedForThoughItsCoreIsBusy() throws Exception {
        List<String> pinned = List.of("taskset", "-c", "0");
        Process other = new ProcessBuilder("taskset", "-c", "0", "sh", "-c", "while :; do :; done").start();
        try (SluiceProcess sluice = SluiceProcess.start(
                pinned,
                ProcessBuilder.Redirect.PIPE,
                "serve",
                "--port=0",
                "--model=epoll",
                "--respond=x",
                "--cpu-per-request=200ms")) {
            HttpRequest.Builder request = to(sluice, "/");
            long begun = System.nanoTime();
            assertThat(send(request).body()).isEqualTo("x");
            assertThat(System.nanoTime() - begun)
                    .isGreaterThan(Duration.ofMillis(80).toNanos());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Tag("slow")
    @Test
    void onlyOneRequestInSoManyIsSlow() throws Exception {
        Duration slow = Duration.ofMinutes(10);
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve",
                "--port=0",
                "--model=epoll",
                "--respond=x",
                "--block-per-request=" + slow.toSeconds() + "s",
                "--slow-one-in=" + Integer.MAX_VALUE)) {
            assertThat(send(to(sluice, "/").timeout(slow.dividedBy(2))).body()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"epoll", "prefork"})
    void countersAreToldOnTheControlStreamWhoseEndIsTheServers(String model) throws Exception {
        try (SluiceProcess sluice =
                SluiceProcess.start("serve", "--port", "0", "--model", model, "--respond", "x", "--control")) {
            HttpRequest.Builder request = to(sluice, "/");
            sluice.send("");
            Counters before = Counters.ofJson(sluice.line());
            assertThat(send(request).body()).isEqualTo("x");
            Counters after = before;
            // A worker of prefork reports when it takes a connection, before it has served it, and every 200 ms.
            while (after.acceptedCount() == before.acceptedCount()
                    || after.systemCallsCount() <= before.systemCallsCount()) {
                sluice.send("");
                after = Counters.ofJson(sluice.line());
            }
            boolean oneProcess = !model.equals("prefork");
            assertThat(after.allocatedBytes() != null).isEqualTo(oneProcess);
            assertThat(after.switchesCount() != null).isEqualTo(oneProcess);
            sluice.closeInput();
            assertThat(sluice.status()).as(sluice.errors()).isZero();
        }
    }

    @Test
    void limitsReachTheSession() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve", "--port", "0", "--model", "epoll", "--max-line", "100", "--respond", "x")) {
            assertThat(send(to(sluice, "/" + "a".repeat(200))).statusCode()).isEqualTo(414);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads", "prefork"})
    void servesAFolder(String model, @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("index.html"), "<p>index");
        Files.writeString(folder.resolve(".secret"), "no");
        try (SluiceProcess sluice =
                SluiceProcess.start("serve", folder.toString(), "--port", "0", "--model", model, "--processes", "2")) {
            String root = "http://127.0.0.1:" + sluice.port();
            HttpResponse<String> index = send(HttpRequest.newBuilder(URI.create(root + "/")));
            assertThat(index.statusCode()).isEqualTo(200);
            assertThat(index.body()).isEqualTo("<p>index");
            assertThat(send(HttpRequest.newBuilder(URI.create(root + "/.secret")))
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource({"threads, '', sendfile", "threads, direct, direct", "epoll, pool, pool", "io_uring, '', io_uring"})
    void readsFilesInTheWayThatItSays(String model, String asked, String told, @TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Models.find(model).orElseThrow().availability().available());
        byte[] content = new byte[300_001];
        new Random(5).nextBytes(content);
        Files.write(folder.resolve("large.bin"), content);
        List<String> words = new ArrayList<>(List.of("serve", folder.toString(), "--port", "0", "--model", model));
        if (!asked.isEmpty()) {
            words.addAll(List.of("--file-io", asked));
        }
        try (SluiceProcess sluice = SluiceProcess.start(words.toArray(String[]::new));
                HttpClient client = HttpClient.newHttpClient()) {
            Matcher line = sluice.listening();
            assertThat(line.group()).endsWith(", files by " + told + ")");
            URI uri = URI.create("http://127.0.0.1:" + line.group(2) + "/large.bin");
            HttpResponse<byte[]> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.body()).isEqualTo(content);
        }
    }

    @Test
    void listsAndLogsWhenAsked(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("name.txt"), "text");
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve", folder.toString(), "--port", "0", "--model", "epoll", "--list", "--access-log")) {
            assertThat(send(to(sluice, "/")).body()).contains("name.txt");
            assertThat(sluice.line()).matches("127\\.0\\.0\\.1 - - \\[.+] \"GET / HTTP/1\\.1\" 200 [0-9]+");
        }
    }

    @Test
    void logsToAFileThatIsCompleteWhenTheServerHasEnded(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        try (SluiceProcess sluice = SluiceProcess.start(
                "serve", folder.toString(), "--port", "0", "--model", "epoll", "--access-log=" + log)) {
            assertThat(send(to(sluice, "/none")).statusCode()).isEqualTo(404);
            sluice.terminate();
            assertThat(sluice.status()).isZero();
        }
        assertThat(Files.readAllLines(log)).singleElement().asString().contains("\"GET /none HTTP/1.1\" 404");
    }
}
