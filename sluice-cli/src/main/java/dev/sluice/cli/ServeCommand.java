package dev.sluice.cli;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import dev.sluice.http.Workers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice serve}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {"Serves HTTP/1.1 on any I/O model.", ""},
        footer = {
            "",
            "Examples:",
            "  sluice serve --respond hello                one fixed answer, for measuring",
            "",
            "Ctrl-C or SIGTERM finishes what is in flight, within --drain seconds, and ends with status 0."
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--respond", paramLabel = "TEXT", description = "Answers every request with this text instead.")
    private @Nullable String respond;

    @Option(
            names = "--reflect",
            description = "Answers GET with OK, and a request that has a body with that body, instead; for testing.")
    private boolean reflect;

    @Option(
            names = "--workers",
            paramLabel = "none|N|virtual",
            defaultValue = "none",
            description = "Who runs the handlers: the loop itself (none), a pool of N threads, or a virtual thread for"
                    + " each request (default: ${DEFAULT-VALUE}).")
    private String workers = "none";

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private LimitOptions limits = new LimitOptions();

    /** For picocli. */
    ServeCommand() {}

    @Override
    public Integer call() throws InterruptedException, IOException {
        ModelNames.Choice choice = server.choice();
        if (!workers.equals("none") && !choice.model().can(Ability.WORKERS)) {
            throw wrong("model " + choice.model().name() + " has no workers (--workers " + workers
                    + "): its handlers may block where they are; leave --workers out");
        }
        // Workers, log and folder live as long as the server, here; a worker process makes its own.
        try (Serving serving = open()) {
            Server.Builder builder = choice.model().can(Ability.ONE_PROCESS)
                    ? Server.builder(serving.service())
                    : Server.builder(ServeProvider.class, arguments());
            builder.listen(server.address())
                    .model(choice.model().name())
                    .options(server.options()
                            .inputLimit(limits.inputLimitBytes())
                            .build());
            return ServerRun.untilSignalled(spec.commandLine(), builder, server, choice, "http");
        }
    }

    /** What stands behind the command's name, for a worker process to read again. */
    private String[] arguments() {
        List<String> all = spec.root().commandLine().getParseResult().originalArgs();
        return all.subList(all.indexOf(spec.name()) + 1, all.size()).toArray(String[]::new);
    }

    /** Makes what the options ask for; the caller closes it. */
    Serving open() throws IOException {
        HttpLimits clientLimits = limits.limits();
        Workers who = Workers.parse(workers);
        if (reflect && !who.inline()) {
            throw wrong("--reflect answers as the body arrives, on the loop: leave --workers out");
        }
        if ((respond == null) != reflect) {
            throw wrong("name one of --respond TEXT and --reflect");
        }
        HttpService.Builder builder = respond != null ? HttpService.respond(respond) : HttpService.reflect();
        return new Serving(builder.workers(who).limits(clientLimits).build());
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
