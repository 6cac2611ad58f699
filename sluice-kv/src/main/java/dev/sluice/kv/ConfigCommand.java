package dev.sluice.kv;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** CONFIG. */
final class ConfigCommand {
    private ConfigCommand() {}

    static void run(Call call) {
        switch (Subcommands.of(call)) {
            case "get" -> get(call);
            case "set" -> set(call);
            case "resetstat" -> {
                call.store.statistics.reset();
                call.replies.ok();
            }
            case "rewrite" -> throw new CommandException("ERR The server is running without a config file");
            default ->
                Subcommands.help(
                        call,
                        List.of(
                                "GET <pattern>",
                                "    Return parameters matching the glob-like <pattern> and their values.",
                                "SET <directive> <value>",
                                "    Set the configuration <directive> to <value>.",
                                "RESETSTAT",
                                "    Reset statistics reported by the INFO command."));
        }
    }

    private static void get(Call call) {
        Arguments arguments = call.arguments();
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 2; i < arguments.count(); i++) {
            byte[] pattern = arguments.text(i).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
            for (Map.Entry<String, String> setting : call.store.settings().all()) {
                if (Glob.matches(pattern, setting.getKey().getBytes(StandardCharsets.US_ASCII))) {
                    found.put(setting.getKey(), setting.getValue());
                }
            }
        }
        call.replies.map(found.size());
        found.forEach((name, value) -> {
            call.replies.bulk(name);
            call.replies.bulk(value);
        });
    }

    private static void set(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() % 2 != 0) {
            throw CommandException.arity("config|set");
        }
        Map<String, String> wanted = new LinkedHashMap<>();
        for (int i = 2; i < arguments.count(); i += 2) {
            String name = arguments.text(i).toLowerCase(Locale.ROOT);
            if (call.store.settings().all().stream()
                    .noneMatch(known -> known.getKey().equals(name))) {
                throw new CommandException(
                        "ERR Unknown option or number of arguments for CONFIG SET - '" + arguments.text(i) + "'");
            }
            if (wanted.put(name, arguments.text(i + 1)) != null) {
                throw failed(name, "duplicate parameter");
            }
        }
        wanted.forEach((name, value) -> {
            String why = call.store.settings().set(name, value);
            if (why != null) {
                throw failed(name, why);
            }
        });
        call.replies.ok();
    }

    private static CommandException failed(String name, String why) {
        return new CommandException("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why);
    }
}
