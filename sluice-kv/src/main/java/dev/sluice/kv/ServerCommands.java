package dev.sluice.kv;

import java.util.List;

/** The server as a whole. */
final class ServerCommands {
    private static final double SLEEP_MOST_SECONDS = 3600;

    private ServerCommands() {}

    /** DEBUG SLEEP: only the client that asked sleeps; Redis would hold up everybody. */
    static void debug(Call call) {
        Arguments arguments = call.arguments();
        if (!arguments.is(1, "SLEEP")) {
            Subcommands.help(call, List.of("SLEEP <seconds>", "    Put this client to sleep."));
            return;
        }
        double seconds;
        try {
            seconds = Double.parseDouble(arguments.text(2));
        } catch (NumberFormatException e) {
            throw new CommandException(CommandException.NOT_A_FLOAT);
        }
        if (!(seconds >= 0 && seconds <= SLEEP_MOST_SECONDS)) {
            throw new CommandException(CommandException.OUT_OF_RANGE);
        }
        call.client().sleepNanos += (long) (seconds * 1e9);
        call.replies.ok();
    }

    static void bgsave(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() > 2 || arguments.count() == 2 && !arguments.is(1, "SCHEDULE")) {
            throw new CommandException(CommandException.SYNTAX);
        }
        Snapshots snapshots = call.store.snapshots();
        if (snapshots == null) {
            throw new CommandException("ERR this store keeps nothing on disk: start it with a folder (--dir)");
        }
        if (!snapshots.start()) {
            throw new CommandException("ERR Background save already in progress");
        }
        call.replies.status("Background saving started");
    }

    static void lastsave(Call call) {
        Snapshots snapshots = call.store.snapshots();
        call.replies.integer((snapshots == null ? call.store.bornMillis() : snapshots.lastSuccessMillis()) / 1000);
    }

    /** What was written is durable already, as far as was asked for: SAVE and NOSAVE make no difference. */
    static void shutdown(Call call) {
        Arguments arguments = call.arguments();
        for (int i = 1; i < arguments.count(); i++) {
            if (arguments.is(i, "ABORT") && arguments.count() == 2) {
                throw new CommandException("ERR No shutdown in progress.");
            }
            boolean known = arguments.is(i, "SAVE")
                    || arguments.is(i, "NOSAVE")
                    || arguments.is(i, "NOW")
                    || arguments.is(i, "FORCE");
            if (!known) {
                throw new CommandException(CommandException.SYNTAX);
            }
        }
        Runnable task = call.store.shutdown();
        if (task == null) {
            throw new CommandException("ERR this server is not stopped by its clients");
        }
        task.run();
        call.client().closing = true;
    }
}
