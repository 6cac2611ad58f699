package dev.sluice.cli;

import dev.sluice.Server;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice echo}. */
@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Sends each byte back to whoever sent it, on any I/O model.",
        footer = {
            "",
            "Examples:",
            "  sluice echo --port 7000                 then: nc 127.0.0.1 7000",
            "  sluice echo --model threads --port 7000",
            "  sluice echo --model io_uring --loops 2 --idle-timeout 30s",
        })
final class EchoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            defaultValue = "0",
            converter = DurationConverter.class,
            description = "Closes a connection that is silent for so long; 0: never (default: ${DEFAULT-VALUE}).")
    private Duration idleTimeout = Duration.ZERO;

    /** For picocli. */
    EchoCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        ModelNames.Choice choice = server.choice();
        Server.Builder builder = Server.builder(EchoProvider.class)
                .listen(server.address())
                .model(choice.model().name())
                .options(server.options().idleTimeout(idleTimeout).build());
        return ServerRun.untilSignalled(spec.commandLine(), builder, server, choice, "tcp");
    }
}
