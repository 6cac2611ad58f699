package dev.sluice.kv;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: what arrives, as commands. What arrives together is one batch: one turn in the store's order, one write of all
 * replies. What becomes of the replies is the {@link KvOutlet}'s matter.
 */
final class KvSession implements Session {
    private static final System.Logger LOG = System.getLogger(KvSession.class.getName());

    /** Commands of one batch; the rest waits for the next turn. */
    private static final int BATCH_COMMANDS = 1024;
    /** Replies that are written before the batch goes on. */
    private static final int WRITE_BYTES = 64 * 1024;

    private final KvService service;
    private final Store store;
    private final Connection connection;
    private final KvOutlet outlet;
    private final Client client;
    /** Of an unfinished request; null in between. */
    private @Nullable RequestParser own;
    /** What of it is counted among all unfinished requests. */
    private long counted;

    KvSession(KvService service, Connection connection) {
        this.service = service;
        this.store = service.store();
        this.connection = connection;
        int most = store.options().clientsMost();
        boolean full = most > 0 && store.clients().size() >= most;
        this.outlet = new KvOutlet(service, connection);
        this.client = outlet.client();
        if (full) {
            store.statistics.refusedConnections++;
            outlet.refuse("ERR max number of clients reached");
        }
    }

    // ---- commands

    @Override
    public void received(ByteBuffer input) {
        if (outlet.isPaused()) {
            return; // it was on its way when the session paused
        }
        store.enter();
        try {
            if (outlet.isEnding()) {
                input.position(input.limit());
                return;
            }
            store.begin(connection.currentTimeMillis());
            client.lastMillis = store.now();
            batch(input);
            store.tickSometimes();
        } finally {
            store.leave();
        }
    }

    private void batch(ByteBuffer input) {
        RequestParser mine = own;
        RequestParser parser = mine == null ? store.parser : mine;
        store.statistics.receivedBytes += input.remaining();
        outlet.begin();
        boolean whole = true;
        try {
            parser.fill(input);
            whole = run(parser);
        } catch (ProtocolException e) {
            int mark = store.replies.size;
            store.replies.error("ERR Protocol error: " + e.getMessage());
            outlet.hold(client.barrier, mark, store.replies.size, 1);
            client.closing = true;
        }
        outlet.write();
        var _ = outlet.mayHoldMore();
        if (client.closing) {
            forget(parser);
            outlet.end();
        } else if (!whole) {
            int unread = parser.unread();
            store.statistics.receivedBytes -= unread;
            input.position(input.limit() - unread);
            forget(parser);
        } else if (parser.pending() == 0) {
            forget(parser);
        } else {
            keep(parser);
        }
    }

    /** Runs what has wholly arrived; false where something of it is left for later. */
    private boolean run(RequestParser parser) throws ProtocolException {
        Replies replies = store.replies;
        int most = store.options().valueMostBytes();
        int begun = 0;
        int commands = 0;
        for (int i = 0; i < BATCH_COMMANDS; i++) {
            long before = client.barrier;
            int mark = replies.size;
            boolean isThere;
            try {
                isThere = parser.next(most, !client.authenticated);
            } catch (ProtocolException e) {
                outlet.hold(before, begun, mark, commands);
                throw e;
            }
            if (!isThere) {
                outlet.hold(before, begun, mark, commands);
                return true;
            }
            if (isHttp(parser.arguments)) {
                LOG.log(System.Logger.Level.WARNING, "a client at {0} speaks HTTP, not RESP: closed", outlet.address());
                client.closing = true;
                return true;
            }
            store.executor().execute(client, parser.arguments);
            commands++;
            if (client.barrier != before) {
                outlet.hold(before, begun, mark, commands - 1);
                begun = mark;
                commands = 1;
            }
            if (client.sleepNanos > 0) {
                outlet.hold(before, begun, mark, commands - 1);
                outlet.sleep(mark);
                return false;
            }
            if (client.closing) {
                outlet.hold(client.barrier, begun, replies.size, commands);
                return true;
            }
            if (replies.size >= WRITE_BYTES) {
                outlet.hold(client.barrier, begun, replies.size, commands);
                boolean written = outlet.write();
                boolean mayGoOn = outlet.mayHoldMore() && written;
                outlet.begin();
                begun = 0;
                commands = 0;
                if (!mayGoOn) {
                    return false;
                }
            }
        }
        outlet.hold(client.barrier, begun, replies.size, commands);
        if (outlet.mayHoldMore()) {
            connection.resumeReading();
        }
        return false;
    }

    /** Someone's browser was led to this port (cross-protocol scripting, CVE-2016-10517): a RESP client never says so. */
    private static boolean isHttp(Arguments arguments) {
        return arguments.is(0, "POST") || arguments.is(0, "HOST:");
    }

    // ---- requests that have not wholly arrived

    /** Keeps an unfinished request. */
    private void keep(RequestParser parser) {
        RequestParser mine = own;
        if (mine == null) {
            mine = new RequestParser(Math.max(parser.pending() * 2, 256));
            mine.take(parser);
            parser.clear();
            own = mine;
        }
        long now = mine.capacity();
        boolean fits = store.unfinished(now - counted);
        counted = now;
        if (mine.pending() > store.options().requestMostBytes() || !fits) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a client at {0} was closed: its request is not finished at {1} bytes, all such requests take {2}",
                    outlet.address(),
                    mine.pending(),
                    store.unfinishedBytes());
            forget(mine);
            connection.abort();
        }
    }

    private void forget(RequestParser parser) {
        parser.clear();
        own = null;
        store.unfinished(-counted);
        counted = 0;
    }

    // ---- what else the connection tells

    @Override
    public void drained() {
        outlet.drained();
    }

    @Override
    public void ended() {
        store.run(outlet::end);
    }

    @Override
    public void stopping() {
        store.run(outlet::end);
    }

    @Override
    public void closed(Cause cause) {
        store.enter();
        try {
            if (own != null) {
                forget(own);
            }
            outlet.closed();
            store.removeClient(client);
            service.closed(connection);
        } finally {
            store.leave();
        }
    }
}
