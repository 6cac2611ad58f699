package dev.sluice.conformance;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Availability;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.provider.Arguments;

/** What the classes of behaviours share: a model, a server, its clients, and their end. */
abstract class Conformance {
    private static final long STOP_SECONDS = 10;

    @Parameter(0)
    Model model;

    /** The switches of io_uring: another row's model has no use for them. */
    @Parameter(1)
    UringOptions uring;

    Witness witness;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private @Nullable Server server;

    /** In tier quick these: what differs most from one another, and starts at once. */
    private static final String QUICK_MODELS = "threads,virtual,epoll,epoll-et,io_uring";

    /**
     * The table's rows, and io_uring once more with each socket in the ring's own table; in tier quick some of them, with
     * {@code -Dsluice.models=NAME,…} only those.
     */
    static List<Arguments.ArgumentSet> models() {
        String only = System.getProperty("sluice.models", Tier.now() == Tier.QUICK ? QUICK_MODELS : "");
        List<String> names = Arrays.asList(only.split(","));
        UringOptions standard = UringOptions.standard();
        UringOptions direct = UringOptions.builder().direct(Direct.ON).build();
        return Models.all().stream()
                .filter(row -> only.isEmpty() || names.contains(row.name()))
                .flatMap(row -> row.name().equals("io_uring") && Tier.now() != Tier.QUICK
                        ? Stream.of(
                                Arguments.argumentSet(row.name(), row, standard),
                                Arguments.argumentSet(row.name() + " direct", row, direct))
                        : Stream.of(Arguments.argumentSet(row.name(), row, standard)))
                .toList();
    }

    @BeforeEach
    void begin(TestInfo test) throws Exception {
        Availability availability = model.availability();
        if (!availability.available()) {
            abort("model " + model.name() + " can't run here: " + availability.reason());
        }
        String behaviour = test.getTestClass().orElseThrow().getSimpleName() + "."
                + test.getTestMethod().orElseThrow().getName();
        Exceptions.reason(model, behaviour, needs(test)).ifPresent(reason -> abort(model.name() + ": " + reason));
        witness = own(new Witness());
    }

    /** What a behaviour needs of a model. */
    static Set<Ability> needs(TestInfo test) {
        Set<Ability> needs = new LinkedHashSet<>();
        for (var element :
                List.of(test.getTestClass().orElseThrow(), test.getTestMethod().orElseThrow())) {
            Needs needed = element.getAnnotation(Needs.class);
            if (needed != null) {
                needs.addAll(List.of(needed.value()));
            }
        }
        return needs;
    }

    @AfterEach
    void finish() throws Exception {
        Throwable failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception | AssertionError e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw new AssertionError("something did not end: " + failure, failure);
        }
    }

    /** Closes something after the test, the last first. */
    final <T extends AutoCloseable> T own(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    /** The standard, with processes few enough for a test. */
    final Options.Builder options() {
        return Options.builder().processes(1, 4).uring(uring);
    }

    final Server serve(Play play) {
        return serve(options(), play);
    }

    /** Starts a play, or puts it on a server that stands already, where starting one means starting processes. */
    final Server serve(Options.Builder options, Play play) {
        if (model.can(Ability.ONE_PROCESS)) {
            return serveAlone(options, play);
        }
        boolean usual = options.build().equals(options().build());
        assumeTrue(usual || Tier.now() != Tier.QUICK, "processes for these options alone: not in tier quick");
        Standing standing = Standing.play(model, options.build(), play, witness);
        own(standing::settle);
        server = standing.server();
        return standing.server();
    }

    /** Starts a server for a play alone. */
    final Server serveAlone(Options.Builder options, Play play) {
        return serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options, play);
    }

    /** Starts a play on the model; the last one started is the one that clients connect to. */
    final Server serve(SocketAddress address, Options.Builder options, Play play) {
        Server started = Server.builder(Play.Provider.class, Play.arguments(play, witness))
                .listen(address)
                .model(model.name())
                .options(options.build())
                .start();
        server = started;
        own(() -> stop(started, Duration.ZERO));
        return started;
    }

    final Server server() {
        if (server == null) {
            throw new IllegalStateException("no server was started");
        }
        return server;
    }

    final long stop(Duration drain) throws Exception {
        return stop(server(), drain);
    }

    static long stop(Server server, Duration drain) throws Exception {
        Standing.gone(server);
        return Await.within(STOP_SECONDS + drain.toSeconds(), "stop", () -> server.stop(drain));
    }

    final TestClient connect() throws Exception {
        return own(TestClient.connect((InetSocketAddress) server().address()));
    }

    /** A client that takes little before it reads. */
    final TestClient connectNarrow() throws Exception {
        return own(TestClient.connect((InetSocketAddress) server().address(), null, 32 * 1024));
    }

    /** A client with an address of its own, by which a play knows it. */
    final TestClient connectFrom(String from) throws Exception {
        return own(TestClient.connect((InetSocketAddress) server().address(), from, 0));
    }
}
