package dev.sluice.sim.scenes;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.disk.Disk;
import dev.sluice.kv.KvService;
import dev.sluice.kv.Store;
import dev.sluice.kv.StoreOptions;
import dev.sluice.kv.log.CommitLog;
import dev.sluice.kv.log.Compaction;
import dev.sluice.kv.log.LogOptions;
import dev.sluice.kv.log.Pace;
import dev.sluice.kv.log.RecoveryReport;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.HostCrash;
import dev.sluice.sim.World;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A machine with a key-value server: recovers the log, serves, and is started anew whatever becomes of it. */
final class KvMachine {
    private static final int PORT = 6379;
    private static final String DIRECTORY = "/data";
    private static final Duration TICK = Duration.ofMillis(100);
    /** A disk that fails so often that no recovery ends isn't started on for ever. */
    private static final int STARTS_MOST = 40;

    private final World world;
    private final Dice dice;
    private final Host host;
    private final LogOptions options;
    private @Nullable Server server;
    private @Nullable KvService ready;
    private int life;
    private int starts;
    private boolean over;

    KvMachine(World world, Dice dice) {
        this.world = world;
        this.dice = dice;
        host = world.host("server");
        host.disk().putDirectory(DIRECTORY);
        options = LogOptions.standard()
                .withSegmentBytes(dice.spread(4_000, 100_000))
                .withPreallocate(dice.nextBoolean())
                .withCompactBytes(dice.nextBoolean() ? 10_000 : 0);
        host.start(this::boot);
    }

    InetSocketAddress address() {
        return host.address(PORT);
    }

    /** Whether bits have flipped: what was there then may be gone, and a damaged log is refused. */
    boolean isDamaged() {
        return world.faultsMet().containsKey(Faults.Kind.FLIPPED_BIT)
                || world.faultsMet().containsKey(Faults.Kind.ROTTEN_BIT);
    }

    void die() {
        if (over) {
            return;
        }
        life++;
        server = null;
        if (dice.chance(0.6)) {
            host.crash();
        } else {
            host.kill();
        }
        restart();
    }

    private void restart() {
        host.restart(Duration.ofNanos(dice.spread(1_000_000, 5_000_000_000L)));
    }

    /** The operator's part: a server that can't go on is started anew. */
    private void startAnew(int of) {
        if (of == life && !over && host.isUp() && starts < STARTS_MOST) {
            life++;
            server = null;
            host.kill();
            restart();
        }
    }

    /** Until the log is recovered, whoever comes is sent away. */
    private record Away() implements Session {
        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {}
    }

    private Session open(Connection connection) {
        KvService service = ready;
        if (service == null) {
            connection.close();
            return new Away();
        }
        return service.open(connection);
    }

    private void boot() {
        starts++;
        server = null;
        ready = null;
        int mine = ++life;
        Server started = host.serve(
                Server.builder(this::open).options(Options.builder().loops(1).build()), PORT);
        server = started;
        Store store = new Store(
                StoreOptions.builder().shared(false).seed(dice.nextLong()).build());
        host.onStop(store::close);
        Disk disk = host.disk(Runnable::run);
        host.onStop(disk::close);
        CommitLog.open(disk, DIRECTORY, options, Runnable::run, dice::nextLong, store::apply, new CommitLog.Opening() {
            @Override
            public void opened(CommitLog log, RecoveryReport report) {
                log.detach(() -> {
                    disk.close();
                    if (mine == life && !over && host.isUp()) {
                        serve(store, log, started, mine);
                    }
                });
            }

            @Override
            public void failed(String why) {
                disk.close();
                if (why.contains("damaged") && !isDamaged()) {
                    throw new AssertionError("a log is taken for damaged: " + why);
                }
                world.after(Duration.ofMillis(100), () -> startAnew(mine));
            }
        });
    }

    private void serve(Store store, CommitLog log, Server started, int mine) {
        Pace pace = new Pace(
                world::elapsedNanos,
                (nanos, task) -> world.after(Duration.ofNanos(nanos), () -> {
                    if (mine == life && !over && host.isUp()) {
                        started.events().execute(task);
                    }
                }));
        Compaction compaction =
                new Compaction(log, () -> store.dump()::next, () -> world.elapsedNanos() / 1_000_000, pace);
        store.journal(log);
        store.snapshots(compaction);
        ready = new KvService(store);
        started.events()
                .execute(() -> log.attach(started.events().disk(), task -> {
                    if (!started.events().execute(task)) {
                        task.run();
                    }
                }));
        log.onProgress(() -> {
            if (log.refusal() != null) {
                world.after(Duration.ofMillis(500), () -> startAnew(mine));
            }
        });
        tick(log, compaction, started, mine);
    }

    private void tick(CommitLog log, Compaction compaction, Server of, int mine) {
        if (mine == life && !over && host.isUp()) {
            of.events().execute(() -> {
                log.tick(world.elapsedNanos());
                compaction.tick();
            });
            world.after(TICK, () -> tick(log, compaction, of, mine));
        }
    }

    void stop() {
        over = true;
        Server running = server;
        if (host.isUp() && running != null) {
            try {
                running.stop(Duration.ZERO);
            } catch (HostCrash e) {
                server = null; // it crashed while it stopped: nothing is left that could
            }
        }
    }
}
