package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.option;

import dev.sluice.Server;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code sluice echo}. */
final class EchoCommand implements Callable<Integer> {
    private final CommandSpec spec = Specs.command("echo", this);
    private final ServerOptions server = new ServerOptions(spec);

    private final OptionSpec idleTimeout = duration(
            "--idle-timeout",
            "0",
            "Closes a connection that is silent for so long; 0: never (default: ${DEFAULT-VALUE}).");

    private final OptionSpec style = option(
                    "--style",
                    "STYLE",
                    "How the echo is written: session (a callback, as bare as can be), callbacks (steps), promises, or"
                            + " sequential (blocking code on a virtual thread); see docs/styles.md (default: ${DEFAULT-VALUE}).")
            .type(EchoStyle.class)
            .defaultValue("session")
            .build();

    EchoCommand() {
        spec.usageMessage()
                .description("Sends each byte back to whoever sent it, on any I/O model.")
                .footer(
                        "",
                        "Examples:",
                        "  sluice echo --port 7000                 then: nc 127.0.0.1 7000",
                        "  sluice echo --model threads --port 7000",
                        "  sluice echo --model io_uring --loops 2 --idle-timeout 30s",
                        "  sluice echo --style sequential          what blocking code costs: bench/styles.py");
        spec.addOption(idleTimeout);
        spec.addOption(style);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        ModelNames.Choice choice = server.choice();
        EchoStyle written = style.getValue();
        Server.Builder builder = Server.builder(EchoProvider.class, written.name())
                .listen(server.address())
                .model(choice.model().name())
                .options(server.options().idleTimeout(idleTimeout.getValue()).build());
        return new ServerRun(spec.commandLine(), builder, server, choice, "tcp").untilSignalled();
    }
}
