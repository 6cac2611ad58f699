package dev.sluice.kv;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection. What arrives together is one batch: one turn in the store's order, one write of all replies. Replies that wait for
 * the journal are held here, and all behind them; a client that has many of them waiting is not read from.
 */
final class KvSession implements Session, Client.Outlet, Store.HeldOutlet {
    private static final System.Logger LOG = System.getLogger(KvSession.class.getName());

    /** Commands of one batch; the rest waits for the next turn. */
    private static final int BATCH_COMMANDS = 1024;
    /** Replies that are written before the batch goes on. */
    private static final int WRITE_BYTES = 64 * 1024;
    /** Held replies above which no more commands are read. */
    private static final int HELD_BYTES = 1024 * 1024;
    /** Messages that wait for a slow subscriber: as Redis's hard limit for pubsub clients. */
    private static final long SUBSCRIBER_BYTES = 32L * 1024 * 1024;

    private final KvService service;
    private final Store store;
    private final Connection connection;
    private final Client client;
    private final String address;
    private final String localAddress;
    /** Of an unfinished request; null in between. */
    private @Nullable RequestParser own;
    /** What of it is counted among all unfinished requests. */
    private long counted;

    private @Nullable HeldReplies held;
    /** {@link #flush} is on its way. */
    private boolean waking;
    /** Not read from until held replies are gone. */
    private boolean paused;
    /** Asked to sleep (DEBUG SLEEP): what is held stays until then. */
    private boolean sleeping;
    /** A write was refused: what is held waits for {@link #drained}. */
    private boolean blocked;
    /** Closed once held replies are gone. */
    private boolean ending;
    /** A tick has more to do and goes on in the next turn. */
    private boolean tickGoesOn;
    /** How far of the batch's replies waits for nothing. */
    private int ready;

    KvSession(KvService service, Connection connection) {
        this.service = service;
        this.store = service.store();
        this.connection = connection;
        this.address = text(connection::remoteAddress);
        this.localAddress = service.shared(text(connection::localAddress));
        int most = store.options().clientsMost();
        boolean full = most > 0 && store.clients().size() >= most;
        this.client = store.addClient(this, connection.currentTimeMillis());
        if (full) {
            store.statistics.refusedConnections++;
            store.replies.clear();
            store.replies.error("ERR max number of clients reached");
            connection.write(store.replies.bytes, 0, store.replies.size);
            connection.close();
            ending = true;
        }
    }

    /** A ring's socket takes a descriptor to be asked, and there may be none left: that is no reason not to serve. */
    private static String text(Supplier<SocketAddress> asked) {
        SocketAddress address;
        try {
            address = asked.get();
        } catch (SysException e) {
            LOG.log(System.Logger.Level.DEBUG, "an address of a connection is not known", e);
            return "unknown";
        }
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }

    Connection connection() {
        return connection;
    }

    // ---- commands

