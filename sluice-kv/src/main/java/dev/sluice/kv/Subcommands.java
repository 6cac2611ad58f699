package dev.sluice.kv;

import java.util.List;
import java.util.Locale;

/** What commands that have subcommands share. */
final class Subcommands {
    private static final int UNKNOWN_TEXT = 128;

    private Subcommands() {}

    /**
     * The error for a subcommand that there isn't, or that came with too few or too many arguments.
     *
     * @param known those that may come in a wrong number
     */
    static void refuse(Call call, String... known) {
        Arguments arguments = call.arguments();
        for (String name : known) {
            if (arguments.is(1, name)) {
                throw CommandException.arity(call.name() + "|" + name.toLowerCase(Locale.ROOT));
            }
        }
        String text = arguments.text(1);
        throw new CommandException("ERR unknown subcommand '" + text.substring(0, Math.min(text.length(), UNKNOWN_TEXT))
                + "'. Try " + call.name().toUpperCase(Locale.ROOT) + " HELP.");
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
