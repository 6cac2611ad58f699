package dev.sluice.admin;

import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.http.HttpService;
import dev.sluice.http.Request;
import dev.sluice.http.Response;
import dev.sluice.observe.MetricSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The admin listener of a server: a Sluice server of its own, on a loop of its own, so that it answers when the others are held.
 * It tells whoever reaches it what goes on inside, and asks for no password: keep it on loopback, or on a Unix-domain socket.
 *
 * <pre>
 *   GET /metrics                                for Prometheus, in its text format
 *   GET /health/live                            200 as long as the process answers
 *   GET /health/ready                           200 while the server listens; 503 before that and while it drains
 *   GET /dump/threads?filter=TEXT               platform threads with their stacks
 *   GET /dump/connections?filter=TEXT&limit=N   connections, one a line
 * </pre>
 *
 * <p>It is started before the server, told of it when that listens, and closed after it. Safe for use from any thread.
 */
public final class Admin implements AutoCloseable {
    private static final String INDEX = """
            /metrics            for Prometheus
            /health/live        whether the process answers
            /health/ready       whether the server takes requests
            /dump/threads       ?filter=TEXT
            /dump/connections   ?filter=TEXT&limit=N
            """;

    /** Dumps and scrapes may wait for loops, a quarter of a second each; more of them at once are turned away. */
    private static final int THREADS = 2;

    private static final int WAITING = 16;

    /** What the listener knows of the server that it belongs to. */
    private enum Phase {
        STARTING,
        READY,
        DRAINING
    }

    private record Watched(Server server, ServerMetrics own, List<MetricSource> others) {
        Response metrics() throws IOException {
            Exposition exposition = new Exposition();
            own.tell(exposition);
            others.forEach(each -> each.tell(exposition));
            return exposition.response();
        }
    }

    private final ThreadPoolExecutor readers = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("sluice-admin-reader-", 0).factory());
    private final Server listener;
    private final boolean loopback;
    private volatile Phase phase = Phase.STARTING;
    private volatile @Nullable Watched watched;

    private Admin(SocketAddress address) {
        readers.allowCoreThreadTimeOut(true);
        loopback = address instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isLoopbackAddress();
        String model = Models.find("epoll")
                        .filter(row -> row.availability().available())
                        .isPresent()
                ? "epoll"
                : "nio";
        listener = Server.builder(HttpService.builder().async(this::answer).build())
                .listen(address)
                .model(model)
                .options(Options.builder()
                        .watchdog(Duration.ZERO) // its loop runs nothing that waits
                        .build())
                .start();
        if (address instanceof UnixDomainSocketAddress unix) {
            onlyForThisUser(unix);
        }
    }

    /**
     * Starts to listen; not ready yet.
     *
     * @throws dev.sluice.os.SysException where the address can't be listened on
     */
    public static Admin start(SocketAddress address) {
        return new Admin(address);
    }

    private static void onlyForThisUser(UnixDomainSocketAddress unix) {
        try {
            Files.setPosixFilePermissions(unix.getPath(), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException("the admin socket " + unix + " can't be kept to this user", e);
        }
    }

    /** Where it listens, its port being the one that the kernel picked. */
    public SocketAddress address() {
        return listener.address();
    }

    /**
     * The server listens: it is ready from now on.
     *
     * @param service what else counts, such as the server's service; none where that lives in other processes
     */
    public void ready(Server server, MetricSource... service) {
        watched = new Watched(server, new ServerMetrics(server), List.of(service));
        phase = Phase.READY;
    }

    /** The server is about to stop: whoever sends it requests should look for another. */
    public void draining() {
        phase = Phase.DRAINING;
    }

    @Override
    public void close() {
        listener.close();
        readers.shutdown();
    }

    // ---- answers; on the listener's loop

    private CompletionStage<Response> answer(Request request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return now(Response.builder(405)
                    .header("Allow", "GET, HEAD")
                    .contentType("text/plain; charset=utf-8")
                    .body("only GET and HEAD\n")
                    .build());
        }
        if (loopback && !Hosts.isThisMachine(request.host())) {
            return now(Response.text(403, "the Host field names another machine: a page of a browser may be asking\n"));
        }
        return switch (request.path()) {
            case "/" -> now(Response.text(INDEX));
            case "/health/live" -> now(Response.text("live\n"));
            case "/health/ready" -> now(readiness());
            case "/metrics" -> later(() -> told().metrics());
            case "/dump/threads" -> later(() -> ThreadDump.response(Query.of(request.query())));
            case "/dump/connections" ->
                later(() -> ConnectionDump.response(told().server(), Query.of(request.query())));
            default -> now(Response.text(404, "there is no such page; there are:\n\n" + INDEX));
        };
    }

    private Response readiness() {
        return switch (phase) {
            case STARTING -> Response.text(503, "not ready: starting\n");
            case READY -> Response.text("ready\n");
            case DRAINING -> Response.text(503, "not ready: draining\n");
        };
    }

    private Watched told() {
        Watched known = watched;
        if (known == null) {
            throw new Query.Refused(503, "the server is still starting\n");
        }
        return known;
    }

    private static CompletionStage<Response> now(Response response) {
        return CompletableFuture.completedFuture(response);
    }

    private interface Reading {
        Response read() throws IOException;
    }

    /** On a thread that may wait. */
    private CompletionStage<Response> later(Reading reading) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        try {
            readers.execute(() -> {
                try {
                    answer.complete(reading.read());
                } catch (Query.Refused e) {
                    answer.complete(Response.text(e.status(), e.text()));
                } catch (Throwable e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.complete(Response.text(503, "too many dumps and scrapes at once: ask again\n"));
        }
        return answer;
    }
}
