package dev.sluice;

import static java.util.Map.entry;

import dev.sluice.Model.Ability;
import dev.sluice.engine.AioEngine;
import dev.sluice.engine.EpollPoller;
import dev.sluice.engine.KqueuePoller;
import dev.sluice.engine.LoopEngine;
import dev.sluice.engine.NioEngine;
import dev.sluice.engine.PollPoller;
import dev.sluice.engine.Poller;
import dev.sluice.engine.ReadinessEngine;
import dev.sluice.engine.ScanPoller;
import dev.sluice.engine.SelectPoller;
import dev.sluice.engine.UringEngine;
import dev.sluice.observe.Incidents;
import dev.sluice.os.Kqueue;
import dev.sluice.os.Platform;
import dev.sluice.sim.SimThreading;
import dev.sluice.threading.Loops;
import dev.sluice.threading.Prefork;
import dev.sluice.threading.ThreadPerConnection;
import dev.sluice.threading.VirtualThreads;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The table of models. The command line, the conformance suite, the lab and the README read it, so that a model is one
 * engine's file and one row here.
 */
public final class Models {
    private static final Set<Ability> ALL = EnumSet.of(
            Ability.LOOPS,
            Ability.PIN,
            Ability.EXCLUSIVE_ACCEPT,
            Ability.HANDOFF_ACCEPT,
            Ability.MOVE,
            Ability.WORKERS,
            Ability.DIAL,
            Ability.ONE_PROCESS,
            Ability.MANY_CONNECTIONS,
            Ability.INHERITED_LISTENER,
            Ability.UNIX_SOCKETS,
            Ability.SENDFILE,
            Ability.SHED,
            Ability.COUNTED_CALLS,
            Ability.FREE_IDLE,
            Ability.KERNEL_EVENTS);

    /** Of a model that looks at every connection with each wait. */
    private static final Set<Ability> SCANNING = with(without(Ability.FREE_IDLE), Ability.ON_MACOS);

    /**
     * What loops can wait with.
     *
     * @param make makes one, for one loop
     * @param abilities what goes with loops over it
     */
    private record EngineRow(Function<Options, LoopEngine> make, Set<Ability> abilities) {}

    private static final Map<String, EngineRow> ENGINES = Map.ofEntries(
            entry("busy-poll", readiness(options -> new ScanPoller(0), SCANNING)),
            entry(
                    "sleep-poll",
                    readiness(options -> new ScanPoller(options.pollSleep().toNanos()), SCANNING)),
            entry(
                    "select",
                    readiness(
                            options -> new SelectPoller(),
                            with(without(Ability.MANY_CONNECTIONS, Ability.FREE_IDLE), Ability.ON_MACOS))),
            entry("poll", readiness(options -> new PollPoller(), SCANNING)),
            entry("epoll", readiness(options -> new EpollPoller(false), ALL)),
            entry("epoll-et", readiness(options -> new EpollPoller(true), ALL)),
            entry("kqueue", readiness(options -> new KqueuePoller(), with(ALL, Ability.ON_MACOS))),
            entry(
                    "nio",
                    new EngineRow(
                            options -> new NioEngine(options.turnBytes()),
                            with(
                                    without(
                                            Ability.EXCLUSIVE_ACCEPT,
                                            Ability.MOVE,
                                            Ability.INHERITED_LISTENER,
                                            Ability.SENDFILE,
                                            Ability.SHED),
                                    Ability.ON_MACOS,
                                    Ability.ON_WINDOWS))),
            entry(
                    "aio",
                    new EngineRow(
                            options -> new AioEngine(),
                            with(
                                    without(
                                            Ability.EXCLUSIVE_ACCEPT,
                                            Ability.HANDOFF_ACCEPT,
                                            Ability.MOVE,
                                            Ability.INHERITED_LISTENER,
                                            Ability.UNIX_SOCKETS,
                                            Ability.SENDFILE,
                                            Ability.SHED,
                                            Ability.COUNTED_CALLS),
                                    Ability.ON_MACOS,
                                    Ability.ON_WINDOWS))),
            entry(
                    "io_uring",
                    new EngineRow(
                            options -> new UringEngine(options.uring(), options.turnBytes()),
                            with(ALL, Ability.OWN_TABLES))));

