package dev.sluice.cli;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.http.CommonLog;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import dev.sluice.http.StaticFiles;
import dev.sluice.http.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice serve}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves the files of a folder over HTTP/1.1, on any I/O model: index pages, ranges, conditional requests,"
                    + " and FILE.br or FILE.gz in the place of FILE to who takes them. Dot-files and what is outside the"
                    + " folder are refused.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice serve site                           http://127.0.0.1:8080",
            "  sluice serve site --host 0.0.0.0 --port 80  for other machines",
            "  sluice serve site --model threads           one blocking thread a connection",
            "  sluice serve site --loops 2 --accept exclusive",
            "  sluice serve site --list --access-log=access.log",
            "  sluice serve site --processes 4             four processes share the port and the connections",
            "  sluice serve --respond hello                one fixed answer, for measuring",
            "  sluice serve --respond hi --block-per-request 10ms --workers 32",
            "",
            "Ctrl-C or SIGTERM finishes what is in flight, within --drain seconds, and ends with status 0."
        })
final class ServeCommand implements Callable<Integer> {
    /** Stands for standard output, as for many programs. */
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..1", paramLabel = "DIR", description = "The folder (default: the current one).")
    private @Nullable Path folder;

    @Option(names = "--list", description = "Lists folders that have no index.html.")
    private boolean list;

    @Option(names = "--links", description = "Follows symbolic links, as far as they stay inside the folder.")
    private boolean links;

    @Option(names = "--respond", paramLabel = "TEXT", description = "Answers every request with this text instead.")
    private @Nullable String respond;

    @Option(
            names = "--reflect",
            description = "Answers GET with OK, and a request that has a body with that body, instead; for testing.")
    private boolean reflect;

    @Option(
            names = "--cpu-per-request",
            paramLabel = "DURATION",
            defaultValue = "0",
            converter = DurationConverter.class,
            description = "Computes for so long before each answer, as in 1ms; for measuring (default: not at all).")
    private Duration cpuPerRequest = Duration.ZERO;

    @Option(
            names = "--block-per-request",
            paramLabel = "DURATION",
            defaultValue = "0",
            converter = DurationConverter.class,
            description =
                    "Waits for so long before each answer, as for a database; for measuring (default: not at all).")
    private Duration blockPerRequest = Duration.ZERO;

    @Option(
            names = "--slow-one-in",
            paramLabel = "N",
            description = "Only one request in N, at random, computes or waits so (default: ${DEFAULT-VALUE}, each).")
    private int slowOneIn = 1;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = STANDARD_OUTPUT,
            description = "Logs each request in the common log format, to standard output where no file is named.")
    private @Nullable String accessLog;

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
            Server.Builder builder = choice.model().can(Ability.ONE_PROCESS) && server.processes() == 1
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
        Path root = root();
        Workers who = Workers.parse(workers);
        if (reflect && !who.inline()) {
            throw wrong("--reflect answers as the body arrives, on the loop: leave --workers out");
        }
        if (slowOneIn < 1) {
            throw wrong("--slow-one-in is " + slowOneIn + ", must be at least 1");
        }
        HandlerCost cost = new HandlerCost(cpuPerRequest, blockPerRequest, slowOneIn);
        if (reflect && !(cpuPerRequest.isZero() && blockPerRequest.isZero())) {
            throw wrong("--reflect answers as the body arrives: leave --cpu-per-request and --block-per-request out");
        }
        StaticFiles files = null;
        HttpService.Builder builder;
        if (respond != null) {
            Response answer = Response.text(respond);
            builder = HttpService.builder().headHandler(cost.before(request -> answer));
        } else if (reflect) {
            builder = HttpService.reflect();
        } else {
            files = StaticFiles.builder(root).listing(list).followLinks(links).build();
            builder = HttpService.builder().headHandler(cost.before(files));
        }
        CommonLog log = log();
        if (log != null) {
            builder.accessLog(log);
        }
        return new Serving(builder.workers(who).limits(clientLimits).build(), files, log);
    }

    private Path root() {
        if (respond != null && reflect) {
            throw wrong("--respond and --reflect exclude each other");
        }
        if (folder != null && (respond != null || reflect)) {
            throw wrong((reflect ? "--reflect" : "--respond") + " serves no files: leave " + folder + " out");
        }
        Path root = folder == null ? Path.of("") : folder;
        if (!Files.isDirectory(root)) {
            throw wrong(
                    Files.exists(root)
                            ? root + " is a file: name the folder that it is in"
                            : "there is no folder " + root + "; make it, or name another");
        }
        if (!Files.isExecutable(root)) {
            throw wrong("folder " + root + " may not be read by this user");
        }
        return root.toAbsolutePath();
    }

    private @Nullable CommonLog log() {
        if (accessLog == null) {
            return null;
        }
        try {
            return accessLog.equals(STANDARD_OUTPUT) ? CommonLog.to(System.out) : CommonLog.toFile(Path.of(accessLog));
        } catch (IOException e) {
            throw wrong("--access-log " + accessLog + " can't be written (" + e + "); write --access-log=FILE, or put a"
                    + " bare --access-log behind DIR");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
