package dev.sluice.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Commands and options that are told to picocli by code. Annotations say the same in fewer words, but picocli reads them
 * by reflection, which makes a server's start half as long again: so those of the servers are made here.
 */
final class Specs {
    private static final int LAST = Integer.MAX_VALUE;

    /** What picocli makes objects by, where it is not given them. */
    static final IFactory FACTORY = new LateFactory();

    private Specs() {}

    /**
     * Picocli's own, once it is needed: its class looks for Groovy's closures, and so in every jar of the class path, which took 33 ms of a
     * start on a slow machine.
     */
    private static final class LateFactory implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return CommandLine.defaultFactory().create(type);
        }
    }

    /**
     * A command with {@code --help} and {@code --version}, behind its own options.
     *
     * @param command run or called
     */
    static CommandSpec command(String name, Object command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command, FACTORY).name(name);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .order(LAST)
                .description("Show this help message and exit.")
                .build());
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .order(LAST)
                .description("Print version information and exit.")
                .build());
        spec.usageMessage().sortOptions(false);
        return spec.versionProvider(new Main.Version());
    }

    /** What stands behind a command's name, for a worker process to read again. */
    static String[] argumentsOf(CommandSpec command) {
        List<String> all = command.root().commandLine().getParseResult().originalArgs();
        return all.subList(all.indexOf(command.name()) + 1, all.size()).toArray(String[]::new);
    }

    /** An option with a value, a string where {@code type} says nothing else. */
    static OptionSpec.Builder option(String name, String label, String description) {
        return OptionSpec.builder(name).type(String.class).paramLabel(label).description(description);
    }

    /** An option whose value is a {@link Duration}. */
    static OptionSpec duration(String name, String fallback, String description) {
        return option(name, "DURATION", description)
                .type(Duration.class)
                .converters(new DurationConverter())
                .defaultValue(fallback)
                .build();
    }

    /** An option whose value is a number of bytes, a long. */
    static OptionSpec size(String name, String fallback, String description) {
        return option(name, "SIZE", description)
                .type(long.class)
                .converters(new SizeConverter())
                .defaultValue(fallback)
                .build();
    }

    /** An option without a value. */
    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .defaultValue("false")
                .description(description)
                .build();
    }
}
