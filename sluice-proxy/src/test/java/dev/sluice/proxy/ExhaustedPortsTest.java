package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All local ports towards a back end are taken (EADDRNOTAVAIL, ip(7)): in a network namespace of its own, which has few. Requests
 * are refused at once, nothing spins, and all is well again when there are ports.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@Tag("slow")
final class ExhaustedPortsTest {
    private static final int PORTS = 16;
    private static final String FEW_PORTS = "ip link set lo up && echo 40000 " + (40_000 + PORTS - 1)
            + " >/proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"";

    @BeforeAll
    static void needsANamespace() throws InterruptedException {
        boolean may;
        try {
            may = new ProcessBuilder("unshare", "-n", "ip", "link", "set", "lo", "up")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            may = false;
        }
        assumeTrue(may, "this user may not make a network namespace (unshare -n, ip)");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void isToldAtOnceAndSpinsNot(String model) throws Exception {
        Process process = new ProcessBuilder(
                        "unshare",
                        "-n",
                        "sh",
                        "-c",
                        FEW_PORTS,
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Inside.class.getName(),
                        model)
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(said.lines().toList().getLast()).as(said).isEqualTo("as it should be");
        } finally {
            process.destroyForcibly();
        }
    }

    /** What happens inside the namespace. */
    static final class Inside {
        private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

        private Inside() {}

        public static void main(String[] arguments) throws Exception {
            String model = arguments[0];
            try (Scripted backend = Scripted.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    Proxied proxy = Proxied.on(model, backend.address());
                    Wire client = proxy.client()) {
                List<Socket> taken = take(backend);
                for (int i = 0; i < 20; i++) {
                    long begun = System.nanoTime();
                    assertThat(client.send(GET).answer().status()).isEqualTo(502);
                    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(2));
                }
                if (!model.equals("busy-poll")) { // which never sleeps
                    spinsNot();
                }
                for (Socket each : taken) {
                    each.setSoLinger(true, 0); // no TIME_WAIT
                    each.close();
                }
                Wire.Answer answer = client.send(GET).answer();
                while (answer.status() == 502) { // until the kernel has them back; the test's time-out bounds it
                    answer = client.send(GET).answer();
                }
                assertThat(answer.body()).isEqualTo("ok");
            }
            System.out.println("as it should be");
            System.exit(0); // the back end's threads may wait for peers
        }

        /** Connects until no port is left; connections to other places may use the same ones. */
        private static List<Socket> take(Scripted backend) {
            List<Socket> taken = new ArrayList<>();
            try {
                while (taken.size() <= PORTS) {
                    taken.add(new Socket(
                            backend.address().getAddress(), backend.address().getPort()));
                }
            } catch (IOException none) {
                return taken;
            }
            throw new AssertionError("more connections than ports");
        }

        private static void spinsNot() throws InterruptedException {
            var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long before = system.getProcessCpuTime();
            Thread.sleep(Duration.ofMillis(500)); // in which nothing is asked for
            assertThat(system.getProcessCpuTime() - before).isLessThan(TimeUnit.MILLISECONDS.toNanos(250));
        }
    }
}
