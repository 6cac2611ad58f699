package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.Model;
import dev.sluice.http.FileIo;
import dev.sluice.http.StaticFiles;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** How {@code sluice serve} reads the files that it serves. */
final class FileOptions {
    private final CommandSpec command;

    private final OptionSpec fileIo = option(
                    "--file-io",
                    "sendfile|blocking|pool|io_uring|direct",
                    "How files are read: as they are sent, and so waiting for the disk (sendfile); on the loop (blocking); what is"
                            + " not in the page cache by a pool of threads (pool) or a ring (io_uring) before it is sent; or past"
                            + " the page cache (direct). Default: io_uring where this machine has it, else pool; sendfile on threads"
                            + " and prefork, where no other connection waits.")
            .build();

    private final OptionSpec fileCache = option(
                    "--file-cache",
                    "FILES",
                    "How many files that were asked for lately are kept open, and their bytes up to 16 KiB each; 0 for none (default:"
                            + " ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("512")
            .build();

    /** Gives a command these options. */
    FileOptions(CommandSpec command) {
        this.command = command;
        List.of(fileIo, fileCache).forEach(command::addOption);
    }

    /** Whether one of them was given. */
    boolean areAsked() {
        return fileIo.getValue() != null
                || command.commandLine().getParseResult().hasMatchedOption(fileCache);
    }

    FileIo fileIo(Model model) {
        String name = fileIo.getValue();
        return name == null
                ? FileIo.suiting(model)
                : FileIo.named(name)
                        .orElseThrow(() -> wrong("there is no --file-io " + name + "; there are " + names()));
    }

    private static String names() {
        return Arrays.stream(FileIo.values()).map(FileIo::label).collect(Collectors.joining(", "));
    }

    void apply(StaticFiles.Builder files, Model model) {
        int most = fileCache.getValue();
        if (most < 0 || most > 1_000_000) {
            throw wrong("--file-cache is " + most + ", must be 0 to 1000000");
        }
        files.fileIo(fileIo(model).on(model)).keep(most);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
