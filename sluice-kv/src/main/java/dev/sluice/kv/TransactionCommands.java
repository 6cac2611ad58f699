package dev.sluice.kv;

import java.util.ArrayList;
import java.util.List;

/** Commands that run together, and keys that must not change before. */
final class TransactionCommands {
    private TransactionCommands() {}

    static void multi(Call call) {
        Client client = call.client();
        if (client.transaction != null) {
            throw new CommandException("ERR MULTI calls can not be nested");
        }
        client.transaction = new ArrayList<>();
        call.replies.ok();
    }

    static void exec(Call call) {
        Client client = call.client();
        List<Client.Queued> queued = client.transaction;
        if (queued == null) {
            throw new CommandException("ERR EXEC without MULTI");
        }
        boolean broken = client.transactionBroken;
        boolean touched = client.watchBroken || hasEnded(call, client);
        client.endTransaction();
        call.store.watches.unwatch(client);
        if (broken) {
            throw new CommandException("EXECABORT Transaction discarded because of previous errors.");
        }
        if (touched) {
            call.replies.noArray();
            return;
        }
        call.store.executor().transaction(client, queued);
    }

    /** Whether a watched key has ended since, though nobody has looked at it. */
    private static boolean hasEnded(Call call, Client client) {
        for (Watches.Watched watched : client.watched) {
            Watches.Key key = watched.key;
            byte[] bytes = key.bytes().array();
            Database database = call.store.database(key.database());
            long entry = database.keys().find(bytes, 0, bytes.length);
            if (!watched.isDue() && entry != 0 && database.isDue(entry)) {
                return true;
            }
        }
        return false;
    }

    static void discard(Call call) {
        Client client = call.client();
        if (client.transaction == null) {
            throw new CommandException("ERR DISCARD without MULTI");
        }
        client.endTransaction();
        call.store.watches.unwatch(client);
        call.replies.ok();
    }

    static void watch(Call call) {
        Client client = call.client();
        if (client.transaction != null) {
            throw new CommandException("ERR WATCH inside MULTI is not allowed");
        }
        Database database = call.database();
        for (int i = 1; i < call.arguments().count(); i++) {
            byte[] key = call.arguments().bytes(i);
            long entry = database.keys().find(key, 0, key.length);
            boolean due = entry != 0 && database.isDue(entry);
            call.store.watches.watch(client, new Watches.Key(database.number(), new Bytes(key)), due);
        }
        call.replies.ok();
    }

    static void unwatch(Call call) {
        call.store.watches.unwatch(call.client());
        call.replies.ok();
    }
}
