package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.flag;
import static dev.sluice.cli.Specs.option;

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
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The options of every command that starts a server. */
final class ServerOptions {
    private final CommandSpec command;
    private ModelNames.@Nullable Choice chosen;

    private final OptionSpec host = option(
                    "--host",
                    "HOST",
                    "The address to listen on, as in 0.0.0.0 or ::1 (default: ${DEFAULT-VALUE}, this machine only).")
            .defaultValue("127.0.0.1")
            .build();

    private final OptionSpec port;

    private final OptionSpec model = option(
                    "--model",
                    "MODEL",
                    "The I/O model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which says what it chose and why)."
                            + " 'virtual/ENGINE' names what virtual threads wait with.")
            .defaultValue("auto")
            .completionCandidates(new ModelNames())
            .build();

    private final OptionSpec loops = option(
                    "--loops",
                    "N",
                    "Event loops, each with its own share of the connections (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("1")
            .build();

    private final OptionSpec pin = flag("--pin", "Each loop runs on a core of its own (Linux).");

    private final OptionSpec accept = option(
                    "--accept",
                    "HOW",
                    "How newcomers are spread over several loops: reuseport (each loop listens; the kernel hashes),"
                            + " exclusive (all wait on one socket; an idle loop takes more), handoff (one accepts and deals out in"
                            + " turn) (default: ${DEFAULT-VALUE}).")
            .type(AcceptMode.class)
            .defaultValue("reuseport")
            .build();

    /** Of an option that is on or off. */
    enum Switch {
        ON,
        OFF
    }

    private final OptionSpec balance = option(
                    "--balance",
                    "on|off",
                    "Whether busy connections move from a loop that is full to one that is less busy (default: on with"
                            + " several loops, where the model's connections can move: not with virtual, nio and aio).")
            .type(Switch.class)
            .build();

    private final OptionSpec drain = option(
                    "--drain",
                    "SECONDS",
                    "How long SIGTERM and Ctrl-C wait for what is in flight (default: ${DEFAULT-VALUE}).")
            .type(Duration.class)
            .converters(new DurationConverter())
            .defaultValue("5")
            .build();

    private final OptionSpec shed = flag(
            "--shed",
            "When the process is out of descriptors, close newcomers at once instead of letting them wait"
                    + " (not with prefork, nio and aio).");

    private final OptionSpec processes = option(
                    "--processes",
                    "N|MIN:MAX",
                    "N processes that share the port, each with its own descriptors, loops and connections; one that"
                            + " dies is replaced (default: 1). With prefork MIN:MAX, how many workers are kept (default: 4:16).")
            .type(ProcessRange.class)
            .converters(new ProcessRange.Converter())
            .build();

    private final OptionSpec expect = option(
                    "--expect",
                    "N",
                    "Connections to be held: before it starts it tells which limits of this machine are too low for"
                            + " them, and how to lift them (default: looks at none).")
            .type(long.class)
            .defaultValue("0")
            .build();

    private final OptionSpec pollSleep = duration(
            "--poll-sleep",
            "1ms",
            "sleep-poll: the pause between rounds, as in 200us or 1ms (default: ${DEFAULT-VALUE}).");

    private final OptionSpec uring = option(
                    "--uring",
                    "NAME=VALUE,…",
                    "io_uring: its switches, each measured in docs/models/io_uring.md: ${COMPLETION-CANDIDATES}.")
            .type(UringOptions.class)
            .converters(new UringConverter())
            .completionCandidates(new UringConverter.Names())
            .build();

    private final OptionSpec writeTimeout = duration(
            "--write-timeout",
            "60s",
            "Closes a connection that takes none of its output for so long; 0: never (default: ${DEFAULT-VALUE}).");

    private final OptionSpec watchdog = option(
                    "--watchdog",
                    "DURATION|off",
                    "Names in the log whoever holds a loop for longer, with its stack (default: ${DEFAULT-VALUE}).")
            .type(Duration.class)
            .converters(new WatchdogConverter())
            .defaultValue("100ms")
            .build();

    private final OptionSpec admin = option(
                    "--admin",
                    "[HOST:]PORT|unix:PATH",
                    "Metrics for Prometheus, health and dumps on a listener of its own, for this machine only where no HOST"
                            + " says otherwise: see docs/operations.md (default: none).")
            .type(SocketAddress.class)
            .converters(new AdminConverter())
            .build();

    /** For programs: sluice compare reads a server's counters through it. */
    private final OptionSpec control = OptionSpec.builder("--control")
            .type(boolean.class)
            .defaultValue("false")
            .hidden(true)
            .description("Answers each line of standard input with the counters as JSON, and ends with that stream.")
            .build();

    /** Gives a command these options. */
    ServerOptions(CommandSpec command) {
        this(command, 8080);
    }

    /** The same, with another port where none is named. */
    ServerOptions(CommandSpec command, int usualPort) {
        this.command = command;
        port = option("--port", "PORT", "The TCP port; 0 picks a free one (default: ${DEFAULT-VALUE}).")
                .type(int.class)
                .defaultValue(Integer.toString(usualPort))
                .build();
        List.of(
                        host,
                        port,
                        model,
                        loops,
                        pin,
                        accept,
                        balance,
                        drain,
                        shed,
                        processes,
                        expect,
                        pollSleep,
                        uring,
                        writeTimeout,
                        watchdog,
                        admin,
                        control)
                .forEach(command::addOption);
    }

    /** Whether switches were asked for, of which this kernel may lack some. */
    boolean tellsFeatures() {
        return !uring().isStandard();
    }

    private UringOptions uring() {
        UringOptions asked = uring.getValue();
        return asked == null ? UringOptions.standard() : asked;
    }

    boolean control() {
        return control.getValue();
    }

    /** Where the admin listener is to be, or null. */
    @Nullable
    SocketAddress admin() {
        return admin.getValue();
    }

    Duration drain() {
        return drain.getValue();
    }

    /** The address; a name is looked up. */
    InetSocketAddress address() {
        int number = port.getValue();
        String name = host.getValue();
        if (number < 0 || number > 65_535) {
            throw wrong("--port is " + number + ", must be 0 to 65535");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(name), number);
        } catch (UnknownHostException e) {
            throw wrong("--host '" + name + "' is no address of this machine that can be found; take 127.0.0.1 for this"
                    + " machine only, or 0.0.0.0 for all of its addresses");
        }
    }

