package dev.sluice.kv;

import static dev.sluice.kv.Command.Flag.ADMIN;
import static dev.sluice.kv.Command.Flag.DENYOOM;
import static dev.sluice.kv.Command.Flag.FAST;
import static dev.sluice.kv.Command.Flag.NO_AUTH;
import static dev.sluice.kv.Command.Flag.NO_QUEUE;
import static dev.sluice.kv.Command.Flag.PUBSUB;
import static dev.sluice.kv.Command.Flag.READONLY;
import static dev.sluice.kv.Command.Flag.WRITE;

import dev.sluice.kv.Command.Flag;
import dev.sluice.kv.Command.Handler;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table of commands. */
final class Commands {
    private static final Map<String, Command> ALL = new LinkedHashMap<>();
    private static final int NAME_BYTES = 16;
    /** A byte without the bit that lower case has and upper case has not: of letters, digits stay apart from each other. */
    private static final int UPPER = 0xdf;

    /** An open table, by the name's bytes in two longs. */
    private static final int SLOTS = 512;

    private static final Command[] SLOT = new Command[SLOTS];
    private static final long[] SLOT_FIRST = new long[SLOTS];
    private static final long[] SLOT_SECOND = new long[SLOTS];

    static {
        strings();
        keys();
        expiry();
        hashes();
        transactions();
        pubSub();
        connection();
        server();
        ALL.values().forEach(Commands::place);
    }

    private Commands() {}

    private static void strings() {
        one("get", 2, StringCommands::get, READONLY, FAST);
        one("set", -3, StringCommands::set, WRITE, DENYOOM);
        one("setnx", 3, StringCommands::setnx, WRITE, DENYOOM, FAST);
        one("setex", 4, StringCommands::setex, WRITE, DENYOOM);
        one("psetex", 4, StringCommands::psetex, WRITE, DENYOOM);
        one("getset", 3, StringCommands::getset, WRITE, DENYOOM, FAST);
        one("getdel", 2, StringCommands::getdel, WRITE, FAST);
        one("getex", -2, StringCommands::getex, WRITE, FAST);
        add("mget", -2, StringCommands::mget, 1, -1, 1, READONLY, FAST);
        add("mset", -3, StringCommands::mset, 1, -1, 2, WRITE, DENYOOM);
        add("msetnx", -3, StringCommands::msetnx, 1, -1, 2, WRITE, DENYOOM);
        one("append", 3, RangeCommands::append, WRITE, DENYOOM, FAST);
        one("strlen", 2, RangeCommands::strlen, READONLY, FAST);
        one("getrange", 4, RangeCommands::getrange, READONLY);
        one("setrange", 4, RangeCommands::setrange, WRITE, DENYOOM);
        one("incr", 2, CounterCommands::incr, WRITE, DENYOOM, FAST);
        one("decr", 2, CounterCommands::decr, WRITE, DENYOOM, FAST);
        one("incrby", 3, CounterCommands::incrby, WRITE, DENYOOM, FAST);
        one("decrby", 3, CounterCommands::decrby, WRITE, DENYOOM, FAST);
        one("incrbyfloat", 3, CounterCommands::incrbyfloat, WRITE, DENYOOM, FAST);
    }

    private static void keys() {
        add("del", -2, KeyCommands::del, 1, -1, 1, WRITE);
        add("unlink", -2, KeyCommands::del, 1, -1, 1, WRITE, FAST);
        add("exists", -2, KeyCommands::exists, 1, -1, 1, READONLY, FAST);
        add("touch", -2, KeyCommands::exists, 1, -1, 1, READONLY, FAST);
        one("type", 2, KeyCommands::type, READONLY, FAST);
        add("rename", 3, KeyCommands::rename, 1, 2, 1, WRITE);
        add("renamenx", 3, KeyCommands::renamenx, 1, 2, 1, WRITE, FAST);
        none("keys", 2, ScanCommands::keys, READONLY);
        none("scan", -2, ScanCommands::scan, READONLY);
        none("randomkey", 1, KeyCommands::randomkey, READONLY);
        none("dbsize", 1, KeyCommands::dbsize, READONLY, FAST);
        none("flushdb", -1, KeyCommands::flushdb, WRITE);
        none("flushall", -1, KeyCommands::flushall, WRITE);
    }

    private static void expiry() {
        one("expire", -3, ExpiryCommands::expire, WRITE, FAST);
        one("pexpire", -3, ExpiryCommands::pexpire, WRITE, FAST);
        one("expireat", -3, ExpiryCommands::expireat, WRITE, FAST);
        one("pexpireat", -3, ExpiryCommands::pexpireat, WRITE, FAST);
        one("ttl", 2, ExpiryCommands::ttl, READONLY, FAST);
        one("pttl", 2, ExpiryCommands::pttl, READONLY, FAST);
        one("expiretime", 2, ExpiryCommands::expiretime, READONLY, FAST);
        one("pexpiretime", 2, ExpiryCommands::pexpiretime, READONLY, FAST);
        one("persist", 2, ExpiryCommands::persist, WRITE, FAST);
    }

