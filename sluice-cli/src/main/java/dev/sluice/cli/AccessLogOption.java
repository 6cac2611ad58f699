package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.http.CommonLog;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The option {@code --access-log} of what answers HTTP. */
final class AccessLogOption {
    /** Stands for standard output, as for many programs. */
    private static final String STANDARD_OUTPUT = "-";

    private final CommandSpec command;

    private final OptionSpec file = option(
                    "--access-log",
                    "FILE",
                    "Logs each request in the common log format, to standard output where no file is named.")
            .arity("0..1")
            .fallbackValue(STANDARD_OUTPUT)
            .build();

    /** Gives a command this option. */
    AccessLogOption(CommandSpec command) {
        this.command = command;
        command.addOption(file);
    }

    /** Opens the log, where one is asked for; the caller closes it. */
    @Nullable
    CommonLog open() {
        String name = file.getValue();
        if (name == null) {
            return null;
        }
        try {
            return name.equals(STANDARD_OUTPUT) ? CommonLog.to(System.out) : CommonLog.toFile(Path.of(name));
        } catch (IOException e) {
            throw new ParameterException(
                    command.commandLine(),
                    "--access-log " + name + " can't be written (" + e + "); write --access-log=FILE, or put a"
                            + " bare --access-log last");
        }
    }
}
