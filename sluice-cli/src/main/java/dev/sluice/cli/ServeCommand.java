package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.flag;
import static dev.sluice.cli.Specs.option;

import dev.sluice.Model.Ability;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.CommonLog;
import dev.sluice.http.FileIo;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpMetrics;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import dev.sluice.http.StaticFiles;
import dev.sluice.http.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** {@code sluice serve}. */
final class ServeCommand implements Callable<Integer> {
    private final CommandSpec spec = Specs.command("serve", this);

    private final PositionalParamSpec folder = PositionalParamSpec.builder()
            .arity("0..1")
            .paramLabel("DIR")
            .type(Path.class)
            .description("The folder (default: the current one).")
            .build();

    private final OptionSpec list = flag("--list", "Lists folders that have no index.html.");

    private final OptionSpec links = flag("--links", "Follows symbolic links, as far as they stay inside the folder.");

    private final OptionSpec respond = option("--respond", "TEXT", "Answers every request with this text instead.")
            .build();

    private final OptionSpec reflect = flag(
            "--reflect", "Answers GET with OK, and a request that has a body with that body, instead; for testing.");

    private final OptionSpec cpuPerRequest = duration(
            "--cpu-per-request",
            "0",
            "Computes for so long before each answer, as in 1ms; for measuring (default: not at all).");

    private final OptionSpec blockPerRequest = duration(
            "--block-per-request",
            "0",
            "Waits for so long before each answer, as for a database; for measuring (default: not at all).");

    private final OptionSpec slowOneIn = option(
                    "--slow-one-in",
                    "N",
                    "Only one request in N, at random, computes or waits so (default: ${DEFAULT-VALUE}, each).")
            .type(int.class)
            .defaultValue("1")
            .build();

    private final OptionSpec workers = option(
                    "--workers",
                    "none|auto|N|virtual",
                    "Who runs the handlers: the loop itself (none), the loop until requests of a path keep blocking it, and then"
                            + " a virtual thread for each of these, which leaves the loop where it waits (auto), a pool of N threads, or a virtual thread for each"
                            + " request (default: ${DEFAULT-VALUE}).")
            .defaultValue("none")
            .build();

    private final AcceptProxyOption acceptProxy;
    private final AccessLogOption accessLog;
    private final FileOptions fileOptions;
    private final ServerOptions server;
    private final LimitOptions limits;
    private final AdmissionOptions admission;

    ServeCommand() {
        spec.usageMessage()
                .description(
                        "Serves the files of a folder over HTTP/1.1, on any I/O model: index pages, ranges, conditional"
                                + " requests, and FILE.br or FILE.gz in the place of FILE to who takes them. Dot-files and"
                                + " what is outside the folder are refused.",
                        "")
                .footer(
                        "",
                        "Examples:",
                        "  sluice serve site                           http://127.0.0.1:8080",
                        "  sluice serve site --host 0.0.0.0 --port 80  for other machines",
                        "  sluice serve site --model threads           one blocking thread a connection",
                        "  sluice serve site --loops 2 --accept exclusive",
                        "  sluice serve site --list --access-log=access.log",
                        "  sluice serve films --file-io direct         large files, each read once: past the page cache",
                        "  sluice serve site --processes 4             four processes share the port and the connections",
                        "  sluice serve --respond hello                one fixed answer, for measuring",
                        "  sluice serve --respond hi --block-per-request 10ms --workers 32",
                        "  sluice serve --respond hi --cpu-per-request 1ms --limit auto --priority-path /health=high",
                        "  sluice serve site --workers auto --admin 9090   then: curl 127.0.0.1:9090",
                        "",
                        "Ctrl-C or SIGTERM finishes what is in flight, within --drain seconds, and ends with status 0.");
        spec.addPositional(folder);
        List.of(list, links, respond, reflect, cpuPerRequest, blockPerRequest, slowOneIn, workers)
                .forEach(spec::addOption);
        acceptProxy = new AcceptProxyOption(spec);
        accessLog = new AccessLogOption(spec);
        fileOptions = new FileOptions(spec);
        server = new ServerOptions(spec);
        limits = new LimitOptions(spec);
        admission = new AdmissionOptions(spec);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        ModelNames.Choice choice = server.choice();
        String who = workers.getValue();
        if (!who.equals("none") && !choice.model().can(Ability.WORKERS)) {
            throw wrong("model " + choice.model().name() + " has no workers (--workers " + who
                    + "): its handlers may block where they are; leave --workers out");
        }
        // Workers, log and folder live as long as the server, here; a worker process makes its own.
        try (Serving serving = open()) {
            boolean here = server.inThisProcess();
            Server.Builder builder = here
                    ? Server.builder(front(serving))
                    : Server.builder(ServeProvider.class, Specs.argumentsOf(spec));
            Options.Builder options = server.options().inputLimit(limits.inputLimitBytes());
            ServerRun run = new ServerRun(spec.commandLine(), builder, server, choice, "http");
            if (serving.files() != null) {
                FileIo io = fileOptions.fileIo(choice.model());
                io.engine().ifPresent(options::disk);
                run.saying("files by " + io.label());
            }
            builder.listen(server.address()).model(choice.model().name()).options(options.build());
            if (here) {
                run.counting(serving.service());
            }
            return run.untilSignalled();
        }
    }

