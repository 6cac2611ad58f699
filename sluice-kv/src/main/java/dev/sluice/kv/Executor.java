package dev.sluice.kv;

import dev.sluice.kv.Command.Flag;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a client's commands, in the order of checks of Redis's processCommand. */
final class Executor {
    private static final int UNKNOWN_TEXT = 128;

    /** Of all that one transaction may hold; Redis bounds it by the output and query buffers alone. */
    private static final long TRANSACTION_MOST_BYTES = 256L << 20;

    private final Store store;
    private final Replies replies;
    private final Call call;
    private final Client replayer = new Client(0, null, 0);

    Executor(Store store) {
        this.store = store;
        replies = store.replies;
        call = new Call(store, replies, store.effects);
        replayer.authenticated = true;
    }

    /** Runs a command, or queues it, and writes the reply. */
    void execute(Client client, Arguments arguments) {
        int mark = replies.size;
        replies.protocol = client.protocol;
        store.statistics.commands++;
        Command command = Commands.find(arguments);
        String refusal = command == null ? unknown(arguments) : refusal(client, command, arguments);
        if (refusal != null) {
            refuse(client, command, refusal);
        } else if (command != null) {
            client.lastCommand = command.name();
            if (client.transaction != null && !command.is(Flag.NO_QUEUE)) {
                queue(client, command, arguments);
            } else {
                run(client, command, arguments);
                store.commit(client);
            }
        }
        silence(client, mark);
    }

    private void run(Client client, Command command, Arguments arguments) {
        int mark = replies.size;
        call.begin(client, command, arguments);
        try {
            command.handler().run(call);
        } catch (CommandException e) {
            replies.size = mark;
            replies.error(e.text());
            store.statistics.errors++;
        }
    }

    private void queue(Client client, Command command, Arguments arguments) {
        Arguments copy = Arguments.copyOf(arguments);
        client.transactionBytes += copy.data.length + 64L * copy.count();
        if (client.transactionBytes > TRANSACTION_MOST_BYTES) {
            refuse(client, command, "ERR the transaction is larger than " + TRANSACTION_MOST_BYTES + " bytes");
            return;
        }
        List<Client.Queued> transaction = client.transaction;
        if (transaction != null) {
            transaction.add(new Client.Queued(command, copy));
        }
        replies.queued();
    }

    /** EXEC's part: runs what was queued, whose effects are one record. */
    void transaction(Client client, List<Client.Queued> queued) {
        replies.array(queued.size());
        for (Client.Queued each : queued) {
            replies.protocol = client.protocol;
            String refusal = each.command().is(Flag.DENYOOM) && isFull() ? outOfMemory() : null;
            if (refusal != null) {
                replies.error(refusal);
            } else {
                run(client, each.command(), each.arguments());
            }
        }
    }

    // ---- refusing

    private void refuse(Client client, @Nullable Command command, String text) {
        store.statistics.errors++;
        if (client.transaction != null) {
            if (command != null && command.name().equals("exec")) {
                client.endTransaction();
                store.watches.unwatch(client);
                replies.error("EXECABORT Transaction discarded because of: " + text);
                return;
            }
            client.transactionBroken = true;
        }
        replies.error(text);
    }

    private @Nullable String refusal(Client client, Command command, Arguments arguments) {
        if (!command.takes(arguments.count())) {
            return CommandException.arity(command.name()).text();
        }
        if (command.firstKey() == 0) {
            String why = Subcommands.refusal(command, arguments);
            if (why != null) {
                return why;
            }
        }
        if (!client.authenticated && !command.is(Flag.NO_AUTH)) {
            return "NOAUTH Authentication required.";
        }
        if (command.is(Flag.DENYOOM) && isFull()) {
            return outOfMemory();
        }
        if (store.journal() != null) {
            String why = store.refusal();
            if (why != null && (command.is(Flag.WRITE) || isWritingExec(client, command))) {
                return store.failure() == null ? "MISCONF Nothing is written any more: " + why : failed(why);
            }
        }
        if (client.protocol == 2 && client.subscriptions() > 0 && !mayRunSubscribed(command)) {
            return "ERR Can't execute '" + command.name()
                    + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";
        }
        return null;
    }

    /** The error for a write that a journal which has failed doesn't take, or hasn't made durable. */
    static String failed(String why) {
        return "MISCONF Errors writing to the log: " + why
                + ". Nothing is written until the server is started anew on a disk that works; reads go on.";
    }

    private static boolean isWritingExec(Client client, Command command) {
        List<Client.Queued> queued = client.transaction;
        return queued != null
                && command.name().equals("exec")
                && queued.stream().anyMatch(each -> each.command().is(Flag.WRITE));
    }

    private static boolean mayRunSubscribed(Command command) {
        return switch (command.name()) {
            case "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ping", "quit", "reset" -> true;
            default -> false;
        };
    }

    private boolean isFull() {
        long most = store.settings().maxMemory();
        return most > 0 && store.usage.bytes() > most;
    }

    private static String outOfMemory() {
        return "OOM command not allowed when used memory > 'maxmemory'.";
    }

    private static String unknown(Arguments arguments) {
        StringBuilder shown = new StringBuilder();
        for (int i = 1; i < arguments.count() && shown.length() < UNKNOWN_TEXT; i++) {
            String argument = cut(arguments, i, UNKNOWN_TEXT - shown.length());
            shown.append('\'').append(argument).append("' ");
        }
        return "ERR unknown command '" + cut(arguments, 0, UNKNOWN_TEXT) + "', with args beginning with: " + shown;
    }

    /** As C prints it: to the first NUL. */
    private static String cut(Arguments arguments, int index, int most) {
        String text = arguments.text(index);
        int end = text.indexOf(0);
        return text.substring(0, Math.min(end < 0 ? text.length() : end, most));
    }

    /** What CLIENT REPLY asked for. */
    private void silence(Client client, int mark) {
        switch (client.replyMode) {
            case ON -> {}
            case OFF -> replies.size = mark;
            case SKIP_NEXT -> {
                replies.size = mark;
                client.replyMode = Client.ReplyMode.SKIP;
            }
            case SKIP -> {
                replies.size = mark;
                client.replyMode = Client.ReplyMode.ON;
            }
        }
    }

    // ---- replaying

    void replay(ByteBuffer record) {
        RequestParser parser = new RequestParser(record.remaining());
        parser.fill(record);
        replayer.database = 0;
        try {
            while (parser.next(Integer.MAX_VALUE - 2, false)) {
                Command command = Commands.find(parser.arguments);
                if (command == null || !command.takes(parser.arguments.count())) {
                    throw new IllegalArgumentException(
                            "a record holds no command of this store: " + cut(parser.arguments, 0, UNKNOWN_TEXT));
                }
                replies.clear();
                call.begin(replayer, command, parser.arguments);
                command.handler().run(call);
            }
        } catch (ProtocolException | CommandException e) {
            throw new IllegalArgumentException("a record can't be replayed: " + e.getMessage(), e);
        }
        if (parser.pending() > 0) {
            throw new IllegalArgumentException("a record ends in the midst of a command");
        }
        replies.clear();
    }
}
