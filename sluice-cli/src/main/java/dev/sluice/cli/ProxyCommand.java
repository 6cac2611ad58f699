package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.CommonLog;
import dev.sluice.http.HttpMetrics;
import dev.sluice.http.HttpService;
import dev.sluice.observe.MetricSource;
import dev.sluice.proxy.Backend;
import dev.sluice.proxy.Backends;
import dev.sluice.proxy.Proxy;
import dev.sluice.proxy.ProxyOptions;
import dev.sluice.proxy.ProxyService;
import dev.sluice.proxy.TcpOptions;
import dev.sluice.proxy.TcpProxyService;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code sluice proxy}. */
final class ProxyCommand implements Callable<Integer> {
    private final CommandSpec spec = Specs.command("proxy", this);

    private final OptionSpec config = option(
                    "--config",
                    "FILE",
                    "Reads options from a file, each on a line without its dashes, as in 'pick = least'. What stands on the"
                            + " command line goes before it. On SIGHUP it is read again.")
            .build();

    private final OptionSpec check = Specs.flag("--check", "Checks the options and the file, and exits.");

    private final BackendOptions backends;
    private final UpstreamOptions upstream;
    private final AcceptProxyOption acceptProxy;
    private final AccessLogOption accessLog;
    private final ServerOptions server;
    private final LimitOptions limits;
    private final AdmissionOptions admission;
    private @Nullable ConfigFile file;

