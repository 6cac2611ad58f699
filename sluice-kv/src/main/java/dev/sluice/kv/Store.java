package dev.sluice.kv;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The data, and what is to be known of clients beyond their connections. It is one serialization domain: all of it is used by one thread
 * at a time, in <em>the store's own order</em>. On one loop that is the loop, and costs nothing; otherwise each batch of commands that
 * arrives together takes a lock once.
 */
public final class Store implements AutoCloseable {
    /** Keys that end, and garbage that is freed, with each batch and each tick: some ten microseconds. */
    private static final int TICK_STEPS = 64;

    private final StoreOptions options;
    private final @Nullable ReentrantLock lock;
    final SipHash hashing;
    final RandomGenerator random;
    final Usage usage = new Usage();
    final Effects effects = new Effects();
    final Statistics statistics = new Statistics();
    final PubSub pubSub = new PubSub();
    final Watches watches = new Watches();
    final Replies replies = new Replies();
    /** For requests that come whole, which most do. */
    final RequestParser parser = new RequestParser(64 * 1024);
    /** Where a number is written as text, for a moment. */
    final byte[] numberText = new byte[20];

    private final Settings settings;
    private final Executor executor;
    private final @Nullable Database[] databases;
    private final Deque<Table> garbage = new ArrayDeque<>();
    private final Map<Long, Client> clients = new LinkedHashMap<>();
    private final Set<HeldOutlet> waiting = new LinkedHashSet<>();
    private @Nullable Journal journal;
    private @Nullable Snapshots snapshots;
    private @Nullable Runnable shutdown;
    private long now;
    private long bornMillis;
    private long lastTick;
    private long lastClient;
    private long lastRecord;
    private boolean replaying;
    private long unfinishedBytes;

    /** A client whose replies wait for the journal. */
    interface HeldOutlet {
        /** The journal has come further: what is durable may be sent. From the store's order, on any thread. */
        void progressed();
    }

    public Store(StoreOptions options) {
        this.options = options;
        lock = options.shared() ? new ReentrantLock() : null;
        Long seed = options.seed();
        random = new Random(seed == null ? new SecureRandom().nextLong() : seed);
        SecureRandom secret = seed == null ? new SecureRandom() : null;
        hashing = secret == null
                ? new SipHash(random.nextLong(), random.nextLong())
                : new SipHash(secret.nextLong(), secret.nextLong());
        settings = new Settings(options);
        databases = new Database[options.databases()];
        executor = new Executor(this);
        database(0);
    }

    // ---- the order

    /** Runs a task in the store's own order; from any thread, unless all is on one loop: then from that. */
    public void run(Runnable task) {
        enter();
        try {
            task.run();
        } finally {
            leave();
        }
    }

    void enter() {
        if (lock != null) {
            lock.lock();
        }
    }

    void leave() {
        if (lock != null) {
            lock.unlock();
        }
    }

    // ---- what it works with

    /** Has effects appended from now on. In the store's own order, once, after {@link #apply}. */
    public void journal(Journal to) {
        journal = to;
        to.onProgress(this::progressed);
    }

    /** What BGSAVE and its like ask; without it they tell that there is nothing to save to. In the store's own order. */
    public void snapshots(Snapshots of) {
        snapshots = of;
    }

    /** What SHUTDOWN does; without it, it is refused. Called in the store's own order; must not wait for that. */
    public void onShutdown(Runnable task) {
        shutdown = task;
    }

    public StoreOptions options() {
        return options;
    }

    @Nullable
    Snapshots snapshots() {
        return snapshots;
    }

    @Nullable
    Runnable shutdown() {
        return shutdown;
    }

    @Nullable
    Journal journal() {
        return journal;
    }

    Settings settings() {
        return settings;
    }

    Executor executor() {
        return executor;
    }

    /** What the data takes of memory, in bytes: what {@code --max-memory} bounds. In the store's own order. */
    public long usedBytes() {
        return usage.bytes();
    }

    /** How many keys there are. In the store's own order. */
    public long size() {
        long sum = 0;
        for (Database database : databases) {
            sum += database == null ? 0 : database.keys().size();
        }
        return sum;
    }

    // ---- replay and dump

    /**
     * Does again what a record says. In the store's own order, before there is a journal.
     *
     * @param record read from position to limit
     * @throws IllegalArgumentException where it is none of a store's
     */
    public void apply(ByteBuffer record) {
        replaying = true;
        try {
            executor.replay(record);
        } finally {
            replaying = false;
            effects.clear();
        }
    }

    /** Begins to tell all that is there, as records. In the store's own order. */
    public Dump dump() {
        return new Dump(this);
    }

    boolean isReplaying() {
        return replaying;
    }

    // ---- time

    /** The wall clock's milliseconds, as of this batch. */
    long now() {
        return now;
    }

