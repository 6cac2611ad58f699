package dev.sluice.cli;

import dev.sluice.AcceptMode;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Options;
import dev.sluice.UringOptions;
import dev.sluice.lab.preflight.Plan;
import dev.sluice.lab.preflight.Preflight;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of every command that starts a server. */
final class ServerOptions {
    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen on, as in 0.0.0.0 or ::1 (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The TCP port; 0 picks a free one (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "auto",
            completionCandidates = ModelNames.class,
            description = "The I/O model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which says what it chose"
                    + " and why). 'virtual/ENGINE' names what virtual threads wait with.")
    private String model = "auto";

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops, each with its own share of the connections (default: ${DEFAULT-VALUE}).")
    private int loops = 1;

    @Option(names = "--pin", description = "Each loop runs on a core of its own (Linux).")
    private boolean pin;

    @Option(
            names = "--accept",
            paramLabel = "HOW",
            defaultValue = "reuseport",
            description =
                    "How newcomers are spread over several loops: reuseport (each loop listens; the kernel hashes),"
                            + " exclusive (all wait on one socket; an idle loop takes more), handoff (one accepts and deals out in"
                            + " turn) (default: ${DEFAULT-VALUE}).")
    private AcceptMode accept = AcceptMode.REUSEPORT;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "5",
            converter = DurationConverter.class,
            description = "How long SIGTERM and Ctrl-C wait for what is in flight (default: ${DEFAULT-VALUE}).")
    private Duration drain = Duration.ofSeconds(5);

    @Option(
            names = "--shed",
            description = "When the process is out of descriptors, close newcomers at once instead of letting them wait"
                    + " (not with prefork, nio and aio).")
    private boolean shed;

    @Option(
            names = "--processes",
            paramLabel = "N|MIN:MAX",
            converter = ProcessRange.Converter.class,
            description =
                    "N processes that share the port, each with its own descriptors, loops and connections; one that"
                            + " dies is replaced (default: 1). With prefork MIN:MAX, how many workers are kept (default: 4:16).")
    private @Nullable ProcessRange processes;

    @Option(
            names = "--expect",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Connections to be held: before it starts it tells which limits of this machine are too low for"
                            + " them, and how to lift them (default: looks at none).")
    private long expect;

    @Option(
            names = "--poll-sleep",
            paramLabel = "DURATION",
            defaultValue = "1ms",
            converter = DurationConverter.class,
            description = "sleep-poll: the pause between rounds, as in 200us or 1ms (default: ${DEFAULT-VALUE}).")
    private Duration pollSleep = Duration.ofMillis(1);

    @Option(
            names = "--uring",
            paramLabel = "NAME=VALUE,…",
            converter = UringConverter.class,
            completionCandidates = UringConverter.Names.class,
            description = "io_uring: its switches, each measured in docs/models/io_uring.md: ${COMPLETION-CANDIDATES}.")
    private @Nullable UringOptions uring; // not its standard: picocli would ask for its text, which takes 20 ms

    @Option(
            names = "--write-timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "Closes a connection that takes none of its output for so long; 0: never"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration writeTimeout = Duration.ofSeconds(60);

    @Option(
            names = "--control",
            hidden = true, // for programs: sluice compare reads a server's counters through it
            description = "Answers each line of standard input with the counters as JSON, and ends with that stream.")
    private boolean control;

    /** Whether switches were asked for, of which this kernel may lack some. */
    boolean tellsFeatures() {
        return uring != null && !uring.isStandard();
    }

    boolean control() {
        return control;
    }

    Duration drain() {
        return drain;
    }

    /** The address; a name is looked up. */
    InetSocketAddress address() {
        if (port < 0 || port > 65_535) {
            throw wrong("--port is " + port + ", must be 0 to 65535");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw wrong("--host '" + host + "' is no address of this machine that can be found; take 127.0.0.1 for this"
                    + " machine only, or 0.0.0.0 for all of its addresses");
        }
    }

    /** Host and port for a URL; an IPv6 address stands in brackets. */
    String authority(int boundPort) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + boundPort;
    }

    /** The model, known by name; may not be available. */
    ModelNames.Choice choice() {
        return ModelNames.choose(model, this::wrong);
    }

    /** The runtime's options. Each is checked here first, so that the message names it as the user wrote it. */
    Options.Builder options() {
        if (loops < 1) {
            throw wrong("--loops is " + loops + ", must be at least 1");
        }
        if (pollSleep.isZero()) {
            throw wrong("--poll-sleep is 0, must be longer; for no pause at all take --model busy-poll");
        }
        Options.Builder builder = Options.builder()
                .loops(loops)
                .pin(pin)
                .accept(accept)
                .shed(shed)
                .pollSleep(pollSleep)
                .uring(uring == null ? UringOptions.standard() : uring)
                .writeTimeout(writeTimeout);
        if (choice().model().can(Ability.ONE_PROCESS)) {
            builder.processes(processes());
        } else if (processes != null) {
            builder.processes(processes.least(), processes.most());
        }
        return builder;
    }

    /** How many processes share the port; of a model that is not prefork. */
    int processes() {
        if (processes != null && processes.least() != processes.most()) {
            throw wrong("--processes " + processes.least() + ":" + processes.most() + " is a range, which is prefork's:"
                    + " model " + choice().model().name() + " takes one number, as in --processes "
                    + processes.most());
        }
        return processes == null ? 1 : processes.most();
    }

    /**
     * Looks at this machine's limits, where connections are expected.
     *
     * @throws Failures.StartException where one would certainly stop them
     */
    void preflight(Model model, PrintWriter err) {
        if (expect < 0) {
            throw wrong("--expect is " + expect + ", must be a number of connections");
        }
        if (expect > 0) {
            boolean one = model.can(Ability.ONE_PROCESS);
            Plan.Each each = !one ? Plan.Each.PROCESS : model.can(Ability.LOOPS) ? Plan.Each.NOTHING : Plan.Each.THREAD;
            Plan plan = new Plan(expect, Plan.Side.SERVER, false, one ? processes() : 1, each);
            PreflightText.require(Preflight.check(plan), "--expect " + expect + " is more than can be held", err);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
