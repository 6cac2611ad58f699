package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice proxy} as a process, before back ends that are processes too. */
@Timeout(60)
@Tag("slow")
class ProxyCommandTest {
    private static HttpResponse<String> get(SluiceProcess sluice, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sluice.port() + path))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static SluiceProcess backend(String text) throws IOException {
        return SluiceProcess.start("serve", "--port", "0", "--model", "epoll", "--respond", text);
    }

    private static String url(SluiceProcess backend) throws IOException {
        return "http://127.0.0.1:" + backend.port();
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "threads", "virtual", "prefork"})
    void passesRequestsOnToEachInTurnAndStopsGracefully(String model) throws Exception {
        try (SluiceProcess one = backend("one");
                SluiceProcess two = backend("two");
                SluiceProcess proxy = SluiceProcess.start(
                        "proxy", "--port=0", "--model", model, "--processes=2", "--to", url(one) + "," + url(two))) {
            Set<String> answers = new TreeSet<>();
            for (int i = 0; i < 20; i++) {
                HttpResponse<String> response = get(proxy, "/any");
                assertThat(response.statusCode()).isEqualTo(200);
                answers.add(response.body());
            }
            assertThat(answers).containsExactly("one", "two");
            proxy.terminate();
            assertThat(proxy.status()).as(proxy.errors()).isZero();
            assertThat(proxy.errors()).contains("connections accepted, 0 cut");
        }
    }

    @Test
    void aBackEndThatIsGoneIsPassedOverAndOneThatIsNotThereIsTold() throws Exception {
        try (SluiceProcess stays = backend("stays");
                SluiceProcess goes = backend("goes");
                SluiceProcess proxy = SluiceProcess.start(
                        "proxy", "--port=0", "--model=epoll", "--to", url(goes) + "," + url(stays))) {
            goes.terminate();
            assertThat(goes.status()).isZero();
            for (int i = 0; i < 10; i++) {
                assertThat(get(proxy, "/").body()).isEqualTo("stays");
            }
            stays.terminate();
            assertThat(stays.status()).isZero();
            assertThat(get(proxy, "/").statusCode()).isEqualTo(502);
            proxy.terminate();
            assertThat(proxy.status()).isZero();
            assertThat(proxy.errors()).contains("back end ");
        }
    }

    @Test
    void eachRequestIsLogged(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        try (SluiceProcess backend = backend("logged");
                SluiceProcess proxy = SluiceProcess.start(
                        "proxy", "--port=0", "--model=epoll", "--to", url(backend), "--access-log=" + log)) {
            assertThat(get(proxy, "/page?x=1").body()).isEqualTo("logged");
            proxy.terminate();
            assertThat(proxy.status()).isZero();
        }
        assertThat(Files.readString(log)).contains("\"GET /page?x=1 HTTP/1.1\" 200 6");
    }

    // ---- the file

    private static void hangUp(SluiceProcess process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void awaitErrors(SluiceProcess process, String text) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!process.errors().contains(text)) {
            assertThat(System.nanoTime())
                    .as("waited for '%s' in: %s", text, process.errors())
                    .isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aHangUpReadsTheFileAgainAndOneWithAFaultChangesNothing(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("proxy.conf");
        try (SluiceProcess one = backend("one");
                SluiceProcess two = backend("two")) {
            Files.writeString(file, "# back ends\nto = " + url(one) + "\n\npick = least\nhealth = /\n");
            try (SluiceProcess proxy = SluiceProcess.start("proxy", "--port=0", "--model=epoll", "--config=" + file)) {
                assertThat(get(proxy, "/").body()).isEqualTo("one");
                Files.writeString(file, "to = " + url(two) + "\npcik = rr\n");
                hangUp(proxy);
                awaitErrors(
                        proxy, "SIGHUP: the configuration stays as it was: " + file + ":2: there is no option 'pcik'");
                assertThat(get(proxy, "/").body()).isEqualTo("one");
                Files.writeString(file, "to = " + url(two) + "\ntries = 1\n");
                hangUp(proxy);
                awaitErrors(proxy, "SIGHUP: takes effect with a restart only: tries");
                assertThat(proxy.errors()).contains("SIGHUP: reloaded; back ends: 127.0.0.1:");
                assertThat(get(proxy, "/").body()).isEqualTo("two");
                proxy.terminate();
                assertThat(proxy.status()).isZero();
                assertThat(proxy.errors()).contains(" requests, 0 failed");
            }
        }
    }

    @Test
    void refusesWhatIsTooMuchAndTellsOfItsBackEnds() throws Exception {
        try (SluiceProcess backend = SluiceProcess.start(
                        "serve", "--port=0", "--model=threads", "--respond=late", "--block-per-request=100ms");
                SluiceProcess proxy = SluiceProcess.start(
                        "proxy",
                        "--port=0",
                        "--model=epoll",
                        "--to",
                        url(backend),
                        "--limit=1",
                        "--timeout-field=X-Patience",
                        "--admin=0");
                HttpClient client = HttpClient.newHttpClient()) {
            int port = proxy.port();
            String admin = proxy.line().substring("admin on ".length());
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                    .build();
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
            }
            long refused =
                    all.stream().filter(each -> each.join().statusCode() == 503).count();
            assertThat(refused).isBetween(1L, 5L);
            HttpRequest scrape =
                    HttpRequest.newBuilder(URI.create(admin + "/metrics")).build();
            assertThat(client.send(scrape, HttpResponse.BodyHandlers.ofString()).body())
                    .contains(
                            "sluice_http_shed_total " + refused + ".0\n",
                            "sluice_http_responses_total{status=\"5xx\"} " + refused + ".0\n",
                            "sluice_backend_tries_total{backend=\"127.0.0.1:" + backend.port() + "\"} " + (6 - refused)
                                    + ".0\n");
            HttpRequest impatient = HttpRequest.newBuilder(request.uri())
                    .header("X-Patience", "20")
                    .build();
            assertThat(client.send(impatient, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isIn(503, 504);
        }
    }

    @Test
    void bytesAreRelayed() throws Exception {
        try (SluiceProcess echo = SluiceProcess.start("echo", "--port=0", "--model=epoll");
                SluiceProcess proxy = SluiceProcess.start(
                        "proxy",
                        "--tcp",
                        "--port=0",
                        "--model=epoll",
                        "--to",
                        "127.0.0.1:" + echo.port(),
                        "--health=connect");
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            client.getOutputStream().write("any protocol".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("any protocol");
        }
    }

    @Test
    void theFileOfTheGuideIsFine(@TempDir Path folder) throws Exception {
        String guide = Files.readString(Path.of("..", "docs", "proxy.md"));
        int from = guide.indexOf("```\n", guide.indexOf("<!-- config:begin -->")) + 4;
        Path file = folder.resolve("proxy.conf");
        Files.writeString(file, guide.substring(from, guide.indexOf("```", from)));
        try (SluiceProcess check = SluiceProcess.start("proxy", "--check", "--config=" + file)) {
            assertThat(check.line())
                    .startsWith("back ends: 127.0.0.1:9001, 127.0.0.1:9002 (least, checked by /health)");
            assertThat(check.status()).isZero();
        }
    }
}
