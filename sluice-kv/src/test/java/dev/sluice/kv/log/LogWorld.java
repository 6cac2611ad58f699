package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A world with a store on a log, which is killed and crashes again and again, in the midst of recovery too. What it recovers must be
 * what some prefix of all records comes to, and that prefix must reach as far as was promised.
 */
final class LogWorld {
    private static final int KEYS = 20;
    private static final List<Faults.Kind> FAILING =
            List.of(Faults.Kind.READ_ERROR, Faults.Kind.WRITE_ERROR, Faults.Kind.SYNC_ERROR, Faults.Kind.DISK_FULL);
    private static final Duration WRITES = Duration.ofSeconds(15);
    /** A recovery takes many operations: with more failures it would hardly ever end. */
    private static final double MAY_START = 0.03;

    private record Written(int key, long value) {}

    /** How much came about. */
    record Ran(long promised, int recoveries, int snapshots, int refusals, long hash) {}

    private final World world;
    private final Dice dice;
    private final Host host;
    private final LogOptions options;
    private final UnaryOperator<Disk> around;
    private final int paddingMost;
    /** All records that count, by their numbers from 1 on. */
    private final List<Written> history = new ArrayList<>();

    private KeyStore store = new KeyStore();
    private @Nullable CommitLog log;
    private @Nullable Compaction compaction;
    private int life;
    private long promised;
    private long synced;
    private long lastValue;
    private long promisedInAll;
    private int recoveries;
    private int snapshots;
    private int refusals;
    private boolean over;
    private boolean withMachine;

    private LogWorld(World world, UnaryOperator<Disk> around) {
        this.world = world;
        this.around = around;
        dice = world.dice();
        host = world.host("server");
        paddingMost = dice.any(new Integer[] {0, 100, 5000});
        options = LogOptions.standard()
                .withSync(dice.any(Sync.values()))
                .withSegmentBytes(dice.spread(1_500, 100_000))
                .withPreallocate(dice.nextBoolean())
                .withCompactBytes(dice.any(new Long[] {0L, 2_000L, 20_000L}));
    }

    /** Bits that flip are another matter: what can be read of a log ends there. */
    static Faults faults(long seed) {
        Dice dice = new Dice(seed);
        Faults faults = drawn(seed).without(Faults.Kind.FLIPPED_BIT).without(Faults.Kind.ROTTEN_BIT);
        faults = faults.without(Faults.Kind.CRASH); // it crashes by itself, and knows when
        for (Faults.Kind kind : FAILING) {
            Faults.Rate rate = faults.rate(kind);
            if (rate != null) {
                long until = Math.min(rate.untilNanos(), WRITES.toNanos());
                long from = Math.min(rate.fromNanos(), until);
                faults = faults.with(kind, new Faults.Rate(Math.min(rate.rate(), MAY_START), from, until));
            }
        }
        for (Faults.Kind kind : List.of(Faults.Kind.LOST_WRITE, Faults.Kind.TORN_WRITE, Faults.Kind.LOST_ENTRIES)) {
            faults = dice.chance(0.7) ? faults.with(kind, dice.nextDouble()) : faults;
        }
        return faults;
    }

    private static Faults drawn(long seed) {
        try (World world = World.of(seed)) {
            return world.faults();
        }
    }

    private static void fail(String what) {
        throw new AssertionError(what);
    }

    static Ran run(long seed, UnaryOperator<Disk> around) {
        try (World world = World.builder(seed).faults(faults(seed)).build()) {
            LogWorld log = new LogWorld(world, around);
            try {
                log.run();
            } catch (AssertionError e) {
                throw world.failed(e);
            }
            return new Ran(
                    log.promisedInAll,
                    log.recoveries,
                    log.snapshots,
                    log.refusals,
                    world.story().hash());
        }
    }

    private void run() {
        host.disk().putDirectory("/data");
        host.start(this::serve);
        for (int n = 1 + dice.below(8); n > 0; n--) {
            world.after(Duration.ofNanos(dice.spread(1_000_000, 12_000_000_000L)), this::die);
        }
        world.run(WRITES);
        over = true;
        stop(true);
        int before = recoveries;
        world.runUntil("the log is recovered", () -> recoveries > before && log != null, Duration.ofHours(1));
    }

