package dev.sluice.conformance;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Availability;
import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import dev.sluice.sim.Beneath;
import dev.sluice.sim.Blocking;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.Latency;
import dev.sluice.sim.Strand;
import dev.sluice.sim.World;
import dev.sluice.sim.WorldFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
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
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.provider.Arguments;
import org.opentest4j.TestAbortedException;

/** What the classes of behaviours share: a model, a server, its clients, and their end. */
abstract class Conformance {
    private static final long STOP_SECONDS = 10;

    // what a world is like: a machine's loopback
    private static final long SEED = Long.getLong("sluice.sim.seed", 6);
    private static final int LEAST_BUFFER = 64 * 1024;
    private static final int MOST_BUFFER = 256 * 1024;
    private static final int DESCRIPTORS = 20_000;
    private static final long LATENCY_NANOS = 20_000;
    private static final long BYTES_A_SECOND = 2_000_000_000L;
    /** A ring of the world may have buffers of 16 bytes, for streams of 64 MiB. */
    private static final long MOST_EVENTS = 200_000_000;

    @Parameter(0)
    Model model;

    /** The switches of io_uring: another row's model has no use for them. */
    @Parameter(1)
    UringOptions uring;

    /** What the loops of model {@code sim} wait with; null on a kernel. */
    @Parameter(2)
    @Nullable
    Beneath beneath;

    Witness witness;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private @Nullable Server server;

    /** In tier quick these: what differs most from one another, and starts at once. */
    private static final String QUICK_MODELS = "threads,virtual,epoll,epoll-et,io_uring,sim";

    /**
     * The table's rows, io_uring once more with each socket in the ring's own table, and sim with all that its loops may wait
     * with; in tier quick some of them, with {@code -Dsluice.models=NAME,…} only those.
     */
    static List<Arguments.ArgumentSet> models() {
        return rows(Models.all().stream());
    }

    /** The same, and a row that is not in the table. */
    static List<Arguments.ArgumentSet> modelsAndVirtualOverTheRing() {
        return rows(Stream.concat(Models.all().stream(), Models.find("virtual/io_uring").stream()));
    }

    private static List<Arguments.ArgumentSet> rows(Stream<Model> all) {
        String only = System.getProperty("sluice.models", Tier.now() == Tier.QUICK ? QUICK_MODELS : "");
        List<String> names = Arrays.asList(only.split(","));
        return all.filter(row -> only.isEmpty() || names.contains(row.name()))
                .flatMap(Conformance::rows)
                .toList();
    }

    private static Stream<Arguments.ArgumentSet> rows(Model row) {
        boolean quick = Tier.now() == Tier.QUICK;
        UringOptions standard = UringOptions.standard();
        UringOptions direct = UringOptions.builder().direct(Direct.ON).build();
        if (row.family() == Family.SIMULATION) {
            return Stream.of(Beneath.values())
                    .filter(beneath -> !quick || beneath == Beneath.COMPLETION)
                    .map(beneath -> Arguments.argumentSet(row.name() + " " + beneath.label(), row, standard, beneath));
        }
        Arguments.ArgumentSet usual = Arguments.argumentSet(row.name(), row, standard, null);
        return row.can(Ability.OWN_TABLES) && !quick
                ? Stream.of(usual, Arguments.argumentSet(row.name() + " direct", row, direct, null))
                : Stream.of(usual);
    }

    @BeforeEach
    void begin(TestInfo test) throws Exception {
        Availability availability = model.availability();
        if (beneath == null && !availability.available()) {
            abort("model " + model.name() + " can't run here: " + availability.reason());
        }
        String behaviour = test.getTestClass().orElseThrow().getSimpleName() + "."
                + test.getTestMethod().orElseThrow().getName();
        Exceptions.reason(model, behaviour, needs(test)).ifPresent(reason -> abort(model.name() + ": " + reason));
        witness = own(new Witness());
        Census.prepare();
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

    /** Makes what a behaviour finds there, before it is run. */
    void prepare() throws Exception {}

    /** Whether a session that throws is what the behaviours of a class are about. */
    boolean sessionsMayFail() {
        return false;
    }

    /** Runs a behaviour; on model {@code sim} in a world of its own, which ends with it. */
    final void play(InvocationInterceptor.Invocation<@Nullable Void> behaviour) throws Throwable {
        if (beneath == null) {
            prepare();
            behaviour.proceed();
            return;
        }
        try (World world = world(beneath)) {
            try {
                prepare();
                behaviour.proceed();
                finish();
            } catch (TestAbortedException e) {
                finish();
                throw e;
            } catch (Throwable e) {
                WorldFailure failure = world.failed(e);
                abandon(failure);
                throw failure;
            }
        }
    }

    /** A plain network on one machine, so that loopback addresses are where they are on a kernel. */
    private World world(Beneath waits) {
        World.Builder builder = World.builder(SEED)
                .faults(Faults.none())
                .beneath(waits)
                .buffers(LEAST_BUFFER, MOST_BUFFER)
                .eventsMost(MOST_EVENTS);
        World world = (sessionsMayFail() ? builder.sessionsMayFail() : builder).build();
        Host machine = Blocking.host().descriptorLimit(DESCRIPTORS);
        world.link(machine, machine).latency(Latency.constant(LATENCY_NANOS)).bandwidth(BYTES_A_SECOND);
        return world;
    }

    /** Ends what a failed world can't end any more. */
    private void abandon(WorldFailure failure) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception | AssertionError e) {
                if (e != failure) {
                    failure.addSuppressed(e);
                }
            }
        }
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

    /** Where nobody listens. Taken until the test is over: a server that the test starts may be given a port that is free. */
    final SocketAddress nobody() throws IOException {
        Socket taken = own(new Socket());
        taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return taken.getLocalSocketAddress();
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

    /** Starts what goes on beside the test. */
    final Beside beside(Strand.Body body) {
        return own(Beside.start(body));
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