    private static void hashes() {
        one("hset", -4, HashCommands::hset, WRITE, DENYOOM, FAST);
        one("hmset", -4, HashCommands::hmset, WRITE, DENYOOM, FAST);
        one("hsetnx", 4, HashCommands::hsetnx, WRITE, DENYOOM, FAST);
        one("hget", 3, HashCommands::hget, READONLY, FAST);
        one("hmget", -3, HashCommands::hmget, READONLY, FAST);
        one("hdel", -3, HashCommands::hdel, WRITE, FAST);
        one("hlen", 2, HashCommands::hlen, READONLY, FAST);
        one("hstrlen", 3, HashCommands::hstrlen, READONLY, FAST);
        one("hexists", 3, HashCommands::hexists, READONLY, FAST);
        one("hincrby", 4, HashCommands::hincrby, WRITE, DENYOOM, FAST);
        one("hincrbyfloat", 4, HashCommands::hincrbyfloat, WRITE, DENYOOM, FAST);
        one("hgetall", 2, HashReadCommands::hgetall, READONLY);
        one("hkeys", 2, HashReadCommands::hkeys, READONLY);
        one("hvals", 2, HashReadCommands::hvals, READONLY);
        one("hrandfield", -2, HashReadCommands::hrandfield, READONLY);
        one("hscan", -3, ScanCommands::hscan, READONLY);
    }

    private static void transactions() {
        none("multi", 1, TransactionCommands::multi, FAST, NO_QUEUE);
        none("exec", 1, TransactionCommands::exec, NO_QUEUE);
        none("discard", 1, TransactionCommands::discard, FAST, NO_QUEUE);
        add("watch", -2, TransactionCommands::watch, 1, -1, 1, FAST, NO_QUEUE);
        none("unwatch", 1, TransactionCommands::unwatch, FAST);
    }

    private static void pubSub() {
        none("subscribe", -2, PubSubCommands::subscribe, PUBSUB);
        none("unsubscribe", -1, PubSubCommands::unsubscribe, PUBSUB);
        none("psubscribe", -2, PubSubCommands::psubscribe, PUBSUB);
        none("punsubscribe", -1, PubSubCommands::punsubscribe, PUBSUB);
        none("publish", 3, PubSubCommands::publish, PUBSUB, FAST);
        none("pubsub", -2, PubSubCommands::pubsub, PUBSUB);
    }

    private static void connection() {
        none("ping", -1, ConnectionCommands::ping, FAST);
        none("echo", 2, ConnectionCommands::echo, FAST);
        none("hello", -1, ConnectionCommands::hello, FAST, NO_AUTH);
        none("auth", -2, ConnectionCommands::auth, FAST, NO_AUTH);
        none("select", 2, ConnectionCommands::select, FAST);
        none("quit", -1, ConnectionCommands::quit, FAST, NO_AUTH, NO_QUEUE);
        none("reset", 1, ConnectionCommands::reset, FAST, NO_AUTH, NO_QUEUE);
        none("client", -2, ClientCommand::run);
    }

    private static void server() {
        none("info", -1, InfoCommand::run);
        none("config", -2, ConfigCommand::run, ADMIN);
        none("command", -1, CommandCommand::run);
        none("debug", -2, ServerCommands::debug, ADMIN);
        none("bgsave", -1, ServerCommands::bgsave, ADMIN);
        none("lastsave", 1, ServerCommands::lastsave, FAST);
        none("shutdown", -1, ServerCommands::shutdown, ADMIN, NO_QUEUE);
    }

    private static void none(String name, int arity, Handler handler, Flag... flags) {
        add(name, arity, handler, 0, 0, 0, flags);
    }

    private static void one(String name, int arity, Handler handler, Flag... flags) {
        add(name, arity, handler, 1, 1, 1, flags);
    }

    private static void add(String name, int arity, Handler handler, int first, int last, int step, Flag... flags) {
        int bits = 0;
        for (Flag flag : flags) {
            bits |= flag.bit;
        }
        ALL.put(name, new Command(name, arity, bits, first, last, step, handler));
    }

    static Map<String, Command> all() {
        return ALL;
    }

    /** By its name, whatever the case; null where there is no such command. */
    static @Nullable Command find(String name) {
        return ALL.get(name.toLowerCase(Locale.ROOT));
    }

    // ---- finding what a request names, without making a string

    private static void place(Command command) {
        long first = 0;
        long second = 0;
        String name = command.name();
        for (int i = name.length() - 1; i >= 0; i--) {
            second = second << 8 | first >>> 56;
            first = first << 8 | name.charAt(i) & UPPER;
        }
        int slot = slot(first, second);
        while (SLOT[slot] != null) {
            slot = slot + 1 & SLOTS - 1;
        }
        SLOT[slot] = command;
        SLOT_FIRST[slot] = first;
        SLOT_SECOND[slot] = second;
    }

    private static int slot(long first, long second) {
        long mixed = (first ^ second) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 55);
    }

    /** The command that the first of some arguments names; null where there is none such. */
    static @Nullable Command find(Arguments arguments) {
        int length = arguments.length(0);
        if (length > NAME_BYTES) {
            return null;
        }
        byte[] data = arguments.data;
        int offset = arguments.offset(0);
        long first = 0;
        long second = 0;
        for (int i = length - 1; i >= 0; i--) {
            int b = data[offset + i];
            int letter = b & UPPER;
            if (letter < 'A' || letter > 'Z') {
                return null;
            }
            second = second << 8 | first >>> 56;
            first = first << 8 | letter;
        }
        int slot = slot(first, second);
        while (SLOT[slot] != null) {
            if (SLOT_FIRST[slot] == first && SLOT_SECOND[slot] == second) {
                return SLOT[slot];
            }
            slot = slot + 1 & SLOTS - 1;
        }
        return null;
    }
}
