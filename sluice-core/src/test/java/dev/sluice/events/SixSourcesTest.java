package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The service {@link SixSources} on one loop of each loop model, as a process of its own. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SixSourcesTest {
    private static final long WAIT_SECONDS = 15;

    /** A line that the service said. */
    private record Said(String kind, String thread, String what) {}

    static List<String> quick() {
        return List.of("epoll", "io_uring");
    }

    static List<String> others() {
        return Stream.concat(
                        Models.all().stream()
                                .filter(m -> m.can(Ability.LOOPS) && m.family() != Family.SIMULATION)
                                .map(Model::name),
                        Stream.of("virtual/io_uring"))
                .filter(name -> !quick().contains(name))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("quick")
    void oneLoopIsFedByAllSix(String model, @TempDir Path folder) throws Exception {
        feed(model, folder);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("others")
    void oneLoopIsFedByAllSixOnTheOtherModels(String model, @TempDir Path folder) throws Exception {
        feed(model, folder);
    }

    private static void feed(String model, Path folder) throws Exception {
        assumeTrue(Models.find(model).orElseThrow().availability().available(), model + " can't run here");
        Process service = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SixSources.class.getName(),
                        model,
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            feed(service, folder);
        } finally {
            service.destroyForcibly();
        }
    }

    private static void feed(Process service, Path folder) throws Exception {
        Map<String, BlockingQueue<Said>> said = new ConcurrentHashMap<>();
        Thread.ofVirtual()
                .start(() -> service.inputReader().lines().forEach(line -> {
                    String[] parts = line.split(" ", 3);
                    queue(said, parts[0]).add(new Said(parts[0], parts[1], parts[2]));
                }));
        Said ready = next(said, "ready");
        String[] ports = ready.what().split(" ");
        // All six at once, and only then is anything waited for.
        service.outputWriter().append("a line\n").flush();
        Files.createFile(folder.resolve("new"));
        Process signal = new ProcessBuilder("kill", "-WINCH", String.valueOf(service.pid())).start();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (DatagramSocket udp = new DatagramSocket(0, loopback);
                Socket tcp = new Socket(loopback, Integer.parseInt(ports[0]))) {
            byte[] ping = "ping".getBytes(StandardCharsets.US_ASCII);
            udp.send(new DatagramPacket(ping, ping.length, loopback, Integer.parseInt(ports[1])));
            tcp.getOutputStream().write(ping);
            assertThat(signal.waitFor()).isZero();

            List<Said> all = List.of(
                    next(said, "stdin"),
                    next(said, "child"),
                    next(said, "signal"),
                    next(said, "file"),
                    next(said, "udp"),
                    next(said, "tcp"));
            assertThat(all.stream().map(Said::what))
                    .containsExactly("a line", "asked by a signal", "WINCH", "CREATED new", "ping", "ping");
            assertThat(all.stream().map(Said::thread)).containsOnly(ready.thread());
            assertThat(new String(tcp.getInputStream().readNBytes(4), StandardCharsets.US_ASCII))
                    .isEqualTo("pong");
            assertThat(answer(udp)).isEqualTo("pong");
        }
        List<ProcessHandle> children = service.children().toList();
        assertThat(children).hasSize(1); // cat
        service.outputWriter().close();
        next(said, "stopped");
        assertThat(service.waitFor()).isZero();
        assertThat(children.getFirst().isAlive()).isFalse();
    }

    private static String answer(DatagramSocket udp) throws IOException {
        udp.setSoTimeout((int) TimeUnit.SECONDS.toMillis(WAIT_SECONDS));
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        udp.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    private static BlockingQueue<Said> queue(Map<String, BlockingQueue<Said>> said, String kind) {
        return said.computeIfAbsent(kind, k -> new LinkedBlockingQueue<>());
    }

    private static Said next(Map<String, BlockingQueue<Said>> said, String kind) throws InterruptedException {
        Said next = queue(said, kind).poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing of " + kind + " was said, but " + said);
        }
        return next;
    }
}
