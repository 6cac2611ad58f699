package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;
import static dev.sluice.cli.Specs.size;

import dev.sluice.Family;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.kv.KvService;
import dev.sluice.kv.Store;
import dev.sluice.kv.StoreOptions;
import java.util.List;
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
                    "--max-clients", "N", "Connections at once; 0: as many as there are descriptors (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("0")
            .build();

    private final OptionSpec password =
            option("--password", "WORD", "Asked of every client (default: none is).").build();

    KvCommand() {
        spec.usageMessage()
                .description("A key-value store that speaks the Redis protocol (RESP2 and RESP3), on any I/O model of one process:"
                        + " strings, hashes, expiry, transactions, publish and subscribe.")
                .footer(
                        "",
                        "Examples:",
                        "  sluice kv                                 then: redis-cli set greeting hello",
                        "  sluice kv --model io_uring --max-memory 2g",
                        "  sluice kv --loops 2 --password secret --host 0.0.0.0",
                        "",
                        "docs/kv.md tells the commands, the limits, and what differs from Redis.");
        server = new ServerOptions(spec, PORT);
        List.of(maxMemory, maxValue, maxClients, password).forEach(spec::addOption);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        ModelNames.Choice choice = server.choice();
        Options options = server.options().build();
        boolean shared = choice.model().family() == Family.BLOCKING || options.loops() > 1;
        Store store = new Store(storeOptions().withShared(shared));
        CountDownLatch stop = new CountDownLatch(1);
        store.onShutdown(stop::countDown);
        long outputMost = store.options().valueMostBytes() + OUTPUT_SPARE;
        Server.Builder builder = Server.builder(new KvService(store))
                .listen(server.address())
                .model(choice.model().name())
                .options(options.toBuilder().outputLimit(outputMost).build());
        return ServerRun.untilSignalled(spec.commandLine(), builder, server, choice, "redis", null, stop);
    }

    private StoreOptions storeOptions() {
        long value = maxValue.getValue();
        int clients = maxClients.getValue();
        if (value < MEBI || value > 1024 * MEBI) {
            throw wrong("--max-value is " + value + " bytes, must be 1m to 1g");
        }
        if (clients < 0) {
            throw wrong("--max-clients is " + clients + ", must be a number of connections, or 0");
        }
        return StoreOptions.standard()
                .withMaxMemory(maxMemory.getValue())
                .withValueMost((int) value)
                .withClientsMost(clients)
                .withPassword(password.getValue());
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
