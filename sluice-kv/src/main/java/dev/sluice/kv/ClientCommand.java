package dev.sluice.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** CLIENT: about this connection, and the others. */
final class ClientCommand {
    private ClientCommand() {}

    static void run(Call call) {
        Arguments arguments = call.arguments();
        Client client = call.client();
        switch (Subcommands.of(call)) {
            case "id" -> call.replies.integer(client.id);
            case "getname" -> {
                if (client.name.isEmpty()) {
                    call.replies.none();
                } else {
                    call.replies.bulk(client.name);
                }
            }
            case "setname" -> {
                client.name = checkName(arguments, 2);
                call.replies.ok();
            }
            case "setinfo" -> setInfo(call);
            case "info" -> call.replies.verbatim(line(call, client) + "\n");
            case "list" -> list(call);
            case "kill" -> kill(call);
            case "reply" -> reply(call);
            case "no-evict" -> {
                client.noEvict = onOrOff(arguments, 2);
                call.replies.ok();
            }
            case "no-touch" -> {
                var _ = onOrOff(arguments, 2);
                call.replies.ok();
            }
            case "getredir" -> call.replies.integer(-1);
            default -> Subcommands.help(call, HELP);
        }
    }

    private static final List<String> HELP = List.of(
            "GETNAME",
            "    Return the name of the current connection.",
            "ID",
            "    Return the ID of the current connection.",
            "INFO",
            "    Return information about the current client connection.",
            "KILL <ip:port>",
            "    Kill connection made from <ip:port>.",
            "KILL <option> <value> [<option> <value> [...]]",
            "    Kill connections. Options are: ADDR, LADDR, TYPE, USER, SKIPME, ID.",
            "LIST [options ...]",
            "    Return information about client connections. Options: TYPE (NORMAL|PUBSUB), ID <id> [<id>...]",
            "NO-EVICT (ON|OFF)",
            "    Taken and without effect: no client is evicted.",
            "REPLY (ON|OFF|SKIP)",
            "    Control the replies sent to the current connection.",
            "SETNAME <name>",
            "    Assign the name <name> to the current connection.",
            "SETINFO <option> <value>",
            "    Set client meta attr. Options are: LIB-NAME, LIB-VER.");

    /** A name for a connection, of visible ASCII only. */
    static String checkName(Arguments arguments, int index) {
        String name = arguments.text(index);
        if (!name.chars().allMatch(c -> c >= '!' && c <= '~')) {
            throw new CommandException("ERR Client names cannot contain spaces, newlines or special characters.");
        }
        return name;
    }

    private static boolean onOrOff(Arguments arguments, int index) {
        if (!arguments.is(index, "ON") && !arguments.is(index, "OFF")) {
            throw new CommandException(CommandException.SYNTAX);
        }
        return arguments.is(index, "ON");
    }

    private static void setInfo(Call call) {
        Arguments arguments = call.arguments();
        String value = arguments.text(3);
        if (!value.chars().allMatch(c -> c >= '!' && c <= '~')) {
            throw new CommandException("ERR " + arguments.text(2).toLowerCase(Locale.ROOT)
                    + " cannot contain spaces, newlines or special characters.");
        }
        if (arguments.is(2, "LIB-NAME")) {
            call.client().library = value;
        } else if (arguments.is(2, "LIB-VER")) {
            call.client().libraryVersion = value;
        } else {
            throw new CommandException("ERR Unrecognized option '" + arguments.text(2) + "'");
        }
        call.replies.ok();
    }

    private static void reply(Call call) {
        Client client = call.client();
        if (call.arguments().is(2, "ON")) {
            client.replyMode = Client.ReplyMode.ON;
            call.replies.ok();
        } else if (call.arguments().is(2, "OFF")) {
            client.replyMode = Client.ReplyMode.OFF;
        } else if (call.arguments().is(2, "SKIP")) {
            client.replyMode =
                    client.replyMode == Client.ReplyMode.OFF ? Client.ReplyMode.OFF : Client.ReplyMode.SKIP_NEXT;
        } else {
            throw new CommandException(CommandException.SYNTAX);
        }
    }

    // ---- all of them

    private static void list(Call call) {
        Arguments arguments = call.arguments();
        Predicate<Client> wanted = client -> true;
        if (arguments.count() == 4 && arguments.is(2, "TYPE")) {
            wanted = ofType(arguments, 3);
        } else if (arguments.count() > 3 && arguments.is(2, "ID")) {
            List<Long> ids = new ArrayList<>();
            for (int i = 3; i < arguments.count(); i++) {
                ids.add(arguments.number(i, "ERR Invalid client ID"));
            }
            wanted = client -> ids.contains(client.id);
        } else if (arguments.count() != 2) {
            throw new CommandException(CommandException.SYNTAX);
        }
        StringBuilder lines = new StringBuilder();
        call.store.clients().stream()
                .filter(wanted)
                .forEach(client -> lines.append(line(call, client)).append('\n'));
        call.replies.verbatim(lines.toString());
    }

