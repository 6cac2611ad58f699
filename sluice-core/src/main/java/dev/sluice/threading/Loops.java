package dev.sluice.threading;

import dev.sluice.AcceptMode;
import dev.sluice.Model.Ability;
import dev.sluice.Options;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.Handle;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.Listening;
import dev.sluice.engine.LoopEngine;
import dev.sluice.events.Events;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.observe.LoopReport;
import dev.sluice.os.Affinity;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;

/** One loop, or several that share nothing, each with its own part of the connections. */
public final class Loops implements Threading {
    /** How an accepted connection begins its life on a loop. */
    public interface Opening {
        void open(Loop loop, Handle peer, Service service);

        /** Dials on a loop, inside it. */
        void dial(Loop loop, SocketAddress remote, Service service);
    }

    /** Callbacks run on the loop itself. */
    public static final Opening ON_LOOP = new Opening() {
        @Override
        public void open(Loop loop, Handle peer, Service service) {
            new SocketConnection(loop, peer).openAccepted(service);
        }

        @Override
        public void dial(Loop loop, SocketAddress remote, Service service) {
            loop.dial(remote, service);
        }
    };

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Function<Options, LoopEngine> engines;
    private final Opening opening;
    private final Environment environment;

    /** Loops whose callbacks run on them. */
    public Loops(Function<Options, LoopEngine> engines) {
        this(engines, ON_LOOP);
    }

    public Loops(Function<Options, LoopEngine> engines, Opening opening) {
        this(engines, opening, Environment.MACHINE);
    }

    public Loops(Function<Options, LoopEngine> engines, Opening opening, Environment environment) {
        this.engines = engines;
        this.opening = opening;
        this.environment = environment;
    }

    @Override
    public Running start(Setup setup) {
        RunningLoops running = new RunningLoops(startLoops(setup), setup);
        try {
            running.listen();
            return running;
        } catch (RuntimeException e) {
            running.stop(Duration.ZERO);
            throw e;
        }
    }

    @Override
    public Dialling dialling(Setup setup) {
        return new DiallingLoops(startLoops(setup));
    }

    private List<Loop> startLoops(Setup setup) {
        List<Loop> loops = new ArrayList<>();
        Options options = setup.options();
        int[] cores = options.pin() ? cores(options.loops()) : new int[0];
        try {
            for (int i = 0; i < options.loops(); i++) {
                String name = "sluice-" + setup.model().name() + "-" + i;
                int core = options.pin() ? cores[i] : Loop.ANY_CORE;
                loops.add(new Loop(name, options, core, () -> engines.apply(options), environment).start());
            }
            return loops;
        } catch (RuntimeException e) {
            loops.forEach(Loop::stop);
            throw e;
        }
    }

    /** A core for each loop. */
    private static int[] cores(int loops) {
        int[] cores;
        try (Arena arena = Arena.ofConfined()) {
            cores = Affinity.cores(new CallState(arena));
        } catch (SysException e) {
            throw new IllegalArgumentException(
                    "loops can't be pinned here (" + e.getMessage() + "): leave --pin out", e);
        }
        if (loops > cores.length) {
            throw new IllegalArgumentException(loops + " loops can't be pinned to a core each: this process may use "
                    + cores.length + "; take fewer --loops, or leave --pin out");
        }
        return cores;
    }

    private static ServerStats sum(List<Loop> loops) {
        Totals totals = new Totals();
        long lent = 0;
        long threads = 0;
        for (Loop loop : loops) {
            totals.add(loop.engine().counters(), loop.ledger);
            lent += loop.lentCount();
            threads += loop.isRunning() ? 1 : 0;
        }
        return totals.stats(totals.open(), 0, lent, threads);
    }

    /** Cuts what is open on the loops, and ends them. */
    private static long cut(List<Loop> loops) {
        long cut = 0;
        for (Loop loop : loops) {
            if (loop.isRunning()) {
                cut += loop.call(loop::cutAll);
            }
        }
        loops.forEach(Loop::stop);
        return cut;
    }

    private final class RunningLoops implements Running {
        private final List<Loop> loops;
        private final Setup setup;
        private final Service service;
        private final List<Acceptor> acceptors = new ArrayList<>();
        private final List<Loop> acceptorLoops = new ArrayList<>();
        private SocketAddress address;
        private int turn;
        /** No monitor: in a world the caller turns the loops meanwhile, and with one held it could run no virtual thread. */
        private final ReentrantLock stopping = new ReentrantLock();

        private boolean stopped;

        RunningLoops(List<Loop> loops, Setup setup) {
            this.loops = loops;
            this.setup = setup;
            this.address = setup.address();
            this.service = setup.requireService();
        }

