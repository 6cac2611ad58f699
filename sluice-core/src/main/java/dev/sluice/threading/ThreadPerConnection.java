package dev.sluice.threading;

import dev.sluice.Options;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.Handle;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.Listening;
import dev.sluice.events.Events;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Predicate;

/** One platform thread for each connection, and one for each listener, in blocking system calls. */
public final class ThreadPerConnection implements Threading {
    @Override
    public Running start(Setup setup) {
        return new RunningThreads(setup);
    }

    @Override
    public Dialling dialling(Setup setup) {
        return new DiallingThreads(setup.options());
    }

    private static final class RunningThreads implements Running {
        private final Crew crew;
        private final LockDomain domain;
        private final Acceptor acceptor;
        private final SocketAddress address;
        private final boolean inherits;
        private boolean stopped;

        RunningThreads(Setup setup) {
            Service service = setup.requireService();
            Options options = setup.options();
            crew = new Crew(options, "sluice-threads");
            domain = crew.domain();
            ListenOptions listening = new ListenOptions(
                    options.backlogCount(), false, options.noDelay(), options.keepAlive(), false, false);
            inherits = setup.inheritsListener();
            domain.enter();
            try {
                Handle handle = inherits
                        ? domain.engine().listenOn(setup.listener())
                        : domain.engine().listen(setup.address(), listening);
                address = handle.localAddress();
                acceptor = domain.acceptor(handle, peer -> crew.welcome(peer, service));
                if (setup.besideOthers()) {
                    acceptor.leaveToOthers();
                }
                acceptor.start();
            } catch (RuntimeException e) {
                domain.end();
                crew.stop();
                throw e;
            } finally {
                domain.leave();
            }
        }

        @Override
        public SocketAddress address() {
            return address;
        }

        /** In the listener's domain. */
        @Override
        public Events events() {
            return domain.ownEvents();
        }

        @Override
        public ServerStats stats() {
            return crew.stats();
        }

        @Override
        public ConnectionCensus connections(Predicate<ConnectionReport> wanted, int limit) {
            return crew.connections(wanted, limit);
        }

        @Override
        public void acceptAgain() {
            domain.submit(acceptor::lookAgain);
        }

        @Override
        public synchronized long stop(Duration drain) {
            if (stopped) {
                return 0;
            }
            stopped = true;
            domain.submit(() -> acceptor.stop(inherits));
            if (!inherits) {
                Listening.unlink(address);
            }
            crew.drain(drain);
            return crew.stop();
        }
    }

    private static final class DiallingThreads implements Dialling {
        private final Crew crew;
        private final LockDomain domain;
        private volatile boolean stopped;

        DiallingThreads(Options options) {
            this.crew = new Crew(options, "sluice-threads");
            this.domain = crew.domain();
            domain.hold();
        }

        @Override
        public Events events() {
            return domain.ownEvents();
        }

        @Override
        public void dial(SocketAddress remote, Service service) {
            if (stopped) {
                throw new IllegalStateException("the client is closed");
            }
            crew.dial(remote, service);
        }

        @Override
        public ServerStats stats() {
            return crew.stats();
        }

        @Override
        public synchronized void stop() {
            if (!stopped) {
                stopped = true;
                crew.stop();
            }
        }
    }
}
