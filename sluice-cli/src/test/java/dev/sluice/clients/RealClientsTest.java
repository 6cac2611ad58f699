package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.clients.Program.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** curl, wrk and Chromium against live servers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RealClientsTest {
    private static final String MODELS = "dev.sluice.clients.LiveModels#models";
    private static final Duration CURL_LIMIT = Duration.ofSeconds(60);

    private static final Site SITE = Site.shared();

    @TempDir
    private static Path temp;

    private static Result curl(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--silent", "--show-error", "--max-time", "50"));
        all.addAll(List.of(arguments));
        return Program.named("curl").run(CURL_LIMIT, all);
    }

    private static byte[] bytes(String out) {
        return out.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlGetsFilesWholeAndInRanges(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            String large = server.url("/large.bin");
            assertThat(bytes(curl(large).out())).isEqualTo(SITE.large);
            assertThat(bytes(curl("-r", "0-99", large).out())).isEqualTo(Arrays.copyOf(SITE.large, 100));
            assertThat(bytes(curl("-r", "1000000-1999999", large).out()))
                    .isEqualTo(Arrays.copyOfRange(SITE.large, 1_000_000, 2_000_000));
            assertThat(bytes(curl("-r", "-17", large).out()))
                    .isEqualTo(Arrays.copyOfRange(SITE.large, Site.LARGE_BYTES - 17, Site.LARGE_BYTES));
            Result several = curl("-i", "-r", "0-4,7-11", server.url("/hello.txt"));
            assertThat(several.out())
                    .startsWith("HTTP/1.1 206 Partial Content\r\n")
                    .contains("Content-Type: multipart/byteranges; boundary=")
                    .contains("Content-Range: bytes 0-4/13\r\n\r\nhello\r\n--")
                    .contains("Content-Range: bytes 7-11/13\r\n\r\nworld\r\n--");
            assertThat(curl("-i", "-r", "99-", server.url("/hello.txt")).out())
                    .startsWith("HTTP/1.1 416 ")
                    .contains("Content-Range: bytes */13");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlResumesADownloadThatBroke(String model) throws Exception {
        Path half = temp.resolve("half-" + model);
        Files.write(half, Arrays.copyOf(SITE.large, 1_234_567));
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            Result resumed = curl("-C", "-", "-o", half.toString(), server.url("/large.bin"));
            assertThat(resumed.status()).as(resumed.err()).isZero();
            assertThat(Files.readAllBytes(half)).isEqualTo(SITE.large);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlAsksForHeadsAndChanges(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            String hello = server.url("/hello.txt");
            Result head = curl("-I", hello, server.url("/large.bin"));
            assertThat(head.out())
                    .contains("Content-Length: 13\r\n", "Content-Length: " + Site.LARGE_BYTES + "\r\n")
                    .contains("Content-Type: text/plain; charset=utf-8\r\n");
            Path etag = temp.resolve("etag-" + model);
            String format = "%{http_code} %{size_download}";
            assertThat(curl("-o", "/dev/null", "-w", format, "--etag-save", etag.toString(), hello)
                            .out())
                    .isEqualTo("200 13");
            assertThat(curl("-o", "/dev/null", "-w", format, "--etag-compare", etag.toString(), hello)
                            .out())
                    .isEqualTo("304 0");
            assertThat(curl("-o", "/dev/null", "-w", format, "-z", "Fri, 01 Jan 2100 00:00:00 GMT", hello)
                            .out())
                    .isEqualTo("304 0");
            assertThat(curl("-L", "-w", " %{num_redirects} %{url_effective}", server.url("/images"))
                            .out())
                    .contains("<a href=\"99.svg\">")
                    .endsWith(" 1 " + server.url("/images/"));
            Result packed = curl("--compressed", "-w", "%{size_download}", server.url("/app.js"));
            assertThat(packed.out()).startsWith("let filler").hasSizeBetween(16_000, 16_010);
            assertThat(curl("-o", "/dev/null", "-w", format, server.url("/none"))
                            .out())
                    .startsWith("404 ");
            assertThat(curl("-X", "DELETE", "-i", hello).out())
                    .startsWith("HTTP/1.1 405 ")
                    .contains("Allow: GET, HEAD");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlKeepsItsConnectionAndSpeaksTheOldVersionToo(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            String hello = server.url("/hello.txt");
            Result kept = curl(
                    "-w",
                    "%{num_connects} ",
                    "-o",
                    "/dev/null",
                    hello,
                    "-o",
                    "/dev/null",
                    hello,
                    "-o",
                    "/dev/null",
                    hello);
            assertThat(kept.out()).isEqualTo("1 0 0 ");
            Result old = curl("-i", "-0", hello);
            assertThat(old.out()).contains("\r\nConnection: close\r\n").endsWith("\r\n\r\n" + Site.HELLO);
            assertThat(bytes(curl("-0", server.url("/large.bin")).out())).isEqualTo(SITE.large);
            Result oldKept = curl(
                    "-0",
                    "-H",
                    "Connection: keep-alive",
                    "-w",
                    "%{num_connects} ",
                    "-o",
                    "/dev/null",
                    hello,
                    "-o",
                    "/dev/null",
                    hello);
            assertThat(oldKept.out()).isEqualTo("1 0 ");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlUploadsWithAndWithoutWaitingAndInChunks(String model) throws Exception {
        byte[] upload = new byte[5_000_000];
        new Random(11).nextBytes(upload);
        Path file = temp.resolve("upload-" + model);
        Files.write(file, upload);
        String data = "@" + file;
        try (LiveServer server = LiveServer.reflect(model)) {
            String url = server.url("/");
            Result waiting = curl("-v", "-H", "Expect: 100-continue", "--data-binary", data, url);
            assertThat(bytes(waiting.out())).isEqualTo(upload);
            assertThat(waiting.err()).contains("HTTP/1.1 100 Continue").contains("HTTP/1.1 200 OK");
            assertThat(bytes(curl("-H", "Expect:", "--data-binary", data, url).out()))
                    .isEqualTo(upload);
            Result chunked =
                    curl("-v", "-H", "Transfer-Encoding: chunked", "-H", "Expect:", "--data-binary", data, url);
            assertThat(bytes(chunked.out())).isEqualTo(upload);
            assertThat(chunked.err()).contains("> Transfer-Encoding: chunked");
            assertThat(bytes(curl("-T", file.toString(), url).out())).isEqualTo(upload);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void requestsInOneGoAreAnsweredInTheirOrder(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root);
                RawClient client = new RawClient(server)) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                requests.append("GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=")
                        .append(i * 1000)
                        .append('-')
                        .append(i * 1000 + i)
                        .append("\r\n\r\nGET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n")
                        .append("HEAD /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            Thread sender = Thread.ofVirtual().start(() -> client.trySend(requests.toString()));
            for (int i = 0; i < 300; i++) {
                assertThat(bytes(client.read().body()))
                        .isEqualTo(Arrays.copyOfRange(SITE.large, i * 1000, i * 1000 + i + 1));
                assertThat(client.read().body()).isEqualTo(Site.HELLO);
                assertThat(client.read(true).header("Content-Length")).isEqualTo("" + Site.LARGE_BYTES);
            }
            sender.join();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void wrkMeetsNoError(String model) throws Exception {
        LiveModels.notInTierQuick();
        Program wrk = Program.named("wrk");
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            int connections = server.connections(32);
            awaitAnswers(server, connections);
            for (String path : List.of("/hello.txt", "/images/99.svg")) {
                Result result =
                        wrk.run(Duration.ofSeconds(40), List.of("-t1", "-c" + connections, "-d1s", server.url(path)));
                assertThat(result.status()).as(result.err()).isZero();
                assertThat(result.out()).doesNotContain("Socket errors", "Non-2xx");
                Matcher requests = Pattern.compile("(\\d+) requests in").matcher(result.out());
                assertThat(requests.find()).as(result.out()).isTrue();
                assertThat(Integer.parseInt(requests.group(1))).isGreaterThan(10 * connections);
            }
        }
    }

    /** So many connections at once are answered: a worker process that is still starting would be measured, not used. */
    private static void awaitAnswers(LiveServer server, int connections) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < connections; i++) {
                RawClient client = new RawClient(server);
                clients.add(client);
                client.send("GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            for (RawClient client : clients) {
                assertThat(client.read().status()).isEqualTo(200);
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void chromiumDrawsAPageOfAHundredImages(String model) throws Exception {
        LiveModels.notInTierQuick();
        Program chromium = Program.named("chromium");
        Path profile = Files.createDirectory(temp.resolve("profile-" + model));
        try (LiveServer server = LiveServer.files(model, SITE.root)) {
            Result result = chromium.run(
                    Duration.ofSeconds(90),
                    List.of(
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--user-data-dir=" + profile,
                            "--dump-dom",
                            server.url("/gallery.html")));
            assertThat(result.out()).as(result.err()).contains("<p id=\"result\">loaded " + Site.IMAGES + "</p>");
        }
    }
}
