package dev.sluice.cli;

import dev.sluice.Server;
import dev.sluice.lab.compare.SluiceCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The top command: names the others, and is the process's entry point. */
public final class Main implements Runnable {
    /** All commands, in the order of the help; {@link #commandLine} gives them to picocli. */
    private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("serve", () -> new ServeCommand().spec());
        COMMANDS.put("proxy", () -> new ProxyCommand().spec());
        COMMANDS.put("kv", () -> new KvCommand().spec());
        COMMANDS.put("echo", () -> new EchoCommand().spec());
        COMMANDS.put("load", LoadCommand::new);
        COMMANDS.put("models", ModelsCommand::new);
        COMMANDS.put("compare", CompareCommand::new);
        COMMANDS.put("advise", AdviseCommand::new);
        COMMANDS.put("disk", DiskCommand::new);
        COMMANDS.put("sim", SimCommand::new);
        COMMANDS.put("generate", GenerateCommand::new);
        COMMANDS.put("report", ReportCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
    }

    private static final Set<String> SERVERS = Set.of("serve", "proxy", "kv", "echo");

    private final CommandSpec spec = Specs.command("sluice", this);

    private Main() {
        spec.usageMessage()
                .synopsisSubcommandLabel("COMMAND")
                .description(
                        "Network and disk I/O in which the I/O model is a setting.",
                        "",
                        "A server runs on the model that you name: blocking threads, virtual threads, an event loop over select, poll or"
                                + " epoll, io_uring, and others. Nothing else changes.",
                        "")
                .footer(
                        "",
                        "Examples:",
                        "  sluice models                             what this machine can run",
                        "  sluice serve site                         the folder 'site' on http://127.0.0.1:8080",
                        "  sluice serve site --model threads         the same on blocking threads",
                        "  sluice serve site --loops 2 --port 0      on two event loops, on a free port",
                        "  sluice serve --respond hello              one fixed answer, for measuring",
                        "  sluice proxy --to http://127.0.0.1:9001   passes requests on to another server",
                        "  sluice kv                                 a key-value store: then redis-cli",
                        "  sluice echo --model epoll --port 7000     then: nc 127.0.0.1 7000",
                        "  sluice load http://127.0.0.1:8080/        what that server can do, in figures",
                        "  sluice compare                            every model on the same workload",
                        "  sluice advise --connections 1000 --rate 500   which of them fits a service",
                        "  sluice disk /var/lib/data                 what a disk can do, on each disk engine",
                        "  sluice sim http --for 10m                 HTTP in simulated worlds, with faults of all kinds",
                        "  sluice report results.json                draws a comparison's report again",
                        "",
                        "'sluice COMMAND --help' tells a command's options.",
                        "Exit status: 0 done, 1 failed, 2 the command line was wrong.");
    }

    @Override
    public void run() {
        List<String> names = spec.subcommands().entrySet().stream()
                .filter(command ->
                        !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
        throw new ParameterException(spec.commandLine(), "a command is missing: " + String.join(", ", names));
    }

    /** Starts another process of this program; a sub-command is to be added. */
    static List<String> command() {
        return SluiceCommand.of(Main.class);
    }

    /** The command line with all its commands. */
    static CommandLine commandLine() {
        return commandLine("");
    }

    /**
     * The command line for one run. Where a command is named, only that one is made: reading all of them takes longer than
     * the rest of a server's start.
     *
     * @param name the first argument
     */
    static CommandLine commandLine(String name) {
        CommandLine line = new CommandLine(new Main().spec, Specs.FACTORY);
        Supplier<Object> named = COMMANDS.get(name);
        if (named != null) {
            line.addSubcommand(name, named.get());
        } else {
            COMMANDS.forEach((each, command) -> line.addSubcommand(each, command.get()));
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Failures::wrongParameter);
        line.setExecutionExceptionHandler(Failures::failedCommand);
        return line;
    }

    /** Beside the reading of the command line. {@link Training} calls it too, or each start would generate code for this lambda. */
    static void prepareServer() {
        Thread.ofPlatform().daemon().start(Server::prepare);
    }

    /**
     * Runs one command and ends the process with its exit status.
     *
     * @param arguments the command's name and its options
     */
    public static void main(String[] arguments) {
        String name = arguments.length == 0 ? "" : arguments[0];
        if (SERVERS.contains(name) && Runtime.getRuntime().availableProcessors() > 1) {
            prepareServer();
        }
        CommandLine line = commandLine(name);
        int status = line.execute(arguments);
        if (System.out.checkError() && status == CommandLine.ExitCode.OK) {
            System.err.println("sluice: standard output could not be written: is the disk full?");
            status = CommandLine.ExitCode.SOFTWARE;
        }
        System.exit(status);
    }

    /** Tells the version that the jar was built as, and the JVM that runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String built = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "sluice " + (built == null ? "(unpackaged)" : built),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version") + ", " + System.getProperty("os.arch")
            };
        }
    }
}
