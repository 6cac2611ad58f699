package dev.sluice.lab.load;

import dev.sluice.Client;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.ServerStats;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One run of the load generator. {@link #stop} may come from any thread; all else is for one thread. */
public final class LoadRun {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** While connections are being opened, how often to look whether all are. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** How long no connection may be established while some are missing: for each process, which has to start. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Lanes of a model that has no loops. */
    private static final int LANES = 16;

    private static final int SPARE_OUTPUT_BYTES = 64 * 1024;

    /** Who must know exactly what is counted; told on the thread that runs the load. */
    public interface Marks {
        /** Nobody needs to know. */
        Marks NONE = new Marks() {
            @Override
            public void measuring() {}

            @Override
            public void measured() {}

            @Override
            public void asked(String latencies) {}
        };

        /** From now on answers count. */
        void measuring();

        /** No answer counts any more; the load is offered and its connections are held until this returns. */
        void measured();

        /**
         * Each idle connection has been asked, where that was wanted; all are held until this returns.
         *
         * @param latencies of the answers, for a process that adds them up
         */
        void asked(String latencies);
    }

    private final Load load;
    private final Consumer<Progress> watcher;
    private final Marks marks;
    private final Protocol protocol;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Errors errors = new Errors();
    private final AtomicInteger idle = new AtomicInteger();
    private final AtomicInteger unsettled = new AtomicInteger();
    private final List<Lane> lanes = new ArrayList<>();
    private final List<String> sluice;
    private Crowd crowd = Crowd.none();
    /** Of the idle connections, those that this process holds. */
    private int ownIdle;

    private double connectSeconds;

    private @Nullable Histogram latencies;
    private boolean interrupted;

    /** A run that nobody watches. */
    public LoadRun(Load load) {
        this(load, progress -> {});
    }

    /** A run of one process. */
    public LoadRun(Load load, Consumer<Progress> watcher) {
        this(load, watcher, Marks.NONE, List.of());
    }

    /**
     * A run.
     *
     * @param watcher told how it fares, about once a second, on the thread that runs it
     * @param marks told when measuring begins and ends
     * @param sluice the command that starts Sluice, without a sub-command, for idle connections that this process has no
     *     descriptors for; empty: there are to be none
     * @throws IllegalArgumentException where the load can't be said in its protocol, or its model can't offer it
     * @throws dev.sluice.UnavailableException where this machine can't run the model
     */
    public LoadRun(Load load, Consumer<Progress> watcher, Marks marks, List<String> sluice) {
        this.sluice = List.copyOf(sluice);
        this.marks = marks;
        this.load = load;
        this.watcher = watcher;
        this.protocol = Protocol.of(load);
        requireAble(Models.choose(load.model()));
    }

    private void requireAble(Model model) {
        if (!model.can(Model.Ability.DIAL)) {
            throw new IllegalArgumentException("model " + model.name() + " can't dial out: take epoll");
        }
        if (load.threadsCount() > 1 && !model.can(Model.Ability.LOOPS)) {
            throw new IllegalArgumentException(
                    "model " + model.name() + " has no loops to multiply: leave threads out");
        }
    }

    /**
     * Offers the load, and returns when its duration is over or it was stopped; all connections and threads are back then.
     * An interrupt of the calling thread stops it too, and stays set.
     *
     * @throws LoadException where the server can't be reached or the machine's limits forbid the load
     */
    public LoadResult run() {
        Share share = Share.of(load, sluice);
        List<InetSocketAddress> hosts = Addresses.forProcesses(Addresses.reach(load), share.processes(), share.each());
        List<InetSocketAddress> targets = Addresses.enough(hosts.getFirst(), share.each());
        ownIdle = share.ownIdle();
        try (Crowd others = share.processes() == 1
                        ? Crowd.none()
                        : Crowd.start(sluice, load, hosts.subList(1, hosts.size()), load.idleCount() - ownIdle);
                ServerSocketChannel nobody = ServerSocketChannel.open().bind(loopback(), LANES + load.threadsCount());
                Client client = Client.start(load.model(), options())) {
            openLanes(client, nobody.getLocalAddress());
            crowd = others;
            return measure(client, targets);
        } catch (IOException e) {
            throw new UncheckedIOException("can't listen on loopback", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private Options options() {
        int largest = protocol.requests().stream().mapToInt(r -> r.length).max().orElse(0);
        long window = Math.multiplyExact((long) largest, load.pipelineCount()) + SPARE_OUTPUT_BYTES;
        int mark = (int) Math.min(window, Integer.MAX_VALUE);
        return Options.builder()
                .loops(load.threadsCount())
                .uring(load.uring())
                .outputMarks(mark, mark) // a window's requests never hold up the reading of answers
                .outputLimit(window)
                .lingerTimeout(Duration.ofMillis(200))
                .build();
    }

    private void openLanes(Client client, SocketAddress nobody) {
        int count = client.model().can(Model.Ability.LOOPS)
                ? load.threadsCount()
                : Math.clamp(load.connectionsCount(), 1, LANES);
        CountDownLatch opened = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Lane lane = new Lane(load, protocol, errors, i, count, unsettled, opened::countDown);
            lanes.add(lane);
            client.dial(nobody, lane);
        }
        if (!await(opened, START_NANOS) && !interrupted) {
            throw new IllegalStateException("the generator's own loops don't start");
        }
    }

    private LoadResult measure(Client client, List<InetSocketAddress> targets) {
        Meter meter = new Meter(lanes, errors);
        connect(targets);
        if (!load.warmup().isZero()) {
            start();
            phase(meter, "warm-up", load.warmup());
            lanes.forEach(lane -> lane.execute(lane::forgetSlips));
        }
        if (stop.getCount() == 0) {
            throw new LoadException("stopped before anything was measured", null);
        }
        Lane.Unanswered before = unanswered();
        marks.measuring();
        meter.begin(client.stats());
        if (load.warmup().isZero()) {
            start(); // only now, so that the first answers count as well
        }
        phase(meter, asks() ? "measuring" : Progress.HOLDING, load.duration());
        meter.end();
        Lane.Unanswered unanswered = unanswered(); // and whatever the lanes counted is seen from here on
        ServerStats stats = client.stats();
        int idleCount = idle.get();
        marks.measured();
        IdleCensus census = null;
        double askSeconds = 0;
        if (load.asksIdle()) {
            long began = System.nanoTime();
            watcher.accept(Progress.asking(errors.counts()));
            census = askIdle();
            askSeconds = (System.nanoTime() - began) / 1e9;
            marks.asked(census.encoded());
        }
        finish();
        idleCount += crowd.leave(census);
        LoadResult.IdleAnswers idleAnswers =
                census == null ? LoadResult.IdleAnswers.NONE : census.result(load.idleCount(), askSeconds);
        LoadResult result = meter.result(
                load, client.model().name(), connectSeconds, idleCount, idleAnswers, stats, before, unanswered);
        latencies = meter.total();
        lanes.forEach(LoadRun::requireWell);
        return result;
    }

    /** Lets each idle connection of this process and of the others make one request. */
    private IdleCensus askIdle() {
        IdleCensus census = new IdleCensus();
        crowd.ask();
        List<CompletableFuture<RollCall>> calls = new ArrayList<>();
        for (Lane lane : lanes) {
            CompletableFuture<RollCall> called = new CompletableFuture<>();
            CompletableFuture<Void> done = new CompletableFuture<>();
            lane.execute(() -> called.complete(lane.callRoll(protocol, () -> done.complete(null))));
            calls.add(called.thenCombine(done, (call, _) -> call));
        }
        calls.forEach(call -> census.add(call.join()));
        crowd.awaitAsked(census);
        return census;
    }

    private boolean asks() {
        return load.connectionsCount() + load.slowCount() > 0;
    }

    private void start() {
        long now = System.nanoTime();
        lanes.forEach(lane -> lane.execute(() -> lane.start(now)));
    }

    private static void requireWell(Lane lane) {
        Throwable failure = lane.failure();
        if (failure != null) {
            throw new IllegalStateException("a session of the generator failed", failure);
        }
    }

    /** Deals the connections out to the lanes, and waits until each is established or has failed once. */
    private void connect(List<InetSocketAddress> targets) {
        List<List<Dials.Line>> lines = new ArrayList<>();
        lanes.forEach(lane -> lines.add(new ArrayList<>()));
        int dealt = 0;
        int total = ownIdle + load.slowCount() + load.connectionsCount();
        for (; dealt < total; dealt++) {
            int lane = dealt % lanes.size();
            lines.get(lane).add(line(lanes.get(lane), targets.get(dealt % targets.size()), dealt));
        }
        unsettled.set(load.churn() ? ownIdle : total);
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            List<Dials.Line> its = lines.get(i);
            lane.execute(() -> lane.connect(its));
        }
        long all = (long) unsettled.get() - ownIdle + load.idleCount();
        long patience = load.timeout().toNanos() + PATIENCE_NANOS * (1 + crowd.size());
        long began = System.nanoTime();
        long told = began;
        long movedNanos = began;
        long settled = 0;
        while ((unsettled.get() > 0 || !crowd.isHeld()) && !await(stop, LOOK_NANOS)) {
            if (crowd.failure() != null) {
                throw new LoadException("a further process of the generator failed: " + crowd.failure(), null);
            }
            long now = System.nanoTime();
            if (now - told > TICK_NANOS) {
                told = now;
                watcher.accept(Progress.connecting((now - began) / 1e9, errors.counts(), settled, all));
            }
            long settledBefore = settled;
            settled = all - (unsettled.get() + crowd.missingCount());
            if (settled != settledBefore) {
                movedNanos = now;
            }
            if (now - movedNanos > patience) {
                throw new LoadException(
                        unsettled.get() + " of " + total + " connections were not established"
                                + (crowd.isHeld() ? "" : ", nor all of those of further processes"),
                        null);
            }
        }
        connectSeconds = (System.nanoTime() - began) / 1e9;
    }

    private Dials.Line line(Lane lane, InetSocketAddress target, int index) {
        if (index < load.connectionsCount()) {
            int speed = load.slowCount() == 0 ? load.slowBytesPerSecond() : 0;
            return new Slot(lane, target, protocol.answers(), true, speed);
        } else if (index < load.connectionsCount() + load.slowCount()) {
            return new Slot(lane, target, protocol.answers(), false, load.slowBytesPerSecond());
        }
        return new Holder(lane, target, idle);
    }

    /** Waits, and tells the watcher how it fares. */
    private void phase(Meter meter, String name, Duration time) {
        long began = System.nanoTime();
        long end = began + time.toNanos();
        for (long now = began; now < end; now = System.nanoTime()) {
            if (await(stop, Math.min(TICK_NANOS, end - now))) {
                return;
            }
            if (end - now >= TICK_NANOS) {
                double elapsed = (System.nanoTime() - began) / 1e9;
                watcher.accept(meter.progress(name, elapsed, time.toNanos() / 1e9));
            }
        }
    }

    /** What is due or sent, and not answered; nothing before the load has begun. */
    private Lane.Unanswered unanswered() {
        long now = System.nanoTime();
        long count = 0;
        long oldest = 0;
        for (Lane lane : lanes) {
            CompletableFuture<Lane.Unanswered> future = new CompletableFuture<>();
            lane.execute(() -> future.complete(lane.unanswered(now)));
            Lane.Unanswered its = future.join();
            count += its.count();
            oldest = Math.max(oldest, its.oldestNanos());
        }
        return new Lane.Unanswered(count, oldest);
    }

    private void finish() {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (Lane lane : lanes) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            lane.execute(() -> {
                lane.finish();
                end.complete(null);
            });
            ended.add(end);
        }
        ended.forEach(CompletableFuture::join);
    }

    /** Whether the latch opened within the time; an interrupt stops the run. */
    private boolean await(CountDownLatch latch, long nanos) {
        try {
            return latch.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
            stop();
            return latch.getCount() == 0;
        }
    }

    /** Ends the run early: {@link #run} returns what was seen so far. From any thread. */
    public void stop() {
        stop.countDown();
    }

    /** After {@link #run}: the percentile distribution in microseconds, as HdrHistogram writes and its plotter reads it. */
    public void writeDistribution(PrintStream out) {
        if (latencies == null) {
            throw new IllegalStateException("the run has not ended");
        }
        latencies.outputPercentileDistribution(out, 20, 1e3);
    }
}
