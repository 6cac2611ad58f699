package dev.sluice.sim;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A world with a durable log behind a server that crashes: clients send numbers, and are told each that is durable. Whatever
 * happens, no number is lost of which a client was told.
 */
final class LogWorld {
    private static final int PORT = 7;
    private static final int NUMBER_BYTES = 8;
    private static final Duration GIVES_UP = Duration.ofSeconds(20);

    private final World world;
    private final AppendLog.Bug bug;
    private final Host server;
    private final Host clients;
    private final Set<Long> told = new HashSet<>();
    private long lastNumber;
    private boolean ready;
    private boolean over;
    private int recoveries;

    /** How much came about. */
    record Ran(int told, int recoveries, long hash) {}

    private LogWorld(World world, AppendLog.Bug bug) {
        this.world = world;
        this.bug = bug;
        this.server = world.host("server");
        this.clients = world.host("client");
    }

    /** Bits that flip are another matter: what can be read of a log ends there. */
    static Faults faults(long seed) {
        Dice dice = new Dice(seed);
        Faults faults = Faults.drawn(dice);
        faults = faults.without(Faults.Kind.FLIPPED_BIT).without(Faults.Kind.ROTTEN_BIT);
        for (Faults.Kind kind : List.of(Faults.Kind.LOST_WRITE, Faults.Kind.TORN_WRITE, Faults.Kind.LOST_ENTRIES)) {
            faults = dice.chance(0.7) ? faults.with(kind, dice.nextDouble()) : faults;
        }
        return faults;
    }

    static Ran run(long seed, AppendLog.Bug bug) {
        try (World world = World.builder(seed).faults(faults(seed)).build()) {
            LogWorld log = new LogWorld(world, bug);
            log.run();
            return new Ran(log.told.size(), log.recoveries, world.story().hash());
        }
    }

    private void run() {
        Dice dice = world.dice();
        server.disk().putDirectory("/data");
        server.start(this::serve);
        for (int n = 1 + dice.below(4); n > 0; n--) {
            client();
        }
        for (int n = 1 + dice.below(5); n > 0; n--) {
            world.after(Duration.ofNanos(dice.spread(1_000_000, 30_000_000_000L)), this::die);
        }
        world.run(Duration.ofSeconds(40));
        over = true;
        clients.crash();
        server.crash();
        ready = false;
        server.restart(Duration.ofSeconds(1));
        world.runUntil("the log is recovered", () -> ready && server.isUp(), Duration.ofHours(1));
    }

    private void die() {
        if (world.dice().chance(0.7)) {
            server.crash();
        } else {
            server.kill();
        }
        server.restart(Duration.ofNanos(world.dice().spread(1_000_000, 10_000_000_000L)));
    }

    // ---- the server

    private void serve() {
        ready = false;
        AppendLog log = new AppendLog(server.disk(Runnable::run), bug, () -> {
            server.kill(); // it can't tell what is durable any more
            server.restart(Duration.ofMillis(100));
        });
        server.onStop(log::close);
        log.open(found -> {
            recoveries++;
            ready = true;
            look(found);
        });
        server.serve(Server.builder(connection -> new Numbers(connection, log)), PORT);
    }

    private void look(List<AppendLog.Found> found) {
        Set<Long> numbers = new HashSet<>();
        for (AppendLog.Found each : found) {
            if (!each.isAsWritten()) {
                world.fail("a record is not what was written: " + each.number(), null);
            }
            if (!numbers.add(each.number())) {
                world.fail("a record is there twice: " + each.number(), null);
            }
        }
        for (long number : told) {
            if (!numbers.contains(number)) {
                world.fail("a record is lost of which a client was told: " + number, null);
            }
        }
    }

    /** Appends what comes, and answers with it. */
    private record Numbers(Connection connection, AppendLog log) implements Session {
        @Override
        public void received(ByteBuffer input) {
            while (input.remaining() >= NUMBER_BYTES) {
                long number = input.getLong();
                log.append(
                        number,
                        () -> connection.execute(() -> connection.write(ByteBuffer.allocate(NUMBER_BYTES)
                                .putLong(number)
                                .flip())));
            }
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    // ---- the clients

    /** Sends numbers for as long as it is answered; then another takes its place. */
    private void client() {
        if (over) {
            return;
        }
        Dice dice = world.dice();
        Bytes answers = new Bytes();
        List<Long> sent = new ArrayList<>();
        boolean[] given = new boolean[1];
        Peer peer = clients.connect(server.address(PORT)).mayBreak();
        Runnable another = () -> {
            if (!given[0]) {
                given[0] = true;
                peer.reset();
                world.after(Duration.ofMillis(dice.below(2000)), this::client);
            }
        };
        peer.onFailed(errno -> another.run()).onEnded(another);
        peer.after(GIVES_UP, another);
        Runnable more = () -> {
            for (int n = 1 + dice.below(10); n > 0 && !over && !peer.isOver(); n--) {
                sent.add(++lastNumber);
                peer.send(ByteBuffer.allocate(NUMBER_BYTES).putLong(lastNumber).array());
            }
        };
        peer.onConnected(more);
        peer.onReceived(bytes -> {
            int before = answers.count / NUMBER_BYTES;
            answers.add(bytes);
            for (int i = before; i < answers.count / NUMBER_BYTES; i++) {
                told.add(ByteBuffer.wrap(answers.array).getLong(i * NUMBER_BYTES));
            }
            if (answers.count == sent.size() * NUMBER_BYTES) {
                peer.after(Duration.ofMillis(dice.below(500)), more);
            }
        });
    }
}