    private static Predicate<Client> ofType(Arguments arguments, int index) {
        if (arguments.is(index, "NORMAL")) {
            return client -> client.subscriptions() == 0;
        }
        if (arguments.is(index, "PUBSUB")) {
            return client -> client.subscriptions() > 0;
        }
        if (arguments.is(index, "MASTER") || arguments.is(index, "REPLICA") || arguments.is(index, "SLAVE")) {
            return client -> false;
        }
        throw new CommandException("ERR Unknown client type '" + arguments.text(index) + "'");
    }

    private static String line(Call call, Client client) {
        Client.Outlet outlet = client.outlet;
        long now = call.store.now();
        return "id=" + client.id
                + " addr=" + (outlet == null ? "" : outlet.address())
                + " laddr=" + (outlet == null ? "" : outlet.localAddress())
                + " fd=-1 name=" + client.name
                + " age=" + (now - client.bornMillis) / 1000
                + " idle=" + (now - client.lastMillis) / 1000
                + " flags=" + flags(client)
                + " db=" + client.database
                + " sub=" + (client.channels == null ? 0 : client.channels.size())
                + " psub=" + (client.patterns == null ? 0 : client.patterns.size())
                + " ssub=0 multi=" + (client.transaction == null ? -1 : client.transaction.size())
                + " qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=" + client.transactionBytes
                + " rbs=0 rbp=0 obl=0 oll=0 omem=" + (outlet == null ? 0 : outlet.queuedBytes())
                + " tot-mem=0 events=r cmd=" + client.lastCommand
                + " user=default redir=-1 resp=" + client.protocol
                + (client.library.isEmpty() ? "" : " lib-name=" + client.library)
                + (client.libraryVersion.isEmpty() ? "" : " lib-ver=" + client.libraryVersion);
    }

    private static String flags(Client client) {
        String flags = (client.subscriptions() > 0 ? "P" : "")
                + (client.transaction != null ? "x" : "")
                + (client.watchBroken ? "d" : "")
                + (client.noEvict ? "e" : "");
        return flags.isEmpty() ? "N" : flags;
    }

    private static void kill(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() == 3) {
            String address = arguments.text(2);
            if (kill(call, client -> hasAddress(client, address), false) == 0) {
                throw new CommandException("ERR No such client");
            }
            call.replies.ok();
            return;
        }
        boolean skipMe = true;
        Predicate<Client> wanted = client -> true;
        for (int i = 2; i < arguments.count(); i += 2) {
            if (i + 1 == arguments.count()) {
                throw new CommandException(CommandException.SYNTAX);
            }
            String value = arguments.text(i + 1);
            if (arguments.is(i, "ID")) {
                long id = arguments.number(i + 1, "ERR client-id should be greater than 0");
                wanted = wanted.and(client -> client.id == id);
            } else if (arguments.is(i, "ADDR")) {
                wanted = wanted.and(client -> hasAddress(client, value));
            } else if (arguments.is(i, "LADDR")) {
                wanted = wanted.and(client ->
                        client.outlet != null && client.outlet.localAddress().equals(value));
            } else if (arguments.is(i, "TYPE")) {
                wanted = wanted.and(ofType(arguments, i + 1));
            } else if (arguments.is(i, "USER")) {
                wanted = wanted.and(client -> value.equals("default"));
            } else if (arguments.is(i, "SKIPME") && (value.equalsIgnoreCase("yes") || value.equalsIgnoreCase("no"))) {
                skipMe = value.equalsIgnoreCase("yes");
            } else {
                throw new CommandException(CommandException.SYNTAX);
            }
        }
        call.replies.integer(kill(call, wanted, skipMe));
    }

    private static boolean hasAddress(Client client, String address) {
        return client.outlet != null && client.outlet.address().equals(address);
    }

    private static int kill(Call call, Predicate<Client> wanted, boolean skipMe) {
        int count = 0;
        for (Client client : List.copyOf(call.store.clients())) {
            if (!wanted.test(client) || client == call.client() && skipMe) {
                continue;
            }
            if (client == call.client()) {
                client.closing = true;
            } else if (client.outlet != null) {
                client.outlet.kill();
            }
            count++;
        }
        return count;
    }
}