    /** Host and port for a URL; an IPv6 address stands in brackets. */
    String authority(int boundPort) {
        String name = host.getValue();
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + boundPort;
    }

    /** The model, known by name; may not be available. Chosen once: "auto" tries what this machine can run. */
    ModelNames.Choice choice() {
        if (chosen == null) {
            chosen = ModelNames.choose(model.getValue(), this::wrong);
        }
        return chosen;
    }

    /** The runtime's options. Each is checked here first, so that the message names it as the user wrote it. */
    Options.Builder options() {
        int loopCount = loops.getValue();
        Duration pause = pollSleep.getValue();
        if (loopCount < 1) {
            throw wrong("--loops is " + loopCount + ", must be at least 1");
        }
        if (balance.getValue() == Switch.ON) {
            requireBalance(loopCount);
        }
        if (pause.isZero()) {
            throw wrong("--poll-sleep is 0, must be longer; for no pause at all take --model busy-poll");
        }
        Options.Builder builder = Options.builder()
                .loops(loopCount)
                .pin(pin.getValue())
                .accept(accept.getValue())
                .balance(balance.getValue() != Switch.OFF)
                .shed(shed.getValue())
                .pollSleep(pause)
                .uring(uring())
                .writeTimeout(writeTimeout.getValue())
                .watchdog(watchdog.getValue());
        if (choice().model().can(Ability.ONE_PROCESS)) {
            builder.processes(processes());
        } else if (range() != null) {
            builder.processes(range().least(), range().most());
        }
        return builder;
    }

    private void requireBalance(int loopCount) {
        if (!choice().model().can(Ability.MOVE)) {
            throw wrong("connections of model " + choice().model().name()
                    + " can't move between loops (--balance on): leave --balance out, or take epoll");
        }
        if (loopCount == 1) {
            throw wrong("one loop has nothing to balance (--balance on): take --loops 2, or leave --balance out");
        }
    }

    /** Whether the service lives in this process, rather than in workers of it. */
    boolean inThisProcess() {
        return choice().model().can(Ability.ONE_PROCESS) && processes() == 1;
    }

    /** How many processes share the port; of a model that is not prefork. */
    int processes() {
        ProcessRange range = range();
        if (range != null && range.least() != range.most()) {
            throw wrong("--processes " + range.least() + ":" + range.most() + " is a range, which is prefork's:"
                    + " model " + choice().model().name() + " takes one number, as in --processes "
                    + range.most());
        }
        return range == null ? 1 : range.most();
    }

    private @Nullable ProcessRange range() {
        return processes.getValue();
    }

    /**
     * Looks at this machine's limits, where connections are expected.
     *
     * @throws Failures.StartException where one would certainly stop them
     */
    void preflight(Model model, PrintWriter err) {
        long count = expect.getValue();
        if (count < 0) {
            throw wrong("--expect is " + count + ", must be a number of connections");
        }
        if (count > 0) {
            boolean one = model.can(Ability.ONE_PROCESS);
            Plan.Each each = !one ? Plan.Each.PROCESS : model.can(Ability.LOOPS) ? Plan.Each.NOTHING : Plan.Each.THREAD;
            Plan plan = new Plan(count, Plan.Side.SERVER, false, one ? processes() : 1, each);
            PreflightText.require(Preflight.check(plan), "--expect " + count + " is more than can be held", err);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
