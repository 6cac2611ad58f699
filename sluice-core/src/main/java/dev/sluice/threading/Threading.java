package dev.sluice.threading;

import dev.sluice.ServerStats;
import dev.sluice.events.Events;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.observe.LoopReport;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Who runs the loops: starts a server, or the loops of a client. */
public interface Threading {
    /** Starts listening and accepting; returns when connections are accepted. */
    Running start(Setup setup);

    /** Starts what dials out without an owner; see {@link dev.sluice.Client}. */
    Dialling dialling(Setup setup);

    /** A started server. Safe for use from any thread. */
    interface Running {
        SocketAddress address();

        ServerStats stats();

        /** See {@link dev.sluice.Server#events}. */
        default Events events() {
            throw new UnsupportedOperationException(
                    "the connections live in other processes, and none of their loops in this"
                            + " one: use Connection.events in a session");
        }

        /** See {@link dev.sluice.Server#loops}. */
        default List<LoopReport> loops() {
            return List.of();
        }

        /** See {@link dev.sluice.Server#connections}. */
        default ConnectionCensus connections(Predicate<ConnectionReport> wanted, int limit) {
            throw new UnsupportedOperationException(
                    "its connections live in worker processes, each of which knows its own");
        }

        /** See {@link dev.sluice.Server#features}. */
        default String features() {
            return "";
        }

        /** Looks at the listening socket anew, where other processes accept from it as well: somebody waits there. */
        default void acceptAgain() {}

        /** See {@link dev.sluice.Server#stop}. */
        long stop(Duration drain);
    }

    /** A started client. Safe for use from any thread. */
    interface Dialling {
        void dial(SocketAddress remote, dev.sluice.Service service);

        /** See {@link dev.sluice.Client#events}. */
        Events events();

        ServerStats stats();

        void stop();
    }
}
