package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
        return Stream.concat(waitingPollers(), Stream.of(arguments((Supplier<Poller>) () -> new ScanPoller(0))));
    }

    /** Those that a kernel tells of readiness: the scanning one calls everything ready. */
    static Stream<Arguments> waitingPollers() {
        return Stream.<Supplier<Poller>>of(
                        () -> new EpollPoller(false), () -> new EpollPoller(true), PollPoller::new, SelectPoller::new)
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

    /** Room that nobody waits for any more: a level-triggered kernel tells of it with every wait, and the loop never sleeps. */
    @ParameterizedTest
    @MethodSource("waitingPollers")
    void isNotToldOfRoomOnceOutputWaitsNoLonger(Supplier<Poller> poller) throws Exception {
        var engine = new ReadinessEngine(poller.get(), 64 * 1024);
        var told = new Told();
        var sender = new Told();
        try {
            Handle listener = engine.listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new ListenOptions(1024, false, true, false, false, false));
            listener.completion(told);
            engine.accept(listener);
            int port = ((InetSocketAddress) engine.localAddress(listener)).getPort();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    LoopChunkPool pool = new LoopChunkPool()) {
                for (int i = 0; i < TURNS && told.newcomers.isEmpty(); i++) {
                    engine.poll(TURN_NANOS);
                }
                Handle peer = told.newcomers.getFirst();
                peer.completion(sender);
                engine.receive(peer);
                Chunk chunk = pool.acquire();
                chunk.end = chunk.capacity();
                int results;
                do {
                    results = sender.sent.size();
                    chunk.start = 0;
                    engine.send(peer, chunk);
                    engine.poll(0);
                } while (sender.sent.size() > results);
                long left = sender.sent.stream().mapToLong(Long::longValue).sum();
                while (left > 0) { // until the kernel has room to tell of
                    left -= socket.getInputStream().readNBytes((int) Math.min(left, 64 * 1024)).length;
                    engine.poll(0);
                }
                for (int i = 0; i < TURNS && sender.sent.size() == results; i++) {
                    engine.poll(TURN_NANOS);
                }
                assertThat(sender.sent).as("the send that waited").hasSizeGreaterThan(results);
                engine.poll(0); // takes the interest back
                long events = engine.counters().readyEvents;
                for (int i = 0; i < TURNS; i++) {
                    engine.poll(0);
                }
                assertThat(engine.counters().readyEvents - events).isLessThan(TURNS / 2);
                pool.release(chunk);
                engine.close(peer, true);
                engine.close(listener, false);
                engine.poll(0);
            }
        } finally {
            engine.close();
        }
    }

    /** What a server that speaks first has sent before the loop looks: an edge-triggered kernel tells of it with the connect. */
    @ParameterizedTest
    @MethodSource("pollers")
    void hearsWhatArrivedBeforeItSawTheConnectEnd(Supplier<Poller> poller) throws Exception {
        var engine = new ReadinessEngine(poller.get(), 64 * 1024);
        var told = new Told();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Handle handle = engine.connect(server.getLocalSocketAddress());
            handle.completion(told);
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < TURNS && told.connected.isEmpty(); i++) {
                    engine.poll(TURN_NANOS);
                }
                engine.receive(handle);
                for (int i = 0; i < TURNS && told.bytes.size() == 0; i++) {
                    engine.poll(TURN_NANOS);
                }
                assertThat(told.bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
            }
            engine.close(handle, false);
            engine.poll(0);
        } finally {
            engine.close();
        }
    }
}