    /** Makes what the options ask for; the caller closes it. */
    Serving open() throws IOException {
        HttpLimits clientLimits = limits.limits();
        Path root = root();
        Workers who = Workers.parse(workers.getValue());
        int oneIn = slowOneIn.getValue();
        boolean reflects = reflect.getValue();
        if (reflects && !who.inline()) {
            throw wrong("--reflect answers as the body arrives, on the loop: leave --workers out");
        }
        if (oneIn < 1) {
            throw wrong("--slow-one-in is " + oneIn + ", must be at least 1");
        }
        HandlerCost cost = new HandlerCost(cpuPerRequest.getValue(), blockPerRequest.getValue(), oneIn);
        if (reflects && !(cost.cpu().isZero() && cost.block().isZero())) {
            throw wrong("--reflect answers as the body arrives: leave --cpu-per-request and --block-per-request out");
        }
        StaticFiles files = null;
        HttpService.Builder builder;
        String text = respond.getValue();
        if (text != null) {
            Response answer = Response.text(text);
            builder = HttpService.builder().headHandler(cost.before(request -> answer));
        } else if (reflects) {
            builder = HttpService.reflect();
        } else {
            StaticFiles.Builder found =
                    StaticFiles.builder(root).listing(list.getValue()).followLinks(links.getValue());
            fileOptions.apply(found, server.choice().model());
            files = found.build();
            builder = HttpService.builder().headHandler(cost.before(files));
        }
        CommonLog log = accessLog.open();
        if (log != null) {
            builder.accessLog(log);
        }
        limits.askClients(builder);
        admission.apply(builder, !who.inline());
        if (server.admin() != null) {
            builder.metrics(new HttpMetrics());
        }
        return new Serving(builder.workers(who).limits(clientLimits).build(), files, log);
    }

    /** What connections are opened by. */
    Service front(Serving serving) {
        return acceptProxy.before(serving.service());
    }

    private Path root() {
        boolean responds = respond.getValue() != null;
        boolean reflects = reflect.getValue();
        Path named = folder.getValue();
        if (responds && reflects) {
            throw wrong("--respond and --reflect exclude each other");
        }
        if (fileOptions.areAsked() && (responds || reflects)) {
            throw wrong(
                    (reflects ? "--reflect" : "--respond") + " serves no files: leave --file-io and --file-cache out");
        }
        if (named != null && (responds || reflects)) {
            throw wrong((reflects ? "--reflect" : "--respond") + " serves no files: leave " + named + " out");
        }
        Path root = named == null ? Path.of("") : named;
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

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