    private static final List<Model> ROWS = List.of(
            new Model(
                    "threads",
                    Family.BLOCKING,
                    "one platform thread for each connection, blocking system calls",
                    "a few hundred connections whose handlers block or compute for long",
                    EnumSet.of(
                            Ability.WORKERS,
                            Ability.DIAL,
                            Ability.ONE_PROCESS,
                            Ability.MANY_CONNECTIONS,
                            Ability.INHERITED_LISTENER,
                            Ability.UNIX_SOCKETS,
                            Ability.SENDFILE,
                            Ability.SHED,
                            Ability.COUNTED_CALLS,
                            Ability.FREE_IDLE,
                            Ability.KERNEL_EVENTS,
                            Ability.ON_MACOS),
                    Models::onUnix,
                    ThreadPerConnection::new),
            virtual("virtual", "epoll"),
            new Model(
                    "prefork",
                    Family.BLOCKING,
                    "one process for each connection: a master keeps a pool of workers (--processes)",
                    "a few connections whose handlers may crash, leak or load native code",
                    EnumSet.of(
                            Ability.UNIX_SOCKETS,
                            Ability.SENDFILE,
                            Ability.COUNTED_CALLS,
                            Ability.FREE_IDLE,
                            Ability.KERNEL_EVENTS),
                    Prefork::availability,
                    Prefork::new),
            onLoops(
                    "busy-poll",
                    Family.POLLING,
                    "non-blocking calls on every descriptor, in a loop that never sleeps",
                    "a few connections on a core to spare, where a wake-up costs too much",
                    Models::onUnix),
            onLoops(
                    "sleep-poll",
                    Family.POLLING,
                    "the same with a sleep between rounds (--poll-sleep: processor time against latency)",
                    "a few connections that can wait a millisecond",
                    Models::onUnix),
            onLoops(
                    "select",
                    Family.REACTOR,
                    "select(2), with its FD_SETSIZE of 1,024 descriptors",
                    "a handful of connections on any Unix; here to be measured",
                    Models::onUnix),
            onLoops(
                    "poll",
                    Family.REACTOR,
                    "poll(2): the whole list goes to the kernel with every call",
                    "a few hundred connections, most of them busy",
                    Models::onUnix),
            onLoops(
                    "epoll",
                    Family.REACTOR,
                    "epoll(7), level-triggered",
                    "many connections, few of them busy at once; the safe choice on Linux",
                    Models::onLinux),
            onLoops(
                    "epoll-et",
                    Family.REACTOR,
                    "epoll(7), edge-triggered: told once for each change",
                    "as epoll, where output is often refused: interest never changes",
                    Models::onLinux),
            onLoops(
                    "kqueue",
                    Family.REACTOR,
                    "kqueue(2) of macOS and FreeBSD; on Linux through libkqueue.so.0",
                    "many connections, few of them busy at once, on macOS and FreeBSD",
                    Models::withKqueue),
            onLoops(
                    "nio",
                    Family.REACTOR,
                    "the JDK's own Selector: the portable reactor",
                    "many connections, on whatever system runs Java",
                    NioEngine::availability),
            onLoops(
                    "aio",
                    Family.PROACTOR,
                    "the JDK's AsynchronousSocketChannel (I/O completion ports on Windows): the portable proactor",
                    "Windows; elsewhere the JDK emulates it with a thread more, so here to be measured",
                    AioEngine::availability),
            onLoops(
                    "io_uring",
                    Family.PROACTOR,
                    "io_uring(7): submission and completion rings shared with the kernel",
                    "many busy connections, pipelining: one system call for a whole batch",
                    UringEngine::availability),
            new Model(
                    "sim",
                    Family.SIMULATION,
                    "a seeded network in virtual time, with faults",
                    "tests: every delay, order and fault is a seed's, and can be had again",
                    EnumSet.of(
                            Ability.LOOPS,
                            Ability.HANDOFF_ACCEPT,
                            Ability.DIAL,
                            Ability.ONE_PROCESS,
                            Ability.MANY_CONNECTIONS,
                            Ability.FREE_IDLE),
                    SimThreading::availability,
                    SimThreading::new));

    private static EngineRow readiness(Function<Options, Poller> poller, Set<Ability> abilities) {
        return new EngineRow(options -> new ReadinessEngine(poller.apply(options), options.turnBytes()), abilities);
    }

    private static EngineRow engine(String name) {
        EngineRow engine = ENGINES.get(name);
        if (engine == null) {
            throw new IllegalArgumentException("no engine is named '" + name + "'");
        }
        return engine;
    }