    private void die() {
        stop(dice.chance(0.7));
        if (dice.chance(0.3)) { // in the midst of what comes then
            world.after(Duration.ofNanos(dice.spread(1_000_000, 300_000_000)), () -> stop(true));
        }
    }

    private void stop(boolean machine) {
        log = null;
        life++;
        withMachine |= machine;
        if (machine) {
            host.crash();
        } else {
            host.kill();
        }
        host.restart(Duration.ofNanos(dice.spread(100_000, 5_000_000_000L)));
    }

    // ---- the server

    private void serve() {
        log = null;
        int mine = ++life;
        Disk disk = around.apply(host.disk(Runnable::run));
        host.onStop(disk::close);
        KeyStore fresh = new KeyStore();
        CommitLog.open(disk, "/data", options, Runnable::run, dice::nextLong, fresh::apply, new CommitLog.Opening() {
            @Override
            public void opened(CommitLog opened, RecoveryReport report) {
                if (life == mine) {
                    look(fresh, report);
                    goOn(opened, fresh, mine);
                }
            }

            @Override
            public void failed(String why) {
                if (why.contains("damaged") || why.contains("copy")) {
                    fail("taken for damaged: " + why);
                } else if (life == mine) {
                    stop(false);
                }
            }
        });
    }

    private void look(KeyStore found, RecoveryReport report) {
        recoveries++;
        int last = Math.toIntExact(report.last());
        long owed = withMachine && options.sync() != Sync.ALWAYS ? synced : promised;
        if (last < owed) {
            fail("of " + owed + " promised records " + last + " are there");
        }
        if (last > history.size()) {
            fail("a record is there that was not written");
        }
        Map<Integer, Long> expected = new TreeMap<>();
        for (Written each : history.subList(0, last)) {
            expected.put(each.key, each.value);
        }
        expected.remove(-1); // marks
        if (!expected.equals(found.values)) {
            fail("a record is lost, half there or out of order: " + found.values + " for " + expected);
        }
        history.subList(last, history.size()).clear();
        promised = last;
        synced = last;
        withMachine = false;
    }

    private void goOn(CommitLog opened, KeyStore with, int mine) {
        log = opened;
        store = with;
        Pace pace = new Pace(
                world::elapsedNanos,
                (nanos, task) -> world.after(Duration.ofNanos(nanos), () -> {
                    if (life == mine) {
                        task.run();
                    }
                }));
        compaction = new Compaction(opened, store::dump, () -> world.elapsedNanos() / 1_000_000, pace);
        opened.onProgress(() -> progressed(opened, mine));
        if (!over) {
            write(opened, mine);
            tick(opened, mine);
        }
    }

    private void progressed(CommitLog of, int mine) {
        if (life != mine) {
            return;
        }
        promisedInAll += Math.max(0, of.durable() - promised);
        promised = Math.max(promised, of.durable());
        synced = Math.max(synced, of.synced());
        if (of.refusal() != null) {
            refusals++;
            world.after(Duration.ofMillis(dice.below(100)), () -> {
                if (life == mine) {
                    stop(false);
                }
            });
        }
    }

    private void write(CommitLog to, int mine) {
        if (life != mine || to.refusal() != null) {
            return;
        }
        for (int n = dice.below(10); n > 0 && to.refusal() == null; n--) {
            Written written = new Written(dice.below(KEYS), ++lastValue);
            history.add(written);
            store.values.put(written.key, written.value);
            long number = to.append(KeyStore.record(written.key, written.value, dice.below(paddingMost + 1)));
            if (number != history.size()) {
                fail("record " + history.size() + " is given number " + number);
            }
        }
        if (dice.chance(0.01) && to.refusal() == null) {
            history.add(new Written(-1, 0));
            to.close(() -> {
                if (life == mine && to.refusal() != null) {
                    stop(dice.nextBoolean());
                }
            });
            return;
        }
        world.after(Duration.ofNanos(dice.spread(10_000, 1_000_000_000)), () -> write(to, mine));
    }

    private void tick(CommitLog to, int mine) {
        Compaction compacting = compaction;
        if (life != mine || compacting == null) {
            return;
        }
        to.tick(world.elapsedNanos());
        boolean ran = compacting.isRunning();
        compacting.tick();
        if (!ran && compacting.isRunning()) {
            snapshots++;
        }
        world.after(Duration.ofMillis(100), () -> tick(to, mine));
    }
}
