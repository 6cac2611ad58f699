package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Options in a file: each line is one of the command line's, without its dashes, as in {@code pick = least}. So there is one
 * set of names and one check of values. Empty lines, and those that begin with {@code #}, say nothing.
 *
 * @param lines by the option's name; one that may be repeated has its values joined by commas
 */
record ConfigFile(Path file, Map<String, Line> lines) {
    private static final long LARGEST_BYTES = 1 << 20;

    /**
     * An option as the file has it.
     *
     * @param number from 1
     * @param value empty for a flag
     */
    record Line(int number, String value) {}

    /**
     * Reads a file, and checks each of its lines alone.
     *
     * @param command makes the command that the options are for
     * @param line whom failures are told
     * @throws ParameterException that names the file, the line, what is wrong and what would be right
     */
    static ConfigFile read(Path file, Supplier<CommandSpec> command, CommandLine line) {
        ConfigFile config = new ConfigFile(file, new LinkedHashMap<>());
        int number = 0;
        for (String text : text(file, line)) {
            number++;
            String stripped = text.strip();
            if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                try {
                    config.add(number, stripped, command.get());
                } catch (ParameterException | IllegalArgumentException e) {
                    throw new ParameterException(line, file + ":" + number + ": " + e.getMessage(), e);
                }
            }
        }
        return config;
    }

    private static List<String> text(Path file, CommandLine line) {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw new ParameterException(line, "--config " + file + " is larger than 1 MB, so it is no such file");
            }
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new ParameterException(line, "--config can't be read: " + Failures.reason(e), e);
        }
    }

    private void add(int number, String text, CommandSpec command) {
        int equals = text.indexOf('=');
        String name = (equals < 0 ? text : text.substring(0, equals)).strip();
        String value = equals < 0 ? "" : text.substring(equals + 1).strip();
        OptionSpec option = command.findOption("--" + name);
        if (option == null
                || option.usageHelp()
                || option.versionHelp()
                || name.equals("config")
                || name.equals("check")) {
            throw new IllegalArgumentException("there is no option '" + name + "' for a file; write NAME = VALUE with a"
                    + " name as in 'sluice proxy --help', without its dashes");
        }
        Line earlier = lines.get(name);
        if (earlier != null && !option.isMultiValue()) {
            throw new IllegalArgumentException(name + " stands in line " + earlier.number() + " already");
        }
        parser(command).parseArgs(argument(name, value));
        lines.put(name, earlier == null ? new Line(number, value) : new Line(number, earlier.value() + "," + value));
    }

    /** Reads a command line as the program itself does. */
    static CommandLine parser(CommandSpec command) {
        return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static String argument(String name, String value) {
        return value.isEmpty() ? "--" + name : "--" + name + "=" + value;
    }

    /** The options as arguments, but those that the command line itself has: it goes before the file. */
    List<String> arguments(Predicate<String> given) {
        List<String> all = new ArrayList<>();
        lines.forEach((name, line) -> {
            if (!given.test("--" + name)) {
                all.add(argument(name, line.value()));
            }
        });
        return all;
    }

    /** The names of the options that another file has otherwise, among those that pass. */
    List<String> differences(ConfigFile other, Predicate<String> asked) {
        List<String> names = new ArrayList<>(lines.keySet());
        other.lines.keySet().stream().filter(name -> !lines.containsKey(name)).forEach(names::add);
        return names.stream()
                .filter(asked)
                .filter(name -> !valueOf(name).equals(other.valueOf(name)))
                .toList();
    }

    /** With a mark that no value has where the option is not there: a flag's value is empty. */
    private String valueOf(String name) {
        Line line = lines.get(name);
        return line == null ? "\n" : line.value();
    }
}
