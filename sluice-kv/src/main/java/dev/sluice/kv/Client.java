package dev.sluice.kv;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What commands know and change of a connection. Used in the store's own order. */
final class Client {
    /** What CLIENT REPLY says. */
    enum ReplyMode {
        ON,
        OFF,
        /** No reply to the next command. */
        SKIP_NEXT,
        SKIP
    }

    /** How a client is reached, other than by the replies to its own commands. */
    interface Outlet {
        /** Sends what it did not ask for, behind the replies that it is still owed. */
        void push(byte[] bytes, int offset, int length);

        /** Closes it, from whichever thread; what it is owed is lost. */
        void kill();

        String address();

        String localAddress();

        long queuedBytes();
    }

    final long id;
    final @Nullable Outlet outlet;
    final long bornMillis;
    long lastMillis;
    int database;
    int protocol = 2;
    boolean authenticated;
    String name = "";
    String library = "";
    String libraryVersion = "";
    String lastCommand = "NULL";
    ReplyMode replyMode = ReplyMode.ON;
    boolean noEvict;
    /** Its connection is closed behind the replies so far. */
    boolean closing;
    /** It sleeps for so long before it is told the reply of the command at hand (DEBUG SLEEP). */
    long sleepNanos;
    /** The last record whose durability its replies wait for. */
    long barrier;

    /** The commands since MULTI; null outside of one. */
    @Nullable
    List<Queued> transaction;

    /** A command since MULTI was refused: EXEC does nothing. */
    boolean transactionBroken;

    /** Bytes that the transaction holds. */
    long transactionBytes;

    /** A key that it watches was touched. */
    boolean watchBroken;

    /** Empty and shared with others while it watches nothing. */
    List<Watches.Watched> watched = List.of();

    @Nullable
    Set<Bytes> channels;

    @Nullable
    Set<Bytes> patterns;

    /** A command that waits for EXEC. */
    record Queued(Command command, Arguments arguments) {}

    Client(long id, @Nullable Outlet outlet, long bornMillis) {
        this.id = id;
        this.outlet = outlet;
        this.bornMillis = bornMillis;
        this.lastMillis = bornMillis;
    }

    int subscriptions() {
        return (channels == null ? 0 : channels.size()) + (patterns == null ? 0 : patterns.size());
    }

    Set<Bytes> channels() {
        Set<Bytes> set = channels;
        if (set == null) {
            set = new LinkedHashSet<>();
            channels = set;
        }
        return set;
    }

    Set<Bytes> patterns() {
        Set<Bytes> set = patterns;
        if (set == null) {
            set = new LinkedHashSet<>();
            patterns = set;
        }
        return set;
    }

    /** Forgets the transaction. */
    void endTransaction() {
        transaction = null;
        transactionBroken = false;
        transactionBytes = 0;
    }
}