    ProxyCommand() {
        spec.usageMessage()
                .description(
                        "Passes HTTP/1.1 requests on to back ends, on any I/O model: bodies are streamed both ways with"
                                + " back-pressure, connections are kept on both sides, WebSockets pass through, and what failed"
                                + " is sent again where that is safe.",
                        "")
                .footer(
                        "",
                        "Examples:",
                        "  sluice proxy --to http://127.0.0.1:9001             on http://127.0.0.1:8080",
                        "  sluice proxy --to http://10.0.0.1:80,http://10.0.0.2:80 --host 0.0.0.0 --port 80",
                        "  sluice proxy --to 127.0.0.1:9001,127.0.0.1:9002#weight=3 --pick least --health /health",
                        "  sluice proxy --to 127.0.0.1:9001,127.0.0.1:9002 --tries 2 --hedge-after 50ms",
                        "  sluice proxy --to 127.0.0.1:9001 --model io_uring --loops 2 --access-log=access.log",
                        "  sluice proxy --to 127.0.0.1:9001 --limit auto --priority-path /health=high --admin 9090",
                        "  sluice proxy --tcp --to 10.0.0.1:5432 --port 5432   any protocol over TCP",
                        "  sluice proxy --config proxy.conf --check            says what is wrong in it, and where",
                        "  sluice proxy --config proxy.conf --listen-fd 3      on a socket that systemd keeps open over restarts",
                        "  sluice proxy --to 127.0.0.1:9001 --accept-proxy 10.0.0.0/8    behind HAProxy with send-proxy",
                        "",
                        "SIGHUP reads the file again: the back ends, who is chosen, checks and ejection change for the next"
                                + " request, and none is lost. A file with a fault changes nothing and is told.",
                        "",
                        "A request is answered with 502 where a back end fails, 503 where none is healthy or free, and 504"
                                + " where none answers in time. Ctrl-C or SIGTERM finishes what is in flight, within --drain"
                                + " seconds, and ends with status 0.");
        backends = new BackendOptions(spec);
        spec.addOption(config).addOption(check);
        upstream = new UpstreamOptions(spec);
        acceptProxy = new AcceptProxyOption(spec);
        accessLog = new AccessLogOption(spec);
        server = new ServerOptions(spec);
        limits = new LimitOptions(spec);
        admission = new AdmissionOptions(spec);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    /** Reads a command line, and the file that it may name. */
    static ProxyCommand of(List<String> arguments) {
        ProxyCommand given = new ProxyCommand();
        ParseResult parsed = ConfigFile.parser(given.spec).parseArgs(arguments.toArray(String[]::new));
        String name = given.config.getValue();
        if (name == null) {
            return given;
        }
        ConfigFile file = ConfigFile.read(Path.of(name), () -> new ProxyCommand().spec, given.spec.commandLine());
        List<String> all = new ArrayList<>(file.arguments(parsed::hasMatchedOption));
        all.addAll(arguments);
        ProxyCommand whole = new ProxyCommand();
        var _ = ConfigFile.parser(whole.spec).parseArgs(all.toArray(String[]::new));
        whole.file = file;
        return whole;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        CommandLine line = spec.commandLine();
        String[] arguments = Specs.argumentsOf(spec);
        try {
            ProxyCommand whole = config.getValue() == null ? this : of(List.of(arguments));
            if (check.<Boolean>getValue()) {
                whole.check(line.getOut());
                return ExitCode.OK;
            }
            return whole.server.inThisProcess() ? whole.serve(line, arguments) : whole.serveInWorkers(line, arguments);
        } catch (ParameterException e) {
            throw new ParameterException(line, e.getMessage(), e); // of the command that the user gave
        }
    }

    /** Makes all that the options ask for, so that what makes no sense is found, and tells of the back ends. */
    private void check(PrintWriter to) {
        var _ = options();
        var _ = tcp();
        front(HttpService.builder(), null);
        var _ = backends.health();
        to.println(backends.summary(backends.backends(null)));
    }

    private int serve(CommandLine line, String[] arguments) throws InterruptedException, IOException {
        PrintWriter err = line.getErr();
        try (CommonLog log = accessLog.open();
                CurrentBackends current = new CurrentBackends(backends)) {
            if (file != null) {
                Signals.onHangUp(() -> reload(current, List.of(arguments), err));
            }
            Proxy service = service(current, log);
            err.println(backends.summary(current.get()));
            int status = run(line, Server.builder(acceptProxy.before(service)), service);
            current.get().all().forEach(backend -> err.println(figures(backend)));
            return status;
        }
    }

    private int serveInWorkers(CommandLine line, String[] arguments) throws InterruptedException {
        if (file != null) {
            Signals.onHangUp(() -> line.getErr()
                    .println("SIGHUP: worker processes don't reload; restart, or run the proxy in one process"));
        }
        check(line.getErr());
        return run(line, Server.builder(ProxyProvider.class, arguments));
    }

    private int run(CommandLine line, Server.Builder builder, MetricSource... service) throws InterruptedException {
        ModelNames.Choice choice = server.choice();
        builder.listen(server.address())
                .model(choice.model().name())
                .options(server.options().inputLimit(limits.inputLimitBytes()).build());
        return new ServerRun(line, builder, server, choice, upstream.tcp() == null ? "http" : "tcp")
                .counting(service)
                .untilSignalled();
    }

    private static String figures(Backend backend) {
        return "back end " + backend + ": " + backend.asked() + " requests, " + backend.failed() + " failed";
    }

    /** What a fault leaves as it was. */
    private void reload(CurrentBackends current, List<String> arguments, PrintWriter err) {
        try {
            ProxyCommand next = of(arguments);
            var _ = next.options();
            current.become(next.backends);
            err.println("SIGHUP: reloaded; " + next.backends.summary(current.get()));
            if (file != null && next.file != null) {
                List<String> later =
                        file.differences(next.file, name -> !backends.names().contains(name));
                if (!later.isEmpty()) {
                    err.println("SIGHUP: takes effect with a restart only: " + String.join(", ", later));
                }
            }
        } catch (ParameterException | IllegalArgumentException e) {
            err.println("SIGHUP: the configuration stays as it was: " + e.getMessage());
        }
        err.flush();
    }

    private ProxyOptions options() {
        return upstream.options(limits.limits());
    }

    private @Nullable TcpOptions tcp() {
        TcpOptions tcp = upstream.tcp();
        if (tcp != null && admission.isAsked()) {
            throw new IllegalArgumentException(
                    "--limit and --priority-path are about requests, and --tcp knows none: leave them out");
        }
        return tcp;
    }

    /** The service for a worker process. Its log and its checks end with its process: what is logged is written at once. */
    Service service() {
        return acceptProxy.before(service(new CurrentBackends(backends), accessLog.open()));
    }

    private Proxy service(Supplier<Backends> current, @Nullable CommonLog log) {
        ProxyOptions options = options();
        TcpOptions tcp = tcp();
        return tcp == null
                ? new ProxyService(options, current, http -> front(http, log), new BackendLog())
                : new TcpProxyService(tcp, current, new BackendLog());
    }

    /** What the side of the clients has besides. */
    private void front(HttpService.Builder http, @Nullable CommonLog log) {
        limits.askClients(http);
        admission.apply(http, false);
        if (log != null) {
            http.accessLog(log);
        }
        if (server.admin() != null) {
            http.metrics(new HttpMetrics());
        }
    }
}