    @Override
    public void received(ByteBuffer input) {
        if (paused) {
            return; // it was on its way when the session paused
        }
        store.enter();
        try {
            if (ending) {
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
        store.replies.clear();
        ready = 0;
        boolean whole = true;
        try {
            parser.fill(input);
            whole = run(parser);
        } catch (ProtocolException e) {
            int mark = store.replies.size;
            store.replies.error("ERR Protocol error: " + e.getMessage());
            hold(client.barrier, mark, store.replies.size, 1);
            client.closing = true;
        }
        write();
        var _ = mayHoldMore();
        if (client.closing) {
            forget(parser);
            end();
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
                hold(before, begun, mark, commands);
                throw e;
            }
            if (!isThere) {
                hold(before, begun, mark, commands);
                return true;
            }
            if (isHttp(parser.arguments)) {
                LOG.log(System.Logger.Level.WARNING, "a client at {0} speaks HTTP, not RESP: closed", address);
                client.closing = true;
                return true;
            }
            store.executor().execute(client, parser.arguments);
            commands++;
            if (client.barrier != before) {
                hold(before, begun, mark, commands - 1);
                begun = mark;
                commands = 1;
            }
            if (client.sleepNanos > 0) {
                hold(before, begun, mark, commands - 1);
                sleep(mark);
                return false;
            }
            if (client.closing) {
                hold(client.barrier, begun, replies.size, commands);
                return true;
            }
            if (replies.size >= WRITE_BYTES) {
                hold(client.barrier, begun, replies.size, commands);
                boolean written = write();
                boolean mayGoOn = mayHoldMore() && written;
                replies.clear();
                ready = 0;
                begun = 0;
                commands = 0;
                if (!mayGoOn) {
                    return false;
                }
            }
        }
        hold(client.barrier, begun, replies.size, commands);
        if (mayHoldMore()) {
            connection.resumeReading();
        }
        return false;
    }

    /** Someone's browser was led to this port (cross-protocol scripting, CVE-2016-10517): a RESP client never says so. */
    private static boolean isHttp(Arguments arguments) {
        return arguments.is(0, "POST") || arguments.is(0, "HOST:");
    }

    /** Has a part of the batch's replies wait for a record, where that isn't durable yet, or for what is held already. */
    private void hold(long barrier, int from, int to, int commands) {
        if (from == to) {
            return;
        }
        if (held == null && barrier <= store.durable()) {
            ready = to;
        } else {
            held().add(store.replies.bytes, from, to - from, barrier, commands);
        }
    }

    private HeldReplies held() {
        HeldReplies mine = held;
        if (mine == null) {
            mine = new HeldReplies();
            held = mine;
            store.waits(this);
        }
        return mine;
    }

    /** Whether more commands may be read; otherwise they wait until held replies are gone. */
    private boolean mayHoldMore() {
        if (held == null || held.size() < HELD_BYTES) {
            return true;
        }
        pause();
        return false;
    }

    private void pause() {
        paused = true;
        connection.pauseReading();
    }

    /** Writes what waits for nothing. */
    private boolean write() {
        int count = ready;
        ready = 0;
        store.statistics.sentBytes += count;
        if (count > 0 && !connection.write(store.replies.bytes, 0, count)) {
            blocked = true;
        }
        return !blocked;
    }

    private void sleep(int mark) {
        held().add(store.replies.bytes, mark, store.replies.size - mark, client.barrier, 1);
        sleeping = true;
        pause();
        connection.after(client.sleepNanos, () -> {
            sleeping = false;
            flush();
        });
        client.sleepNanos = 0;
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
                    address,
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

    /** Whether it holds nothing of what it was sent or is to send. */
    boolean ownsNoBuffer() {
        return own == null && held == null;
    }

    // ---- what is held

    @Override
    public void progressed() {
        HeldReplies mine = held;
        if (mine != null
                && !sleeping
                && !blocked
                && (mine.firstBarrier() <= store.durable() || store.failure() != null)) {
            wake();
        }
    }

    private void wake() {
        if (!waking) {
            waking = connection.execute(this::flush);
        }
    }

    private void flush() {
        store.enter();
        try {
            waking = false;
            HeldReplies mine = held;
            if (mine != null && !sleeping && !blocked) {
                release(mine);
            }
        } finally {
            store.leave();
        }
    }

    @Override
    public void drained() {
        blocked = false;
        flush();
    }

    private void release(HeldReplies mine) {
        Replies replies = store.replies;
        replies.clear();
        replies.protocol = client.protocol;
        mine.release(store.durable(), replies);
        String failure = store.failure();
        if (failure != null && !mine.isEmpty()) {
            mine.fail(Executor.failed(failure), replies);
            client.barrier = 0;
        }
        ready = replies.size;
        write();
        if (!mine.isEmpty()) {
            return;
        }
        held = null;
        store.waitsNoMore(this);
        if (ending) {
            connection.close();
        } else if (paused) {
            paused = false;
            connection.resumeReading();
        }
    }

    @Override
    public void push(byte[] bytes, int offset, int length) {
        if (ending) {
            return;
        }
        HeldReplies mine = held();
        mine.addMessage(bytes, offset, length);
        if (mine.size() > SUBSCRIBER_BYTES) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a subscriber at {0} was closed: it is too slow for its messages",
                    address);
            kill();
        } else {
            wake();
        }
    }

    @Override
    public void kill() {
        ending = true;
        connection.execute(connection::abort);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public String localAddress() {
        return localAddress;
    }

    @Override
    public long queuedBytes() {
        HeldReplies mine = held;
        return mine == null ? 0 : mine.size();
    }

    // ---- the end

    /** Closes behind what is held. */
    private void end() {
        ending = true;
        if (held == null) {
            connection.close();
        }
    }

    @Override
    public void ended() {
        store.run(this::end);
    }

    @Override
    public void stopping() {
        store.run(this::end);
    }

    @Override
    public void closed(Cause cause) {
        store.enter();
        try {
            if (own != null) {
                forget(own);
            }
            if (held != null) {
                held = null;
                store.waitsNoMore(this);
            }
            ending = true;
            store.removeClient(client);
            service.closed(this);
        } finally {
            store.leave();
        }
    }

    // ---- the store's own time

    void startTicking(long nanos) {
        connection.every(nanos, this::tick);
    }

    /** The periodic one; goes on in the next turns, as long as there is more to do. */
    void tick() {
        if (!tickGoesOn) {
            goOnTicking();
        }
    }

    private void goOnTicking() {
        store.enter();
        try {
            store.begin(connection.currentTimeMillis());
            boolean more = store.tick();
            tickGoesOn = more && connection.execute(this::goOnTicking);
        } finally {
            store.leave();
        }
    }
}
