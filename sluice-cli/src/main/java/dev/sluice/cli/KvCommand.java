package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;
import static dev.sluice.cli.Specs.size;

import dev.sluice.Family;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.disk.DiskEngine;
import dev.sluice.kv.KvService;
import dev.sluice.kv.Store;
import dev.sluice.kv.StoreOptions;
import dev.sluice.kv.log.LogKeeper;
import dev.sluice.kv.log.LogOptions;
import dev.sluice.kv.log.Sync;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** {@code sluice kv}. */
final class KvCommand implements Callable<Integer> {
    private static final int PORT = 6379;
    private static final long MEBI = 1 << 20;
    /** A client that reads nothing is closed at this; it is more than the largest value. */
    private static final long OUTPUT_SPARE = 64 * MEBI;

    /** A thread that waits for write and flush in one call takes the least of a core for each batch: docs/kv.md. */
    private static final DiskEngine WRITING = DiskEngine.POOL;

    private final CommandSpec spec = Specs.command("kv", this);
    private final ServerOptions server;

    private final OptionSpec maxMemory = size(
            "--max-memory",
            "0",
            "Refuses writes that need memory while keys and values take more, as 'noeviction' does; 0: no limit (default:"
                    + " ${DEFAULT-VALUE}).");

    private final OptionSpec maxValue = size(
            "--max-value", "512m", "The longest key, value or other argument, 1m to 1g (default: ${DEFAULT-VALUE}).");