    /** Begins a batch of commands. */
    void begin(long currentTimeMillis) {
        now = currentTimeMillis;
        if (bornMillis == 0) {
            bornMillis = currentTimeMillis;
        }
    }

    /** When the first batch began. */
    long bornMillis() {
        return bornMillis;
    }

    /** The tick between batches, once a millisecond. */
    void tickSometimes() {
        if (now != lastTick) {
            lastTick = now;
            var _ = tick();
        }
    }

    /**
     * Ends keys whose time is over and frees what was discarded, a bounded amount of either. Batches of commands do so as well.
     *
     * @return whether there is more of it now
     */
    boolean tick() {
        boolean more = false;
        if (mayExpire()) {
            int steps = TICK_STEPS;
            for (Database database : databases) {
                if (database != null) {
                    while (steps > 0 && database.endFirst()) {
                        steps--;
                    }
                    database.keys().step(TICK_STEPS);
                }
            }
            more = steps == 0;
            commit(null);
        }
        Table oldest = garbage.peek();
        if (oldest != null) {
            if (oldest.freeSome(TICK_STEPS)) {
                garbage.remove();
            }
            more = true;
        }
        return more;
    }

    /** Frees a table bit by bit. */
    void discard(Table table) {
        garbage.add(table);
    }

    /**
     * Frees the memory of all data at once; nothing else may be done with the store from then on. In the store's own order. Needn't be
     * called where the process ends.
     */
    @Override
    public void close() {
        for (Database database : databases) {
            if (database != null) {
                database.clear();
            }
        }
        for (Table table : garbage) {
            while (!table.freeSome(TICK_STEPS)) {} // some more
        }
        garbage.clear();
    }

    // ---- databases

    Database database(int number) {
        Database database = databases[number];
        if (database == null) {
            database = new Database(this, number);
            databases[number] = database;
        }
        return database;
    }

    int databaseCount() {
        return databases.length;
    }

    /** A key was changed. */
    void modified(int database, Arguments arguments, int key) {
        statistics.changes++;
        if (!watches.isEmpty()) {
            watches.changed(database, arguments.bytes(key));
        }
    }

    /** A key has ended. */
    void expired(Database database, long entry) {
        statistics.expired++;
        if (!watches.isEmpty()) {
            watches.removed(database.number(), Entry.keyBytes(entry));
        }
    }

    /** All keys of a database are about to be removed. */
    void flushed(Database database) {
        statistics.changes += database.keys().size();
        for (Watches.Key key : watches.of(database.number())) {
            byte[] bytes = key.bytes().array();
            if (database.keys().find(bytes, 0, bytes.length) != 0) {
                watches.removed(key.database(), bytes);
            }
        }
    }

    // ---- the journal

    /** Why writes are refused, or null. */
    @Nullable
    String refusal() {
        return journal == null ? null : journal.refusal();
    }

    /** Why replies that wait for the journal become errors, or null. */
    @Nullable
    String failure() {
        return journal == null ? null : journal.failure();
    }

    /** Whether a key's end can be written down: otherwise it is only taken for gone. */
    boolean mayExpire() {
        return refusal() == null;
    }

    /** Appends the effects so far as one record; the client's replies wait for it from now on. */
    void commit(@Nullable Client client) {
        if (effects.isEmpty()) {
            return;
        }
        if (journal != null && journal.refusal() == null) {
            lastRecord = journal.append(effects.record());
            if (client != null) {
                client.barrier = lastRecord;
            }
        }
        effects.clear();
    }

    /** The number of the last record that is durable. */
    long durable() {
        return journal == null ? Long.MAX_VALUE : journal.durable();
    }

    void waits(HeldOutlet outlet) {
        waiting.add(outlet);
    }

    void waitsNoMore(HeldOutlet outlet) {
        waiting.remove(outlet);
    }

    private void progressed() {
        for (HeldOutlet outlet : waiting) {
            outlet.progressed();
        }
    }

    // ---- clients

    Client addClient(Client.@Nullable Outlet outlet, long currentTimeMillis) {
        Client client = new Client(++lastClient, outlet, currentTimeMillis);
        client.authenticated = options.password() == null;
        clients.put(client.id, client);
        statistics.connections++;
        return client;
    }

    void removeClient(Client client) {
        watches.unwatch(client);
        pubSub.leave(client);
        clients.remove(client.id);
    }

    Collection<Client> clients() {
        return clients.values();
    }

    @Nullable
    Client client(long id) {
        return clients.get(id);
    }

    /** Counts bytes of unfinished requests; false where these are too many. */
    boolean unfinished(long more) {
        unfinishedBytes += more;
        return unfinishedBytes <= options.unfinishedMostBytes();
    }

    long unfinishedBytes() {
        return unfinishedBytes;
    }
}
