package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** curl in front, nginx behind. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RealBackendTest {
    private static final String MODELS = "dev.sluice.proxy.ProxyModels#all";
    private static final int FILE_BYTES = 5_000_000;

    @TempDir
    private Path folder;

    private Process nginx;
    private InetSocketAddress address;
    private byte[] content;

    @BeforeEach
    void startNginx() throws Exception {
        assumeTrue(isThere("nginx") && isThere("curl"), "nginx and curl of Debian");
        address = Proxied.nobody();
        content = new byte[FILE_BYTES];
        new Random(1).nextBytes(content);
        Files.write(folder.resolve("big"), content);
        Files.writeString(folder.resolve("nginx.conf"), """
                worker_processes 1;
                daemon off;
                master_process off;
                pid %1$s/pid;
                error_log %1$s/error.log;
                events { worker_connections 256; }
                http {
                  access_log off;
                  client_max_body_size 10m;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d;
                    root %1$s;
                    location /seen { default_type text/plain; return 200 "$host $http_x_forwarded_for $http_via\\n"; }
                  }
                }
                """.formatted(folder, address.getPort()));
        nginx = new ProcessBuilder(
                        "nginx",
                        "-p",
                        folder.toString(),
                        "-c",
                        folder.resolve("nginx.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
        Proxied.await("nginx to listen", () -> {
            try (Socket _ = new Socket(address.getAddress(), address.getPort())) {
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    @AfterEach
    void stopNginx() throws Exception {
        if (nginx != null) {
            nginx.destroy();
            nginx.waitFor();
        }
    }

    private static boolean isThere(String program) throws Exception {
        return new ProcessBuilder("which", program).start().waitFor() == 0;
    }

    private byte[] curl(Proxied proxy, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
        for (String argument : arguments) {
            command.add(argument.replace("PROXY", "http://127.0.0.1:" + proxy.port()));
        }
        Process curl = new ProcessBuilder(command)
                .redirectError(folder.resolve("curl.err").toFile())
                .start();
        byte[] out = curl.getInputStream().readAllBytes();
        assertThat(curl.waitFor())
                .as(() -> {
                    try {
                        return Files.readString(folder.resolve("curl.err"));
                    } catch (IOException e) {
                        return e.toString();
                    }
                })
                .isZero();
        return out;
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void curlGetsWhatNginxHas(String model) throws Exception {
        try (Proxied proxy = Proxied.on(model, address)) {
            assertThat(curl(proxy, "PROXY/big")).isEqualTo(content);
            assertThat(curl(proxy, "-r", "100-199", "PROXY/big")).hasSize(100);
            assertThat(new String(curl(proxy, "-I", "PROXY/big"), StandardCharsets.ISO_8859_1))
                    .contains("Content-Length: " + FILE_BYTES);
            assertThat(new String(
                            curl(proxy, "-H", "Host: shop", "PROXY/seen", "PROXY/seen"), StandardCharsets.ISO_8859_1))
                    .isEqualTo("shop 127.0.0.1 1.1 sluice\n".repeat(2));
            assertThat(new String(
                            curl(
                                    proxy,
                                    "-o",
                                    folder.resolve("405").toString(),
                                    "-w",
                                    "%{http_code}",
                                    "-T",
                                    folder.resolve("big").toString(),
                                    "PROXY/up"),
                            StandardCharsets.ISO_8859_1))
                    .isEqualTo("405");
        }
    }
}
