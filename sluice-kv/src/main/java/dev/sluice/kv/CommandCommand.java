package dev.sluice.kv;

import dev.sluice.kv.Command.Flag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** COMMAND: what commands there are. */
final class CommandCommand {
    private CommandCommand() {}

    static void run(Call call) {
        if (call.arguments().count() == 1) {
            Collection<Command> all = Commands.all().values();
            call.replies.array(all.size());
            all.forEach(command -> describe(call.replies, command));
            return;
        }
        switch (Subcommands.of(call)) {
            case "count" -> call.replies.integer(Commands.all().size());
            case "info" -> {
                List<@Nullable Command> some = named(call.arguments());
                call.replies.array(some.size());
                some.forEach(command -> describe(call.replies, command));
            }
            case "docs" -> docs(call);
            case "list" -> list(call);
            case "getkeys" -> keys(call);
            default ->
                Subcommands.help(
                        call,
                        List.of(
                                "(no subcommand)",
                                "    Return details about all commands.",
                                "COUNT",
                                "    Return the total number of commands in this server.",
                                "LIST [FILTERBY PATTERN <pattern>]",
                                "    Return a list of all commands in this server.",
                                "INFO [<command-name> ...]",
                                "    Return details about commands; all of them if none is given.",
                                "DOCS [<command-name> ...]",
                                "    Return where commands are documented.",
                                "GETKEYS <full-command>",
                                "    Return the keys from a full command."));
        }
    }

    /** Null for those that there aren't. */
    private static List<@Nullable Command> named(Arguments arguments) {
        if (arguments.count() == 2) {
            List<@Nullable Command> all = new ArrayList<>();
            all.addAll(Commands.all().values());
            return all;
        }
        List<@Nullable Command> some = new ArrayList<>();
        for (int i = 2; i < arguments.count(); i++) {
            some.add(Commands.find(arguments.text(i)));
        }
        return some;
    }

    private static void describe(Replies replies, @Nullable Command command) {
        if (command == null) {
            replies.noArray();
            return;
        }
        replies.array(10);
        replies.bulk(command.name());
        replies.integer(command.arity());
        List<String> flags = flags(command);
        replies.set(flags.size());
        flags.forEach(replies::status);
        replies.integer(command.firstKey());
        replies.integer(command.lastKey());
        replies.integer(command.keyStep());
        replies.set(0);
        replies.array(0);
        replies.array(0);
        replies.array(0);
    }

    private static List<String> flags(Command command) {
        List<String> flags = new ArrayList<>();
        for (Flag flag : Flag.values()) {
            if (command.is(flag) && flag != Flag.NO_QUEUE) {
                flags.add(flag.name().toLowerCase(Locale.ROOT));
            }
        }
        return flags;
    }

    private static void docs(Call call) {
        List<Command> known = new ArrayList<>();
        for (Command command : named(call.arguments())) {
            if (command != null) {
                known.add(command);
            }
        }
        call.replies.map(known.size());
        for (Command command : known) {
            call.replies.bulk(command.name());
            call.replies.map(1);
            call.replies.bulk("summary");
            call.replies.bulk("As in Redis 7: https://redis.io/commands/" + command.name());
        }
    }

    private static void list(Call call) {
        Arguments arguments = call.arguments();
        boolean filtered = arguments.count() > 2;
        if (filtered && !(arguments.count() == 5 && arguments.is(2, "FILTERBY") && arguments.is(3, "PATTERN"))) {
            throw new CommandException(CommandException.SYNTAX);
        }
        List<String> names = Commands.all().keySet().stream()
                .filter(name -> !filtered || Glob.matches(arguments.bytes(4), name.getBytes(StandardCharsets.US_ASCII)))
                .toList();
        call.replies.array(names.size());
        names.forEach(call.replies::bulk);
    }

    private static void keys(Call call) {
        Arguments arguments = call.arguments();
        Command command = Commands.find(arguments.text(2));
        if (command == null) {
            throw new CommandException("ERR Invalid command specified");
        }
        if (command.firstKey() == 0) {
            throw new CommandException("ERR The command has no key arguments");
        }
        int count = arguments.count() - 2;
        if (!command.takes(count)) {
            throw new CommandException("ERR Invalid number of arguments specified for command");
        }
        int last = command.lastKey() < 0 ? count + command.lastKey() : command.lastKey();
        List<byte[]> keys = new ArrayList<>();
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            keys.add(arguments.bytes(2 + i));
        }
        call.replies.array(keys.size());
        keys.forEach(call.replies::bulk);
    }
}
