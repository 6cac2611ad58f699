package dev.sluice.sim;

import dev.sluice.EventLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A simulated world: hosts on a network, in virtual time, where a seed decides every delay, order and fault. The same seed
 * and the same program give the same {@link Story}, on any machine.
 *
 * <pre>{@code
 * try (World world = World.of(seed)) {
 *     Server server = world.host("server").serve(Server.builder(EchoSession::new), 7);
 *     world.host("client").connect(server.address()).send("hello").expect("hello").end().expectEnd();
 *     world.run();
 * }
 * }</pre>
 *
 * <p>It is the thread's that made it, until it is closed, and nothing of it is for another thread. A server or client on the
 * model {@code sim} runs in the world of its thread. Nothing happens in it but in {@link #run()} and its kin; calls that wait
 * for a loop, such as those that start and stop a server, let it go on as well. What goes wrong is thrown from there as a
 * {@link WorldFailure}.
 */
public final class World implements AutoCloseable {
    /** The time at which worlds begin: not 0, which a loop takes for unknown. */
    static final long BEGIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int LINES_IN_A_FAILURE = 40;
    private static final long WALL_BEGIN_MILLIS = 1_700_000_000_000L;
    private static final ThreadLocal<@Nullable World> CURRENT = new ThreadLocal<>();

    private final long seed;
    private final Dice dice;
    private final Faults faults;
    /** A generator for each kind, so that without one of them the others strike as before. */
    private final Map<Faults.Kind, Dice> faultDice;

    private final Map<Faults.Kind, Long> faultsMet;
    private final @Nullable Beneath beneath;
    private final long eventsMost;
    private final int bufferLeast;
    private final int bufferMost;
    private final Story story;
    private final Agenda events = new Agenda();
    private final Agenda turns = new Agenda();
    /** What waits for the world itself, and so happens outside of turns and events. */
    private final Agenda boots = new Agenda();

    private final Checks checks;
    private final List<Host> hosts = new ArrayList<>();
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<List<@Nullable Link>> links = new ArrayList<>();
    private @Nullable Host standing;
    private long now = BEGIN_NANOS;
    private long order;
    private long eventCount;
    private long progress;
    private int connections;
    private boolean running;
    private boolean turning;
    private boolean faultsOver;
    private boolean closed;
    private @Nullable WorldFailure failure;

    private World(Builder builder) {
        if (CURRENT.get() != null) {
            throw new IllegalStateException("this thread has a world already: close it first");
        }
        this.seed = builder.seed;
        this.dice = new Dice(builder.seed);
        Faults drawn = Faults.drawn(dice); // in any case, so that a choice of one's own changes nothing else
        this.faults = builder.faults == null ? drawn : builder.faults;
        this.faultDice = new EnumMap<>(Faults.Kind.class);
        this.faultsMet = new EnumMap<>(Faults.Kind.class);
        for (Faults.Kind kind : faults.kinds()) {
            faultDice.put(kind, dice.apart(kind.label()));
        }
        this.beneath = builder.beneath;
        this.eventsMost = builder.eventsMost;
        this.bufferLeast = builder.bufferLeast;
        this.bufferMost = builder.bufferMost;
        this.story = new Story(builder.reader);
        this.checks = new Checks(this, builder.sessionsMayFail);
        CURRENT.set(this);
        EventLog.divert(this::logged);
    }

    /** A world with the faults that the seed has for it. */
    public static World of(long seed) {
        return builder(seed).build();
    }

    public static Builder builder(long seed) {
        return new Builder(seed);
    }

    /**
     * The calling thread's world.
     *
     * @throws IllegalStateException where it has none
     */
    public static World current() {
        World world = CURRENT.get();
        if (world == null) {
            throw new IllegalStateException("this thread has no world: make one with World.of(seed)");
        }
        return world;
    }

    static @Nullable World find() {
        return CURRENT.get();
    }

    // ---- what is in it

    public long seed() {
        return seed;
    }

    /** The world's one generator. Draw from it for whatever the seed is to decide. */
    public Dice dice() {
        return dice;
    }

    public Faults faults() {
        return faults;
    }

    /** How often each kind of fault has struck so far; kinds that never did are left out. */
    public Map<Faults.Kind, Long> faultsMet() {
        return Collections.unmodifiableMap(faultsMet);
    }

    /** How much has happened so far: packets, turns of loops, timers. */
    public long eventCount() {
        return eventCount;
    }

    public Story story() {
        return story;
    }

    /** Virtual time since the world began, in nanoseconds. */
    public long elapsedNanos() {
        return now - BEGIN_NANOS;
    }

    /** The host of that name, made when it is first asked for. */
    public Host host(String name) {
        for (Host host : hosts) {
            if (host.name().equals(name)) {
                return host;
            }
        }
        int number = hosts.size() + 1;
        Beneath drawn = dice.any(Beneath.values());
        Beneath waits = beneath == null ? drawn : beneath;
        Host host = new Host(this, name, addressOf(number), waits, 1024, WALL_BEGIN_MILLIS);
        hosts.add(host);
        links.add(new ArrayList<>());
        tell(host, Story.NO_CONNECTION, "stands at 10.0.0.#, on " + waits.label(), number);
        return host;
    }

    private static InetAddress addressOf(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** The way from one host to another; drawn by the seed until it is set. */
    public Link link(Host from, Host to) {
        List<@Nullable Link> row = links.get(hosts.indexOf(from));
        int column = hosts.indexOf(to);
        while (row.size() <= column) {
            row.add(null);
        }
        Link link = row.get(column);
        if (link == null) {
            link = new Link(this);
            row.set(column, link);
        }
        return link;
    }

    @Nullable
    Host hostAt(InetAddress address) {
        for (Host host : hosts) {
            if (host.address().equals(address)) {
                return host;
            }
        }
        return null;
    }

    /** The host of a server that is to listen there. */
    Host hostFor(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new IllegalArgumentException("a world has no Unix-domain sockets: " + address);
        }
        Host host = hostAt(inet.getAddress());
        return host == null ? standing() : host; // to which bind(2) says whether it has that address
    }

    Host standing() {
        Host host = standing;
        return host == null ? host("server") : host;
    }

    /** Where what starts now belongs; the host of before. */
    @Nullable
    Host standOn(@Nullable Host host) {
        Host before = standing;
        standing = host;
        return before;
    }

    Checks checks() {
        return checks;
    }

    int bufferLeast() {
        return bufferLeast;
    }

    int bufferMost() {
        return bufferMost;
    }

    int nextConnection() {
        return ++connections;
    }

    boolean strikes(Faults.Kind kind) {
        Dice own = faultDice.get(kind);
        if (own == null || faultsOver || !faults.strikes(kind, now - BEGIN_NANOS, own)) {
            return false;
        }
        faultsMet.merge(kind, 1L, Long::sum);
        return true;
    }

    void tell(Host host, int connection, String event, long number) {
        story.tell(now - BEGIN_NANOS, host.name(), connection, event, number);
    }

    private void logged(System.Logger.Level level, String text, @Nullable Throwable error) {
        tell(standing(), Story.NO_CONNECTION, "logs: " + (error == null ? text : text + ": " + error), 0);
        if (level == System.Logger.Level.ERROR) {
            fail("the runtime logged an error: " + text, error);
        }
    }

    // ---- time

    long now() {
        return now;
    }

    /** Something moved. */
    void progressed() {
        progress++;
    }

    long progress() {
        return progress;
    }

    Agenda.Entry at(long time, Runnable event) {
        return events.enter(Math.max(time, now), order++, event);
    }

    Agenda.Entry in(long nanos, Runnable event) {
        return at(now + nanos, event);
    }

    /** Runs something once that much time has passed; outside of all loops, as an event of the world. */
    public void after(Duration delay, Runnable event) {
        in(delay.toNanos(), event);
    }

    /** Runs what may itself let the world go on, such as what starts servers; at once where nothing is going on. */
    void boot(long nanos, Runnable action) {
        if (nanos == 0 && !running) {
            action.run();
        } else {
            boots.enter(now + nanos, order++, action);
        }
    }

    /** A process is gone, and its loops with it. */
    void died(SimKernel process) {
        loops.forEach(loop -> loop.die(process));
    }

    void add(SimLoop loop) {
        loops.add(loop);
    }

    /** A loop's turn: never inside another's. */
    void turnIn(long nanos, Runnable turn) {
        turns.enter(now + nanos, order++, turn);
    }

    /** Time passes inside a loop's turn: the network goes on, other loops don't. */
    void elapse(long nanos) {
        if (!turning) {
            return;
        }
        long until = now + nanos;
        turning = false;
        for (Agenda.Entry next = events.peek(); next != null && next.at <= until; next = events.peek()) {
            events.remove();
            happen(next);
        }
        turning = true;
        now = until;
    }

    private void happen(Agenda.Entry entry) {
        now = Math.max(now, entry.at);
        eventCount++;
        try {
            entry.action.run();
        } catch (Throwable e) {
            fail(words(e), e);
        }
    }

    /** Lets everything happen until nothing is left to happen, and looks whether anything was forgotten. */
    public void run() {
        runUntil(() -> false, Long.MAX_VALUE);
        checks.settled();
        throwFailure();
    }

    /** Lets so much time pass. */
    public void run(Duration time) {
        runUntil(() -> false, time.toNanos());
    }

    /**
     * Goes on until something is true.
     *
     * @throws WorldFailure where it isn't by then
     */
    public void runUntil(String what, BooleanSupplier condition, Duration most) {
        runUntil(condition, most.toNanos());
        if (!condition.getAsBoolean()) {
            fail("no progress: after " + most + " still not: " + what, null);
            throwFailure();
        }
    }

    /** Goes on until something is true, or that much time has passed, or nothing is left to happen. */
    void runUntil(BooleanSupplier condition, long nanos) {
        if (running) {
            throw new IllegalStateException(
                    "what waits for the world can't be called from inside of it (a session, a peer):"
                            + " call it between two runs");
        }
        long until = nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
        running = true;
        try {
            while (failure == null && !condition.getAsBoolean()) {
                if (!step(until)) {
                    now = until == Long.MAX_VALUE ? now : Math.max(now, until);
                    break;
                }
            }
        } finally {
            running = false;
        }
        throwFailure();
    }

    private boolean step(long until) {
        Agenda first = first(first(events, turns), boots);
        Agenda.Entry next = first.peek();
        if (next == null || next.at > until) {
            return false;
        }
        if (eventCount > eventsMost) {
            fail("no end: " + eventsMost + " events, and still going on", null);
            return false;
        }
        first.remove();
        turning = first == turns;
        running = first != boots;
        happen(next);
        turning = false;
        running = true;
        return true;
    }

    /** Whichever has what comes first. */
    private static Agenda first(Agenda a, Agenda b) {
        Agenda.Entry ofA = a.peek();
        Agenda.Entry ofB = b.peek();
        return ofB == null || ofA != null && Agenda.isBefore(ofA, ofB) ? a : b;
    }

    // ---- failures and the end

    /**
     * Makes what was thrown outside of a run, by a test's own comparison for example, the failure of this world, unless there
     * is one already.
     *
     * @return this world's failure
     */
    public WorldFailure failed(Throwable cause) {
        fail(words(cause), cause);
        return Objects.requireNonNull(failure);
    }

    /** An assertion says what is wrong by itself. */
    private static String words(Throwable e) {
        String message = e.getMessage();
        return e instanceof AssertionError && message != null ? message : e.toString();
    }

    /** Makes the run a failure, unless it is one already; thrown from where it runs. */
    void fail(String what, @Nullable Throwable cause) {
        if (failure == null) {
            failure = cause instanceof WorldFailure first ? first : failure(what, cause);
        }
    }

    private WorldFailure failure(String what, @Nullable Throwable cause) {
        StringBuilder text = new StringBuilder(what);
        text.append("\n  seed ")
                .append(seed)
                .append(", at ")
                .append(Story.seconds(now - BEGIN_NANOS))
                .append(" s");
        text.append("\n  faults: ").append(faults);
        text.append("\n  the story's last lines:");
        story.last(LINES_IN_A_FAILURE).forEach(line -> text.append("\n    ").append(line));
        return new WorldFailure(what, seed, text.toString(), cause);
    }

    void throwFailure() {
        WorldFailure first = failure;
        if (first != null) {
            throw first;
        }
    }

    /** Ends the world: stops what runs, without further faults, and looks whether everything came back. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (failure == null) {
                faultsOver = true;
                checks.ending();
                boots.clear();
                hosts.reversed().forEach(Host::stopAll);
                runUntil(() -> false, Long.MAX_VALUE);
                checks.ended(hosts);
                throwFailure();
            }
        } finally {
            loops.forEach(SimLoop::release);
            EventLog.divert(null);
            CURRENT.remove();
        }
    }

    /** Collects what a world is to be like; the seed decides the rest. */
    public static final class Builder {
        private final long seed;
        private @Nullable Faults faults;
        private @Nullable Beneath beneath;
        private @Nullable Consumer<String> reader;
        private boolean sessionsMayFail;
        private long eventsMost = 5_000_000;
        private int bufferLeast = 512;
        private int bufferMost = 256 * 1024;

        private Builder(long seed) {
            this.seed = seed;
        }

        /** These faults, instead of those that the seed has for it. */
        public Builder faults(Faults value) {
            this.faults = value;
            return this;
        }

        /** What all hosts' loops wait with, instead of what the seed has for each. */
        public Builder beneath(Beneath value) {
            this.beneath = value;
            return this;
        }

        /** Is told each line of the story. */
        public Builder reader(Consumer<String> lines) {
            this.reader = lines;
            return this;
        }

        /** A session that throws is no failure of the run. */
        public Builder sessionsMayFail() {
            this.sessionsMayFail = true;
            return this;
        }

        /** A run of more events than this has no end; 5 million unless set. */
        public Builder eventsMost(long count) {
            this.eventsMost = count;
            return this;
        }

        /** The range of sockets' buffers, for each direction of each; 512 bytes to 256 KiB unless set. */
        public Builder buffers(int leastBytes, int mostBytes) {
            this.bufferLeast = leastBytes;
            this.bufferMost = mostBytes;
            return this;
        }

        public World build() {
            return new World(this);
        }
    }
}
