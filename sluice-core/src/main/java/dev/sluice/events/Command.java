package dev.sluice.events;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to run: a program, not a shell's line.
 *
 * @param program a path, or a name that is looked for in this process's PATH
 * @param arguments those behind the program's own name
 * @param environment the whole of it
 * @param directory where it starts, or null for this process's own
 */
public record Command(
        String program,
        List<String> arguments,
        Map<String, String> environment,
        @Nullable Path directory) {
    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** With this process's environment, in its directory. */
    public static Command of(String program, String... arguments) {
        return new Command(program, List.of(arguments), System.getenv(), null);
    }

    /** The same elsewhere. */
    public Command in(Path where) {
        return new Command(program, arguments, environment, where);
    }

    /** The same with a variable more. */
    public Command with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Command(program, arguments, more, directory);
    }
}
