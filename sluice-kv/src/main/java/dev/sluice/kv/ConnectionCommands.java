package dev.sluice.kv;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** What a client says of itself and its connection. */
final class ConnectionCommands {
    /** The Redis whose behaviour this is; clients look at it. */
    static final String VERSION = "7.0.15";

    private ConnectionCommands() {}

    static void ping(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() > 2) {
            throw CommandException.arity("ping");
        }
        if (call.client().protocol == 2 && call.client().subscriptions() > 0) {
            call.replies.array(2);
            call.replies.bulk("pong");
            call.replies.bulk(arguments.count() == 2 ? arguments.bytes(1) : new byte[0]);
        } else if (arguments.count() == 2) {
            call.replies.bulk(arguments.data, arguments.offset(1), arguments.length(1));
        } else {
            call.replies.pong();
        }
    }

    static void echo(Call call) {
        Arguments arguments = call.arguments();
        call.replies.bulk(arguments.data, arguments.offset(1), arguments.length(1));
    }

    static void select(Call call) {
        long number = call.arguments().number(1);
        if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
            throw new CommandException(CommandException.NOT_AN_INTEGER);
        }
        if (number < 0 || number >= call.store.databaseCount()) {
            throw new CommandException("ERR DB index is out of range");
        }
        call.client().database = (int) number;
        call.replies.ok();
    }

    static void quit(Call call) {
        call.client().closing = true;
        call.replies.ok();
    }

    static void reset(Call call) {
        Client client = call.client();
        client.endTransaction();
        call.store.watches.unwatch(client);
        call.store.pubSub.leave(client);
        client.database = 0;
        client.protocol = 2;
        client.name = "";
        client.replyMode = Client.ReplyMode.ON;
        client.noEvict = false;
        client.authenticated = call.store.settings().password() == null;
        call.replies.protocol = 2;
        call.replies.status("RESET");
    }

    static void auth(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() > 3) {
            throw new CommandException(CommandException.SYNTAX);
        }
        boolean named = arguments.count() == 3;
        if (!named && call.store.settings().password() == null) {
            throw new CommandException(
                    "ERR AUTH <password> called without any password configured for the default user."
                            + " Are you sure your configuration is correct?");
        }
        authenticate(call, named ? arguments.text(1) : null, arguments.bytes(named ? 2 : 1));
        call.replies.ok();
    }

    private static void authenticate(Call call, @Nullable String user, byte[] given) {
        String password = call.store.settings().password();
        boolean right = (user == null || user.equals("default"))
                && (password == null || MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), given));
        if (!right) {
            throw new CommandException("WRONGPASS invalid username-password pair or user is disabled.");
        }
        call.client().authenticated = true;
    }

    static void hello(Call call) {
        Arguments arguments = call.arguments();
        Client client = call.client();
        int protocol = client.protocol;
        if (arguments.count() > 1) {
            long asked = arguments.number(1, "ERR Protocol version is not an integer or out of range");
            if (asked < 2 || asked > 3) {
                throw new CommandException("NOPROTO unsupported protocol version");
            }
            protocol = (int) asked;
        }
        String name = null;
        for (int i = 2; i < arguments.count(); i++) {
            int more = arguments.count() - 1 - i;
            if (arguments.is(i, "AUTH") && more >= 2) {
                authenticate(call, arguments.text(i + 1), arguments.bytes(i + 2));
                i += 2;
            } else if (arguments.is(i, "SETNAME") && more >= 1) {
                name = ClientCommand.checkName(arguments, i + 1);
                i++;
            } else {
                throw new CommandException("ERR Syntax error in HELLO option '" + arguments.text(i) + "'");
            }
        }
        if (!client.authenticated) {
            throw new CommandException(
                    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                            + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP"
                            + " protocol version at the same time");
        }
        if (name != null) {
            client.name = name;
        }
        client.protocol = protocol;
        call.replies.protocol = protocol;
        tell(call, protocol);
    }

    private static void tell(Call call, int protocol) {
        Replies replies = call.replies;
        replies.map(7);
        replies.bulk("server");
        replies.bulk("redis");
        replies.bulk("version");
        replies.bulk(VERSION);
        replies.bulk("proto");
        replies.integer(protocol);
        replies.bulk("id");
        replies.integer(call.client().id);
        replies.bulk("mode");
        replies.bulk("standalone");
        replies.bulk("role");
        replies.bulk("master");
        replies.bulk("modules");
        replies.array(0);
    }
}
