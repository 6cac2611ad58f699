package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.CommonLog;
import dev.sluice.proxy.Backend;
import dev.sluice.proxy.Backends;
import dev.sluice.proxy.ProxyService;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code sluice proxy}. */
final class ProxyCommand implements Callable<Integer> {
    private final CommandSpec spec = Specs.command("proxy", this);

    private final OptionSpec to = option(
                    "--to", "URL[,URL…]", "The back ends, as in http://127.0.0.1:9001. Requests go to them in turn.")
            .type(List.class)
            .auxiliaryTypes(Backend.class)
            .converters(new BackendConverter())
            .splitRegex(",")
            .required(true)
            .build();

    private final UpstreamOptions upstream;
    private final AccessLogOption accessLog;
    private final ServerOptions server;
    private final LimitOptions limits;

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
                        "  sluice proxy --to 127.0.0.1:9001,127.0.0.1:9002 --tries 2 --hedge-after 50ms",
                        "  sluice proxy --to 127.0.0.1:9001 --model io_uring --loops 2 --access-log=access.log",
                        "",
                        "A request is answered with 502 where a back end fails, 503 where none is free, and 504 where none"
                                + " answers in time. Ctrl-C or SIGTERM finishes what is in flight, within --drain seconds, and"
                                + " ends with status 0.");
        spec.addOption(to);
        upstream = new UpstreamOptions(spec);
        accessLog = new AccessLogOption(spec);
        server = new ServerOptions(spec);
        limits = new LimitOptions(spec);
    }

    /** For picocli. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        ModelNames.Choice choice = server.choice();
        boolean here = server.inThisProcess();
        try (CommonLog log = here ? accessLog.open() : null) {
            Server.Builder builder =
                    here ? Server.builder(service(log)) : Server.builder(ProxyProvider.class, Specs.argumentsOf(spec));
            builder.listen(server.address())
                    .model(choice.model().name())
                    .options(server.options()
                            .inputLimit(limits.inputLimitBytes())
                            .build());
            return ServerRun.untilSignalled(spec.commandLine(), builder, server, choice, "http");
        }
    }

    /** The service for a worker process. Its log ends with its process: what is logged is written at once. */
    Service service() {
        return service(accessLog.open());
    }

    private Service service(@Nullable CommonLog log) {
        Backends backends = new Backends(to.getValue());
        return new ProxyService(upstream.options(limits.limits()), () -> backends, log, new BackendLog());
    }
}
