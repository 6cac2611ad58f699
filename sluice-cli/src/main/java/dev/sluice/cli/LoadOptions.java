package dev.sluice.cli;

import dev.sluice.UringOptions;
import dev.sluice.lab.load.Arrivals;
import dev.sluice.lab.load.Body;
import dev.sluice.lab.load.Load;
import dev.sluice.lab.load.Mix;
import dev.sluice.lab.load.RequestKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what load is offered. */
final class LoadOptions {
    private static final int MAX_BODY_BYTES = 1 << 30;

    // ---- how

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "64",
            description = "Connections that ask; 0 only holds those of --idle (default: ${DEFAULT-VALUE}).")
    private int connections = 64;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "DURATION",
            defaultValue = "8s",
            converter = DurationConverter.class,
            description = "How long is measured, as in 8s or 2m (default: ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ofSeconds(8);

    @Option(
            names = "--warmup",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "How long the load is offered before, without being counted (default: ${DEFAULT-VALUE}).")
    private Duration warmup = Duration.ofSeconds(2);

    @Option(
            names = "--pipeline",
            paramLabel = "N",
            defaultValue = "1",
            description = "Requests in flight on a connection (default: ${DEFAULT-VALUE}).")
    private int pipeline = 1;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Requests a second over all connections: an open loop; 0 is a closed one"
                    + " (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--arrivals",
            paramLabel = "HOW",
            defaultValue = "poisson",
            description = "How the requests of --rate are spread: poisson (as many independent users send them) or even"
                    + " (default: ${DEFAULT-VALUE}).")
    private Arrivals arrivals = Arrivals.POISSON;

    @Option(
            names = "--burst",
            paramLabel = "N",
            defaultValue = "1",
            description = "Requests of --rate that arrive at once; the rate stays (default: ${DEFAULT-VALUE}).")
    private int burst = 1;

    @Option(
            names = "--think",
            paramLabel = "DURATION",
            defaultValue = "0",
            converter = DurationConverter.class,
            description = "Pause of a closed loop between an answer and the connection's next request"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration think = Duration.ZERO;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "A request unanswered for so long is counted as a timeout, and its connection dropped"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(10);

    @Option(names = "--churn", description = "A new connection for each request; latency counts from the dialling.")
    private boolean churn;

    // ---- beside it

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Connections that are held open beside the others and send nothing, up to a million. More than"
                            + " 'ulimit -n' allows are held by further processes. Some 25,000 local ports lead to an address: a"
                            + " server on this machine that listens on 0.0.0.0 is reached at as many of 127.0.0.x as are needed"
                            + " (default: ${DEFAULT-VALUE}).")
    private int idle;

    @Option(
            names = "--ask-idle",
            description = "When the others have finished, each idle connection makes one request, 64 at once of each"
                    + " process: tells how many were answered, and in what time.")
    private boolean askIdle;

    @Option(
            names = "--slow",
            paramLabel = "BYTES",
            defaultValue = "0",
            converter = SizeConverter.class,
            description = "Bytes a second that slow connections send and read; all are slow, unless --slow-connections"
                    + " is given (default: full speed).")
    private long slow;

    @Option(
            names = "--slow-connections",
            paramLabel = "N",
            defaultValue = "0",
            description = "So many slow connections beside the others; their answers are not measured"
                    + " (default: ${DEFAULT-VALUE}).")
    private int slowConnections;

    // ---- what

    @Option(
            names = {"-X", "--method"},
            paramLabel = "METHOD",
            defaultValue = "",
            description = "GET, or POST where there is a body, unless another is named.")
    private String method = "";

    @Option(
            names = {"-H", "--header"},
            paramLabel = "FIELD",
            description = "A further header field, as in 'Accept: text/html'; may be repeated.")
    private List<String> headers = List.of();

    @Option(names = "--body", paramLabel = "TEXT", description = "The body of each request.")
    private @Nullable String bodyText;

    @Option(names = "--body-file", paramLabel = "FILE", description = "A file whose content is the body.")
    private @Nullable Path bodyFile;

    @Option(
            names = "--body-size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "A body of so many bytes of text; an echo sends 64 unless told.")
    private @Nullable Long bodySize;

    @Option(
            names = "--mix",
            paramLabel = "FILE",
            description = "Kinds of requests by weight, instead of the URL's path.")
    private @Nullable Path mix;

    // ---- with what

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "epoll",
            completionCandidates = ModelNames.class,
            description =
                    "The I/O model of the generator itself: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private String model = "epoll";

    @Option(
            names = "--uring",
            paramLabel = "NAME=VALUE,…",
            converter = UringConverter.class,
            description = "The generator's own io_uring: its switches, as of 'sluice serve'.")
    private UringOptions uring = UringOptions.standard();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "1",
            description = "The generator's event loops (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    /**
     * The load that is asked for.
     *
     * @throws IllegalArgumentException where the options make no sense
     */
    Load load(String url) {
        Load.Builder builder = Load.of(url)
                .model(ModelNames.choose(model, IllegalArgumentException::new)
                        .model()
                        .name())
                .uring(uring)
                .threads(threads)
                .connections(connections)
                .pipeline(pipeline)
                .duration(duration)
                .warmup(warmup)
                .timeout(timeout)
                .rate(rate)
                .arrivals(arrivals)
                .burst(burst)
                .think(think)
                .churn(churn)
                .idle(idle)
                .asksIdle(askIdle)
                .slow((int) Math.min(slow, Integer.MAX_VALUE))
                .slowConnections(slowConnections)
                .headers(headers)
                .method(method)
                .body(body());
        if (mix != null) {
            if (!method.isEmpty() || bodyText != null || bodyFile != null || bodySize != null) {
                throw new IllegalArgumentException(
                        "--mix names methods and bodies itself: leave --method and --body out");
            }
            builder.mix(mixOf(mix));
        }
        return builder.build();
    }

    private Body body() {
        if ((bodyText == null ? 0 : 1) + (bodyFile == null ? 0 : 1) + (bodySize == null ? 0 : 1) > 1) {
            throw new IllegalArgumentException("take one of --body, --body-file and --body-size");
        }
        if (bodySize != null && bodySize > MAX_BODY_BYTES) {
            throw new IllegalArgumentException("--body-size is " + bodySize + ", must be at most 1g");
        }
        try {
            return bodyFile != null
                    ? Body.ofFile(bodyFile)
                    : bodySize != null
                            ? Body.ofSize(bodySize.intValue())
                            : bodyText != null ? Body.of(bodyText) : Body.NONE;
        } catch (IOException e) {
            throw new IllegalArgumentException("--body-file can't be read: " + Failures.reason(e), e);
        }
    }

    private static List<RequestKind> mixOf(Path file) {
        try {
            return Mix.read(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("--mix can't be read: " + Failures.reason(e), e);
        }
    }
}
