package dev.sluice.kv;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The subcommands of commands that have some, with their arity: checked before a command runs or is queued. */
final class Subcommands {
    private static final int UNKNOWN_TEXT = 128;

    private static final Map<String, Map<String, Integer>> ALL = Map.of(
            "client",
            Map.ofEntries(
                    Map.entry("id", 2),
                    Map.entry("getname", 2),
                    Map.entry("setname", 3),
                    Map.entry("setinfo", 4),
                    Map.entry("info", 2),
                    Map.entry("list", -2),
                    Map.entry("kill", -3),
                    Map.entry("reply", 3),
                    Map.entry("no-evict", 3),
                    Map.entry("no-touch", 3),
                    Map.entry("getredir", 2),
                    Map.entry("help", 2)),
            "config",
            Map.of("get", -3, "set", -4, "resetstat", 2, "rewrite", 2, "help", 2),
            "command",
            Map.of("count", 2, "info", -2, "docs", -2, "list", -2, "getkeys", -3, "help", 2),
            "pubsub",
            Map.of("channels", -2, "numpat", 2, "numsub", -2, "help", 2),
            "debug",
            Map.of("sleep", 3, "help", 2));

    private Subcommands() {}

    /** Why a command can't run as it is: it has no such subcommand, or not with so many arguments; null where it can. */
    static @Nullable String refusal(Command command, Arguments arguments) {
        Map<String, Integer> known = ALL.get(command.name());
        if (known == null || arguments.count() == 1) {
            return null;
        }
        String name = arguments.text(1).toLowerCase(Locale.ROOT);
        Integer arity = known.get(name);
        if (arity == null) {
            String text = arguments.text(1);
            return "ERR unknown subcommand '" + text.substring(0, Math.min(text.length(), UNKNOWN_TEXT)) + "'. Try "
                    + command.name().toUpperCase(Locale.ROOT) + " HELP.";
        }
        boolean fits = arity >= 0 ? arguments.count() == arity : arguments.count() >= -arity;
        return fits ? null : CommandException.arity(command.name() + "|" + name).text();
    }

    /** The subcommand of the command at hand, in lower case. */
    static String of(Call call) {
        return call.arguments().text(1).toLowerCase(Locale.ROOT);
    }

    /** Answers HELP. */
    static void help(Call call, List<String> lines) {
        call.replies.array(lines.size() + 3L);
        call.replies.status(
                call.name().toUpperCase(Locale.ROOT) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        lines.forEach(call.replies::status);
        call.replies.status("HELP");
        call.replies.status("    Print this help.");
    }
}
