package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Back-end processes are killed, stopped and started again under load: what may be repeated succeeds, what may not is never repeated. */
@Tag("slow")
@Timeout(120)
class ProxyFaultsTest {
    private static final int BACKENDS = 3;
    private static final int FAULTS = 8;
    private static final Pattern POST = Pattern.compile("\"POST (/\\S+) ");

    @TempDir
    Path folder;

    private final int[] ports = new int[BACKENDS];
    private final SluiceProcess[] backends = new SluiceProcess[BACKENDS];
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger gets = new AtomicInteger();
    private final AtomicInteger posts = new AtomicInteger();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();

    private Path log(int i) {
        return folder.resolve("backend" + i + ".log");
    }

    private void start(int i) throws IOException {
        backends[i] = SluiceProcess.start(
                "serve", "--port", String.valueOf(ports[i]), "--model=epoll", "--respond=ok", "--access-log=" + log(i));
        assertThat(backends[i].port()).isEqualTo(ports[i]);
    }

    private void signal(int i, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(backends[i].pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Asks until it is told to end. A request that may be repeated must succeed; another one may fail, and say so. */
    private Void ask(int client, String base) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; !over.get(); i++) {
                boolean post = i % 3 == 0;
                String path = "/" + (post ? "post" : "get") + "-" + client + "-" + i;
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
                if (post) {
                    request.POST(HttpRequest.BodyPublishers.ofString("once"));
                }
                int status = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode();
                (post ? posts : gets).incrementAndGet();
                if (status != 200 && !(post && (status == 502 || status == 504))) {
                    lost.add(path + " " + status);
                }
            }
        }
        return null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "virtual"})
    void nothingIsLostThatMayBeRepeatedAndNothingIsDoneTwice(String model) throws Exception {
        Random dice = new Random(5);
        StringBuilder to = new StringBuilder();
        for (int i = 0; i < BACKENDS; i++) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                ports[i] = free.getLocalPort();
            }
            to.append(i == 0 ? "" : ",").append("127.0.0.1:").append(ports[i]);
            start(i);
        }
        try (SluiceProcess proxy = SluiceProcess.start(
                        "proxy",
                        "--port=0",
                        "--model=" + model,
                        "--to=" + to,
                        "--pick=least",
                        "--health=/",
                        "--health-interval=100ms",
                        "--response-timeout=400ms",
                        "--retry-budget=100",
                        "--eject-after=2",
                        "--eject-time=200ms");
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable _ = () -> over.set(true)) { // before the clients are waited for
            String base = "http://127.0.0.1:" + proxy.port();
            List<Future<Void>> asking = new ArrayList<>();
            for (int c = 0; c < 6; c++) {
                int client = c;
                asking.add(clients.submit(() -> ask(client, base)));
            }
            for (int fault = 0; fault < FAULTS; fault++) {
                strike(dice.nextInt(BACKENDS), dice.nextBoolean());
            }
            over.set(true);
            for (Future<Void> client : asking) {
                client.get();
            }
            proxy.terminate();
            assertThat(proxy.status()).as(proxy.errors()).isZero();
        } finally {
            over.set(true);
            for (SluiceProcess backend : backends) {
                backend.close();
            }
        }
        assertThat(lost).isEmpty();
        assertThat(gets.get()).isGreaterThan(200);
        assertThat(posts.get()).isGreaterThan(100);
        assertEachPostedOnce();
    }

    /** Kills a back end and starts it again, or stops it for longer than a response may take; others answer meanwhile. */
    private void strike(int i, boolean kill) throws Exception {
        if (kill) {
            signal(i, "KILL");
            int _ = backends[i].status();
            awaitAnswers(30);
            backends[i].close();
            start(i);
        } else {
            signal(i, "STOP");
            awaitAnswers(60);
            signal(i, "CONT");
        }
        awaitAnswers(30);
    }

    private void awaitAnswers(int more) {
        int wanted = gets.get() + more;
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (gets.get() < wanted) {
            assertThat(System.nanoTime())
                    .as("waited for answers; lost: %s", lost)
                    .isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void assertEachPostedOnce() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < BACKENDS; i++) {
            for (String line : Files.readAllLines(log(i))) {
                Matcher post = POST.matcher(line);
                if (post.find()) {
                    assertThat(seen.add(post.group(1)))
                            .as("%s was done twice", post.group(1))
                            .isTrue();
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(50);
    }
}