        void listen() {
            Options options = setup.options();
            AcceptMode mode = loops.size() == 1 ? AcceptMode.REUSEPORT : options.accept();
            if (setup.inheritsListener() && mode == AcceptMode.REUSEPORT) {
                mode = AcceptMode.EXCLUSIVE; // there is one socket for all
            }
            boolean reusePort = loops.size() > 1 && mode == AcceptMode.REUSEPORT
                    || setup.besideOthers() && !setup.inheritsListener();
            if (reusePort && address instanceof UnixDomainSocketAddress) {
                throw new IllegalArgumentException("several loops can't each listen on the Unix-domain socket "
                        + address + ": take --accept exclusive or --accept handoff");
            }
            ListenOptions listening = new ListenOptions(
                    options.backlogCount(),
                    reusePort,
                    options.noDelay(),
                    options.keepAlive(),
                    mode == AcceptMode.HANDOFF,
                    mode == AcceptMode.EXCLUSIVE);
            AcceptMode how = mode;
            Handle first = loops.getFirst().call(() -> {
                Handle handle = setup.inheritsListener()
                        ? loops.getFirst().engine().listenOn(setup.listener())
                        : loops.getFirst().engine().listen(address, listening);
                acceptOn(loops.getFirst(), handle, how);
                return handle;
            });
            address = loops.getFirst().call(first::localAddress);
            for (Loop loop : loops.subList(1, mode == AcceptMode.HANDOFF ? 1 : loops.size())) {
                loop.call(() -> {
                    Handle handle = how == AcceptMode.EXCLUSIVE
                            ? loop.engine().listenOn(duplicate(first.descriptor()))
                            : loop.engine().listen(address, listening);
                    acceptOn(loop, handle, how);
                    return handle;
                });
            }
            for (int i = 0; i < acceptors.size(); i++) {
                Acceptor acceptor = acceptors.get(i);
                acceptorLoops.get(i).call(() -> {
                    if (setup.besideOthers()) {
                        acceptor.leaveToOthers();
                    }
                    acceptor.start();
                    return acceptor;
                });
            }
            if (environment == Environment.MACHINE) {
                loops.forEach(Watchdog::watch);
            }
            if (loops.size() > 1 && options.balance() && setup.model().can(Ability.MOVE)) {
                new Balance(loops).start();
            }
        }

        private void acceptOn(Loop loop, Handle handle, AcceptMode mode) {
            acceptors.add(loop.acceptor(
                    handle, mode == AcceptMode.HANDOFF ? this::handOver : peer -> opening.open(loop, peer, service)));
            acceptorLoops.add(loop);
        }

        /** On the first loop: gives a newcomer to the loops in turn. */
        private void handOver(Handle peer) {
            Loop loop = loops.get(turn++ % loops.size());
            if (loop == loops.getFirst()) {
                opening.open(loop, peer, service);
            } else {
                loop.submit(() -> opening.open(loop, loop.engine().adopt(peer), service));
            }
        }

        private static int duplicate(int descriptor) {
            try (Arena arena = Arena.ofConfined()) {
                return SysException.check(
                        Descriptors.fcntl(descriptor, Descriptors.F_DUPFD_CLOEXEC, 0, new CallState(arena)),
                        "fcntl",
                        "fd=" + descriptor);
            }
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        @Override
        public Events events() {
            return loops.getFirst().ownEvents();
        }

        @Override
        public ServerStats stats() {
            return sum(loops);
        }

        @Override
        public List<LoopReport> loops() {
            return Insight.loops(loops);
        }

        @Override
        public ConnectionCensus connections(Predicate<ConnectionReport> wanted, int limit) {
            return Insight.connectionsOf(loops, wanted, limit);
        }

        @Override
        public String features() {
            return loops.getFirst().engine().features();
        }

        @Override
        public void acceptAgain() {
            for (int i = 0; i < acceptors.size(); i++) {
                Acceptor acceptor = acceptors.get(i);
                acceptorLoops.get(i).submit(acceptor::lookAgain);
            }
        }

        /** Whoever is to be told something must be where it is looked for: waits until no connection is on its way. */
        private void holdAll() {
            for (Loop loop : loops) {
                if (loops.size() > 1 && loop.isRunning()) {
                    loop.call(() -> {
                        loop.holdAll();
                        return loop;
                    });
                }
            }
            while (loops.stream().allMatch(Loop::isRunning)
                    && loops.stream().anyMatch(loop -> loop.departures.get() > 0)) {
                environment.pause(LOOK_NANOS);
            }
        }

        @Override
        public long stop(Duration drain) {
            stopping.lock();
            try {
                return stopped ? 0 : stopNow(drain);
            } finally {
                stopping.unlock();
            }
        }

        private long stopNow(Duration drain) {
            stopped = true;
            holdAll();
            for (int i = 0; i < acceptors.size(); i++) {
                Acceptor acceptor = acceptors.get(i);
                acceptorLoops.get(i).call(() -> {
                    acceptor.stop(setup.inheritsListener());
                    return acceptor;
                });
            }
            if (!acceptors.isEmpty() && !setup.inheritsListener()) {
                Listening.unlink(address);
            }
            if (!drain.isZero()) {
                loops.forEach(loop -> loop.submit(loop::tellStopping));
                long deadline = environment.nanoTime() + drain.toNanos();
                while (loops.stream().anyMatch(loop -> loop.openCount() > 0) && environment.nanoTime() - deadline < 0) {
                    environment.pause(LOOK_NANOS);
                }
            }
            return cut(loops);
        }
    }

    private final class DiallingLoops implements Dialling {
        private final List<Loop> loops;
        private final AtomicInteger turn = new AtomicInteger();

        DiallingLoops(List<Loop> loops) {
            this.loops = loops;
        }

        @Override
        public void dial(SocketAddress remote, Service service) {
            Loop loop = loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
            if (!loop.submit(() -> opening.dial(loop, remote, service))) {
                throw new IllegalStateException("the client is closed");
            }
        }

        @Override
        public Events events() {
            return loops.getFirst().ownEvents();
        }

        @Override
        public ServerStats stats() {
            return sum(loops);
        }

        @Override
        public void stop() {
            cut(loops);
        }
    }
}