    private final OptionSpec maxClients = option(
                    "--max-clients",
                    "N",
                    "Connections at once; 0: as many as there are descriptors (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("0")
            .build();

    private final OptionSpec password = option("--password", "WORD", "Asked of every client (default: none is).")
            .build();

    private final OptionSpec directory = option(
                    "--dir",
                    "DIR",
                    "Keeps the data there, in a log that every write is appended to before it is answered (default: in memory"
                            + " only).")
            .build();

    private final OptionSpec sync = option(
                    "--sync",
                    "WHEN",
                    "When a write is answered: 'always' once it is synced; 'everysec' and 'no' once it is written, and synced"
                            + " every second or when the kernel likes (default: ${DEFAULT-VALUE}).")
            .defaultValue("always")
            .build();

    private final OptionSpec disk = option(
                    "--disk",
                    "ENGINE",
                    "The disk engine: blocking, pool or io_uring (default: pool; a recovery reads with the best there is).")
            .build();

    private final OptionSpec segment =
            size("--segment", "64m", "The log goes on in a new file once one is so large (default: ${DEFAULT-VALUE}).");

    private final OptionSpec compactAt = size(
            "--compact-at",
            "256m",
            "Compacts the log in the background once it is so long, and longer than the last snapshot; 0: only at BGSAVE"
                    + " (default: ${DEFAULT-VALUE}).");

    private final OptionSpec repair = OptionSpec.builder("--repair")
            .type(boolean.class)
            .description(
                    "Cuts a damaged log before the damage, and sets the rest aside; otherwise it is refused as it is.")
            .build();

    KvCommand() {
        spec.usageMessage()
                .description(
                        "A key-value store that speaks the Redis protocol (RESP2 and RESP3), on any I/O model of one process:"
                                + " strings, hashes, expiry, transactions, publish and subscribe.")
                .footer(
                        "",
                        "Examples:",
                        "  sluice kv                                 then: redis-cli set greeting hello",
                        "  sluice kv --dir data --sync everysec      what was written is there again after a restart",
                        "  sluice kv --model io_uring --max-memory 2g",
                        "  sluice kv --loops 2 --password secret --host 0.0.0.0",
                        "",
                        "docs/kv.md tells the commands, the limits, and what differs from Redis; docs/durability.md the log.");
        server = new ServerOptions(spec, PORT);
        List.of(directory, sync, disk, segment, compactAt, repair, maxMemory, maxValue, maxClients, password)
                .forEach(spec::addOption);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        ModelNames.Choice choice = server.choice();
        if (!server.inThisProcess()) {
            throw wrong(
                    "the store is the memory of one process: take a model of one process, as in --model epoll, and leave"
                            + " --processes out");
        }
        Options options = server.options().build();
        boolean shared = choice.model().family() == Family.BLOCKING || options.loops() > 1;
        Store store = new Store(storeOptions(shared));
        CountDownLatch stop = new CountDownLatch(1);
        store.onShutdown(stop::countDown);
        long outputMost = store.options().valueMostBytes() + OUTPUT_SPARE;
        Options.Builder serving = options.toBuilder().outputLimit(outputMost);
        serving.disk(engine().orElse(WRITING));
        Server.Builder builder = Server.builder(new KvService(store))
                .listen(server.address())
                .model(choice.model().name())
                .options(serving.build());
        ServerRun run = new ServerRun(spec.commandLine(), builder, server, choice, "redis").endedBy(stop);
        if (directory.getValue() == null) {
            return run.untilSignalled();
        }
        try (LogKeeper keeper = recover(store)) {
            return run.with(turns(keeper)).untilSignalled();
        } catch (IOException e) {
            throw new Failures.StartException("can't give " + directory.getValue() + " back: " + e.getMessage(), e);
        }
    }

    // ---- the log

    private Optional<DiskEngine> engine() {
        String name = disk.getValue();
        if (name == null) {
            return Optional.empty();
        }
        DiskEngine engine = DiskEngine.named(name)
                .orElseThrow(() -> wrong("--disk is '" + name + "', must be blocking, pool or io_uring"));
        if (!engine.availability().available()) {
            throw wrong("--disk " + name + ": " + engine.availability().reason());
        }
        return Optional.of(engine);
    }

    private LogOptions logOptions() {
        String when = sync.getValue();
        long bytes = segment.getValue();
        if (bytes < MEBI) {
            throw wrong("--segment is " + bytes + " bytes, must be 1m at least");
        }
        return LogOptions.standard()
                .withSync(Sync.named(when)
                        .orElseThrow(() -> wrong("--sync is '" + when + "', must be always, everysec or no")))
                .withSegmentBytes(bytes)
                .withCompactBytes(compactAt.getValue())
                .withRepair(repair.getValue() != null && repair.<Boolean>getValue());
    }

    private LogKeeper recover(Store store) {
        Optional<DiskEngine> engine = engine();
        LogOptions options = logOptions();
        try {
            long begin = System.nanoTime();
            LogKeeper keeper = LogKeeper.recover(
                    Path.of(directory.<String>getValue()),
                    options,
                    engine.orElseGet(DiskEngine::best),
                    engine.orElse(WRITING),
                    store);
            PrintWriter err = spec.commandLine().getErr();
            keeper.report().lines().forEach(err::println);
            err.printf(Locale.ROOT, "that took %.3f s%n", (System.nanoTime() - begin) / 1e9);
            err.flush();
            return keeper;
        } catch (IOException e) {
            throw new Failures.StartException(
                    "can't open the log in " + directory.getValue() + ": " + e.getMessage(), e);
        }
    }

    private static ServerRun.Turns turns(LogKeeper keeper) {
        return new ServerRun.Turns() {
            @Override
            public void started(Server server) {
                keeper.start(server);
            }

            @Override
            public void stopping(PrintWriter err) throws InterruptedException {
                String why = keeper.stop();
                err.println(
                        why == null
                                ? "the log is synced and closed: "
                                        + keeper.log().batches() + " batches, "
                                        + keeper.log().syncs() + " syncs"
                                : "the log: " + why);
            }
        };
    }

    private StoreOptions storeOptions(boolean shared) {
        long value = maxValue.getValue();
        int clients = maxClients.getValue();
        if (value < MEBI || value > 1024 * MEBI) {
            throw wrong("--max-value is " + value + " bytes, must be 1m to 1g");
        }
        if (clients < 0) {
            throw wrong("--max-clients is " + clients + ", must be a number of connections, or 0");
        }
        return StoreOptions.builder()
                .shared(shared)
                .maxMemory(maxMemory.getValue())
                .valueMost((int) value)
                .clientsMost(clients)
                .password(password.getValue())
                .build();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
