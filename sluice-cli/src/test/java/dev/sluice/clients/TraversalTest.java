package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.clients.RawClient.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every known way to ask for what is outside the folder, or hidden in it, over the wire. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TraversalTest {
    private static final String MODELS = "dev.sluice.clients.LiveModels#models";
    private static final Site SITE = Site.shared();

    static List<String> spellings() {
        List<String> all = new ArrayList<>(List.of(
                "/leak/secret.txt",
                "/leak",
                "/leak/",
                "/leak.txt",
                "/.env",
                "/.git/config",
                "/%2egit/config",
                "/sub/../.env",
                "/.git%2fconfig",
                "//.env",
                "/%00",
                "/hello.txt%00.html",
                "/hello.txt\\..\\..\\secret.txt",
                "/C:/secret.txt",
                "/c:%5csecret.txt",
                "/file:///secret.txt",
                "//127.0.0.1/secret.txt",
                "/\\\\127.0.0.1\\c$\\secret.txt",
                "/%c0%ae%c0%ae/secret.txt",
                "/%c0%ae%c0%ae%c0%afsecret.txt",
                "/%e0%80%ae%e0%80%ae/secret.txt",
                "/%uff0e%uff0e/secret.txt",
                "/%u002e%u002e%u2215secret.txt",
                "/%ef%bc%8e%ef%bc%8e/secret.txt",
                "/%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret.txt",
                "/..;/secret.txt",
                "/..;x=y/secret.txt",
                "/sub/..;/..;/secret.txt",
                "/...//secret.txt",
                "/....//....//secret.txt",
                "/..././secret.txt",
                "/.../secret.txt",
                "/.%00./secret.txt",
                "/..%00/secret.txt",
                "/..%01/secret.txt",
                "/..%0d/secret.txt",
                "/..%20/secret.txt",
                "/..%09/secret.txt",
                "/hello.txt/../../secret.txt",
                "/hello.txt/..%2f..%2fsecret.txt",
                "/?/../secret.txt",
                "http://a/../secret.txt",
                "http://a/%2e%2e/secret.txt",
                SITE.beside("secret.txt").toString(),
                "/" + SITE.beside("secret.txt"),
                "/%2f" + SITE.beside("secret.txt").toString().substring(1)));
        String[] ups = {"..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "%252e%252e", "%25%32%65%25%32%65", "..%c0%af"};
        String[] slashes = {"/", "%2f", "%2F", "%252f", "\\", "%5c", "%255c", "//", "/./", "/%2e/"};
        for (String up : ups) {
            for (String slash : slashes) {
                all.add("/" + up + slash + "secret.txt");
                all.add("/" + up + slash + "outside" + slash + "secret.txt");
                all.add("/sub" + slash + up + slash + up + slash + "secret.txt");
                all.add("/sub/" + (up + slash).repeat(12) + "etc/passwd");
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void nothingOutsideAndNothingHiddenIsShown(String model) throws Exception {
        List<String> spellings = spellings();
        assertThat(spellings).hasSizeGreaterThan(300);
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            RawClient client = new RawClient(server);
            for (String spelling : spellings) {
                client.send("GET " + spelling + " HTTP/1.1\r\nHost: a\r\n\r\n");
                Answer answer = client.read();
                if (spelling.startsWith("/?")) {
                    assertThat(answer.body()).contains("<title>site</title>"); // the rest is a query
                } else {
                    assertThat(answer.status()).as(spelling).isIn(400, 403, 404);
                }
                assertThat(answer.body()).as(spelling).doesNotContain(Site.SECRET, Site.HIDDEN, "root:");
                if (answer.header("Connection").equals("close")) {
                    assertThat(client.isEnded()).isTrue();
                    client.close();
                    client = new RawClient(server);
                }
            }
            client.close();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void listingsShowNothingHidden(String model) throws Exception {
        Files.createDirectories(SITE.root.resolve("listed/inner"));
        Files.writeString(SITE.root.resolve("listed/.secret"), Site.HIDDEN);
        Files.writeString(SITE.root.resolve("listed/plain.txt"), "plain");
        if (!Files.isSymbolicLink(SITE.root.resolve("listed/out"))) {
            Files.createSymbolicLink(SITE.root.resolve("listed/out"), SITE.beside("outside"));
        }
        try (LiveServer server = LiveServer.files(model, SITE.root);
                RawClient client = new RawClient(server)) {
            client.send("GET /listed/ HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().body())
                    .contains("plain.txt", "inner/")
                    .doesNotContain(".secret", "\"out", Site.SECRET);
        }
    }

    /** A directory is swapped for a link to the outside again and again, while it is asked for. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void aSwapDuringTheRequestLeadsNowhere(String model) throws Exception {
        Path real = Files.createDirectories(SITE.root.resolve("real-" + model));
        Path swapped = SITE.root.resolve("swapped-" + model);
        Files.writeString(real.resolve("secret.txt"), "public");
        AtomicBoolean over = new AtomicBoolean();
        try (LiveServer server = LiveServer.files(model, SITE.root);
                RawClient client = new RawClient(server)) {
            Thread swapper = Thread.ofPlatform().daemon().start(() -> swap(real, swapped, over));
            int shown = 0;
            int refused = 0;
            // Until both were met, so that neither side of the race is left out.
            for (int i = 0; i < 2_000 || shown == 0 || refused == 0; i++) {
                client.send("GET /swapped-" + model + "/secret.txt HTTP/1.1\r\nHost: a\r\n\r\n");
                Answer answer = client.read();
                assertThat(answer.status()).isIn(200, 403, 404);
                assertThat(answer.body()).doesNotContain(Site.SECRET);
                if (answer.status() == 200) {
                    assertThat(answer.body()).isEqualTo("public");
                    shown++;
                } else {
                    refused++;
                }
            }
            over.set(true);
            assertThat(swapper.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    private static void swap(Path real, Path swapped, AtomicBoolean over) {
        try {
            while (!over.get()) {
                Files.move(real, swapped);
                Files.move(swapped, real);
                Files.createSymbolicLink(swapped, SITE.beside("outside"));
                Files.delete(swapped);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
