package dev.sluice.http;

import dev.sluice.Connection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to read requests and to answer them. A session has one from a request's first byte until it is idle again;
 * so an idle connection has none, and a loop that answers at once needs a single one for all its connections.
 */
final class Workbench {
    private final HttpLimits limits;
    private final DateClock dates;
    final RequestParser parser;
    final RequestHead head = new RequestHead();
    private ConnectionWorld world;
    private Request lent;
    private ResponseWriter writer;
    /** An exchange, and whoever handles its request, may hold on to the world and the writer. */
    private boolean shared;
    /** Where the connection was counted last. */
    private Phase phase = Phase.IDLE;

    private Workbench(HttpLimits limits, DateClock dates) {
        this.limits = limits;
        this.dates = dates;
        this.parser = new RequestParser(limits);
        this.world = new ConnectionWorld(limits);
        this.lent = new Request(world, head);
        this.writer = new ResponseWriter(dates);
    }

    /** The request whose head was parsed last, for the length of a call. */
    Request lent() {
        return lent;
    }

    ResponseWriter writer() {
        return writer;
    }

    /** What a request may ask its connection for; from now on not used for another connection. */
    ConnectionWorld share() {
        shared = true;
        return world;
    }

    /** Has its connection counted in a phase; where it is that already, this is a look and no more. */
    void tell(Phase now, @Nullable HttpMetrics metrics) {
        if (phase != now && metrics != null) {
            metrics.moved(phase, now);
            phase = now;
        }
    }

    /** Whether its connection was counted last as one that waits for a handler. */
    boolean isHandling() {
        return phase == Phase.HANDLING;
    }

    private void serve(Connection connection) {
        world.of(connection);
        writer.to(connection);
    }

    /** Forgets its connection, and with it the service, which no thread that goes on may keep from being collected. */
    private void leave() {
        if (shared) {
            shared = false;
            world = new ConnectionWorld(limits);
            lent = new Request(world, head);
            writer = new ResponseWriter(dates);
        } else {
            world.leave();
            writer.leave();
        }
    }

    /**
     * The free workbenches of a service, those of each thread for itself: a session that is called on another thread the
     * next time just takes from there.
     */
    static final class Shelf {
        /** Sessions of one loop that are in the middle of a request at the same time have one each. */
        private static final int KEPT = 64;

        private final HttpLimits limits;
        private final DateClock dates;
        private final ThreadLocal<Row> rows = ThreadLocal.withInitial(Row::new);

        private static final class Row {
            private final @Nullable Workbench[] free = new Workbench[KEPT];
            private int count;
        }

        Shelf(HttpLimits limits, DateClock dates) {
            this.limits = limits;
            this.dates = dates;
        }

        Workbench take(Connection connection) {
            Row row = rows.get();
            Workbench bench;
            if (row.count == 0) {
                bench = new Workbench(limits, dates);
            } else {
                bench = Objects.requireNonNull(row.free[--row.count]);
                row.free[row.count] = null;
            }
            bench.serve(connection);
            return bench;
        }

        /** Takes back one that no request is on. */
        void putBack(Workbench bench) {
            Row row = rows.get();
            if (row.count < KEPT) {
                bench.leave();
                row.free[row.count++] = bench;
            }
        }
    }
}