    /** A row whose callbacks run on loops over the engine of the same name. */
    private static Model onLoops(String name, Family family, String what, String fits, Supplier<Availability> probe) {
        EngineRow engine = engine(name);
        return new Model(name, family, what, fits, engine.abilities(), probe, () -> new Loops(engine.make()));
    }

    private static Model virtual(String name, String engineName) {
        EngineRow engine = engine(engineName);
        return new Model(
                name,
                Family.BLOCKING,
                "one virtual thread for each connection, scheduled by the loop that waits for it (over " + engineName
                        + ")",
                "sequential code that waits for locks, sleeps or other services, with many connections",
                without(engine.abilities(), Ability.MOVE), // its thread is its loop's
                () -> virtualOver(engineName),
                () -> new Loops(engine.make(), new VirtualThreads(true)));
    }

    private static Availability virtualOver(String engine) {
        Availability below = choose(engine).availability();
        if (!below.available()) {
            return below;
        }
        return Availability.yes(
                VirtualThreads.isLoopScheduled()
                        ? "loops schedule their virtual threads"
                        : "the JDK's scheduler runs the threads: start the JVM with --add-opens"
                                + " java.base/java.lang=ALL-UNNAMED to let the loops do it");
    }

    private static Set<Ability> without(Ability... abilities) {
        return without(ALL, abilities);
    }

    private static Set<Ability> without(Set<Ability> some, Ability... abilities) {
        Set<Ability> rest = EnumSet.copyOf(some);
        List.of(abilities).forEach(rest::remove);
        return rest;
    }

    private static Set<Ability> with(Set<Ability> some, Ability... abilities) {
        Set<Ability> more = EnumSet.copyOf(some);
        more.addAll(List.of(abilities));
        return more;
    }

    private static Availability onUnix() {
        boolean unix = Platform.isLinux() || Platform.isMacos() || Platform.isFreebsd();
        return !unix ? Availability.no("the kernel is not a Unix", "take --model nio or aio") : Availability.yes("");
    }

    private static Availability withKqueue() {
        Kqueue.Availability kqueue = Kqueue.availability();
        return new Availability(kqueue.available(), kqueue.reason(), kqueue.cure());
    }

    private static Availability onLinux() {
        return Platform.isLinux()
                ? Availability.yes("")
                : Availability.no("epoll is Linux's", "take --model kqueue on macOS and FreeBSD, or nio");
    }

    /** What {@code auto} tries, best first. */
    private static final List<String> AUTO = List.of("io_uring", "epoll", "kqueue", "nio");

    private Models() {}

    /** All rows, in the table's order. */
    public static List<Model> all() {
        return ROWS;
    }

    /** The rows that run on a machine, and so can be measured on one: all but the simulation. */
    public static List<Model> measurable() {
        return ROWS.stream().filter(row -> row.family() != Family.SIMULATION).toList();
    }

    /** The named row; {@code virtual/ENGINE} is {@code virtual} over another engine than its own. */
    public static Optional<Model> find(String name) {
        if (name.startsWith("virtual/") && ENGINES.containsKey(name.substring("virtual/".length()))) {
            return Optional.of(virtual(name, name.substring("virtual/".length())));
        }
        return ROWS.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /**
     * The named row, or for {@code auto} the best that this machine can run.
     *
     * @throws IllegalArgumentException where there is no such model
     * @throws UnavailableException where this machine can't run it
     */
    public static Model choose(String name) {
        if (name.equals("auto")) {
            Model best = AUTO.stream()
                    .flatMap(candidate -> find(candidate).stream())
                    .filter(m -> m.availability().available())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("this machine can run none of " + AUTO));
            if (!best.name().equals(AUTO.getFirst())) {
                Incidents.fellBack(best.name(), String.join("; ", passedOver(best)));
            }
            return best;
        }
        Model row = find(name)
                .orElseThrow(() -> new IllegalArgumentException("no model is named '" + name + "'; there are "
                        + ROWS.stream().map(Model::name).collect(Collectors.joining(", ")) + " and auto"));
        Availability availability = row.availability();
        if (!availability.available()) {
            throw new UnavailableException(name, availability);
        }
        return row;
    }

    /** Why {@code auto} did not choose a better model: one line for each candidate that was passed over. */
    public static List<String> passedOver(Model chosen) {
        return AUTO.stream()
                .takeWhile(name -> !name.equals(chosen.name()))
                .flatMap(name -> find(name).stream())
                .map(m -> m.name() + ": " + m.availability().reason())
                .toList();
    }
}
