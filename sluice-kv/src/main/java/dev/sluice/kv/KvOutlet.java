package dev.sluice.kv;

import dev.sluice.Connection;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client is sent over its connection, in order: replies, written a batch at a time out of the store's {@link Replies}, and
 * messages. Replies that wait for the journal are held here, and all behind them; a client that has many of them waiting is not read
 * from, and one that is to be closed is closed behind them.
 */
final class KvOutlet implements Client.Outlet, Store.HeldOutlet {
    private static final System.Logger LOG = System.getLogger(KvOutlet.class.getName());

    /** Held replies above which no more commands are read. */
    private static final int HELD_BYTES = 1024 * 1024;
    /** Messages that wait for a slow subscriber: as Redis's hard limit for pubsub clients. */
    private static final long SUBSCRIBER_BYTES = 32L * 1024 * 1024;

    private final Store store;
    private final Connection connection;
    private final Client client;
    private final String address;
    private final String localAddress;

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
    /** How far of the batch's replies waits for nothing. */
    private int ready;

    /** In the store's own order, which it adds a client to. */
    KvOutlet(KvService service, Connection connection) {
        this.store = service.store();
        this.connection = connection;
        this.address = text(connection::remoteAddress);
        this.localAddress = service.shared(text(connection::localAddress));
        this.client = store.addClient(this, connection.currentTimeMillis());
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

    /** Whom it reaches. */
    Client client() {
        return client;
    }

    boolean isPaused() {
        return paused;
    }

    boolean isEnding() {
        return ending;
    }

    boolean holdsNothing() {
        return held == null;
    }

    // ---- a batch's replies

    /** Begins a batch's replies, or goes on with them once they were written. */
    void begin() {
        store.replies.clear();
        ready = 0;
    }

    /** Has a part of the batch's replies wait for a record, where that isn't durable yet, or for what is held already. */
    void hold(long barrier, int from, int to, int commands) {
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
    boolean mayHoldMore() {
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
    boolean write() {
        int count = ready;
        ready = 0;
        store.statistics.sentBytes += count;
        if (count > 0 && !connection.write(store.replies.bytes, 0, count)) {
            blocked = true;
        }
        return !blocked;
    }

    /** Holds the replies behind a mark, and reads no further, for as long as the client is to sleep. */
    void sleep(int mark) {
        held().add(store.replies.bytes, mark, store.replies.size - mark, client.barrier, 1);
        sleeping = true;
        pause();
        connection.after(client.sleepNanos, () -> {
            sleeping = false;
            flush();
        });
        client.sleepNanos = 0;
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

    /** What was written has gone, and more can be. */
    void drained() {
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

    /** Says why it is not served, and closes. */
    void refuse(String error) {
        begin();
        store.replies.error(error);
        connection.write(store.replies.bytes, 0, store.replies.size);
        connection.close();
        ending = true;
    }

    /** Closes behind what is held. */
    void end() {
        ending = true;
        if (held == null) {
            connection.close();
        }
    }

    @Override
    public void kill() {
        ending = true;
        connection.execute(connection::abort);
    }

    /** The connection is closed: forgets what is held. */
    void closed() {
        if (held != null) {
            held = null;
            store.waitsNoMore(this);
        }
        ending = true;
    }
}
