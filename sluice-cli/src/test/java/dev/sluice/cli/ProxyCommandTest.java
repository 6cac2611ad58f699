package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice proxy} as a process, before back ends that are processes too. */
@Timeout(60)
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
}
