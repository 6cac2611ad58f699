package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the engine of readiness owes to every poller, and no kernel does for it. */
@Timeout(60)
class ReadinessEngineTest {
    private static final int NEWCOMERS = 300;
    private static final int TURNS = 100;
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    static Stream<Arguments> pollers() {
        return Stream.<Supplier<Poller>>of(
                        () -> new EpollPoller(false),
                        () -> new EpollPoller(true),
                        PollPoller::new,
                        SelectPoller::new,
                        () -> new ScanPoller(0))
                .map(poller -> arguments(poller));
    }

    /** While it runs: a comparison reads them from a server at work. */
    @ParameterizedTest
    @MethodSource("pollers")
    void countsItsWaitsAmongTheSystemCalls(Supplier<Poller> poller) {
        Poller waiting = poller.get();
        try (var engine = new ReadinessEngine(waiting, 64 * 1024)) {
            engine.poll(0); // takes those of the poller's making along
            long before = engine.counters().systemCalls;
            for (int i = 0; i < TURNS; i++) {
                engine.poll(0);
            }
            int each = waiting instanceof ScanPoller ? 0 : 1;
            assertThat(engine.counters().systemCalls - before).isEqualTo((long) TURNS * each);
        }
    }

    /** One that loops or processes share can't be modified in epoll, only taken out and put back. */
    @ParameterizedTest
    @MethodSource("pollers")
    void aSharedListenerAcceptsAgainAfterEachPause(Supplier<Poller> poller) throws Exception {
        var engine = new ReadinessEngine(poller.get(), 64 * 1024);
        var told = new Told();
        try {
            Handle listener = engine.listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new ListenOptions(1024, false, true, false, false, true));
            listener.completion(told);
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            for (int pause = 0; pause < 3; pause++) {
                engine.accept(listener);
                engine.poll(0);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                for (int i = 0; i < TURNS && told.newcomers.size() <= pause; i++) {
                    engine.poll(TURN_NANOS);
                }
                socket.close();
                assertThat(told.newcomers).hasSize(pause + 1);
                assertThat(told.ends).isEmpty();
                engine.stopAccepting(listener);
                engine.poll(0);
            }
            for (Handle newcomer : told.newcomers) {
                newcomer.completion(new Told());
                engine.close(newcomer, false);
            }
            engine.close(listener, false);
        } finally {
            engine.close();
        }
    }

    /** More newcomers than one turn accepts: an edge-triggered poller tells of the listener once. */
    @ParameterizedTest
    @MethodSource("pollers")
    void acceptsTheWholeBacklogThoughItTakesSeveralTurns(Supplier<Poller> poller) throws Exception {
        var engine = new ReadinessEngine(poller.get(), 64 * 1024);
        var told = new Told();
        List<Socket> sockets = new ArrayList<>();
        try {
            Handle listener = engine.listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new ListenOptions(1024, false, true, false, false, false));
            listener.completion(told);
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            for (int i = 0; i < NEWCOMERS; i++) {
                sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            engine.accept(listener);
            for (int i = 0; i < TURNS && told.newcomers.size() < NEWCOMERS; i++) {
                engine.poll(TURN_NANOS);
            }
            assertThat(told.newcomers).hasSize(NEWCOMERS);
            for (Handle newcomer : told.newcomers) {
                newcomer.completion(new Told());
                engine.close(newcomer, false);
            }
            engine.close(listener, false);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            engine.close();
        }
    }
}
