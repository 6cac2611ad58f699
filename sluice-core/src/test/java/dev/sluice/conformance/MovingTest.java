package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.AcceptMode;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Directory;
import dev.sluice.FileRegion;
import dev.sluice.Model.Ability;
import dev.sluice.OpenFile;
import dev.sluice.Options;
import dev.sluice.threading.Loop;
import dev.sluice.threading.Mover;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session must not notice of a move, and what must not be lost on the way. */
@Tag("slow")
@OnEveryModel
@Needs(Ability.MOVE)
@DisplayName("Moving from loop to loop")
class MovingTest extends Conformance {
    /** Of the server under test, as far as connections were opened on them. */
    private static final List<Loop> LOOPS = new CopyOnWriteArrayList<>();

    @BeforeEach
    void forget() {
        LOOPS.clear();
    }

    /** Two loops, and no moves but the test's. */
    private Options.Builder twoLoops() {
        return options().loops(2).accept(AcceptMode.HANDOFF).balance(false);
    }

    private static void arrive(Connection connection) {
        Loop here = Mover.loopOf(connection);
        if (!LOOPS.contains(here)) {
            LOOPS.add(here);
        }
    }

    /** To the other loop. */
    private static void moveOn(Connection connection) {
        Loop here = Mover.loopOf(connection);
        for (Loop loop : LOOPS) {
            if (loop != here) {
                Mover.move(connection, loop);
            }
        }
    }

    /** Moves at every chance: with each input, and by itself as often as a timer can fire. */
    private static void wander(Connection connection) {
        connection.after(TimeUnit.MICROSECONDS.toNanos(20), () -> {
            moveOn(connection);
            wander(connection);
        });
    }

    /** An echo that wanders, after its first input. */
    private static Actor wanderer(Connection c, Trace t) {
        arrive(c);
        boolean[] wanders = new boolean[1];
        return new Actor(c, t).onReceived(input -> {
            if (!wanders[0]) {
                wanders[0] = true;
                wander(c);
            }
            c.write(input);
            moveOn(c);
        });
    }

    /** Starts a play whose command m is a move, and has the loops known. */
    private TestClient start(Options.Builder options, Play play) throws Exception {
        serveAlone(options, (c, t) -> {
            arrive(c);
            return play.open(c, t);
        });
        TestClient client = connect();
        connect();
        Await.until("two loops", () -> LOOPS.size() == 2);
        return client;
    }

    private void move(TestClient client) throws Exception {
        long before = server().stats().moved();
        client.send("m");
        Await.until("a move", () -> server().stats().moved() > before);
    }

    /** Commands of one letter. */
    private static Actor onCommand(Connection c, Trace t, Actor.Command command) {
        return new Actor(c, t).onCommand(name -> {
            if (name == 'm') {
                moveOn(c);
            } else {
                command.run(name);
            }
        });
    }

    // ---- bytes

    @Test
    @DisplayName("however often connections move, what is echoed is what was sent, and nothing stays behind")
    void storm() throws Exception {
        serve(Actor::echo);
        connect().ask("first"); // what the first use of a class opens stays open: archives
        long descriptors = Census.descriptorsOfThisProcess();
        serveAlone(twoLoops(), MovingTest::wanderer);
        List<Thread> threads = new ArrayList<>();
        List<TestClient> clients = new ArrayList<>();
        List<String> wrong = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 6; i++) {
            TestClient client = TestClient.connect((InetSocketAddress) server().address());
            clients.add(client);
            threads.add(Thread.ofPlatform().daemon().start(() -> echo(client, 300, wrong)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(server().stats().moved()).isGreaterThan(100);
        for (TestClient client : clients) {
            client.close();
        }
        Await.until("all closed", () -> server().stats().open() == 0);
        assertThat(server().stats().closed()).isEqualTo(6);
        Await.until(
                () -> "no lent buffer in " + server().stats(),
                () -> server().stats().lentBuffers() == 0);
        assertThat(stop(Duration.ZERO)).isZero();
        Await.until(
                () -> descriptors + " descriptors; there are " + Census.descriptorsOfThisProcess(),
                () -> Census.descriptorsOfThisProcess() <= descriptors);
    }

    /** Sends pieces of all sizes, and reads each back; tells what was wrong. */
    private static void echo(TestClient client, int pieces, List<String> wrong) {
        long position = 0;
        try {
            for (int i = 0; i < pieces; i++) {
                int size = ThreadLocalRandom.current().nextInt(1, i % 10 == 0 ? 50_000 : 500);
                byte[] piece = Pattern.fill(new byte[size], position);
                if (!Arrays.equals(client.send(piece).readBytes(size), piece)) {
                    wrong.add("bytes behind " + position);
                }
                position += size;
            }
        } catch (IOException e) {
            wrong.add(e + " behind " + position);
        }
    }

    @Test
    @DisplayName("a stream that never pauses is not torn by moves")
    void stream() throws Exception {
        serveAlone(twoLoops(), MovingTest::wanderer);
        connect().ask("first");
        connect().ask("second");
        TestClient client = connect();
        int size = Tier.now().streamBytes / 4;
        Thread sender = Thread.ofPlatform().daemon().start(() -> {
            byte[] piece = new byte[1_000];
            try {
                for (int sent = 0; sent < size; sent += piece.length) {
                    client.send(Pattern.fill(new byte[Math.min(piece.length, size - sent)], sent));
                }
                client.end();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        sender.join();
        witness.await("closed END");
    }

    // ---- tasks and timers

    @Test
    @DisplayName(
            "tasks of other threads find it wherever it is: none is lost, none overlaps, each thread's run in order")
    void tasks() throws Exception {
        serveAlone(twoLoops().taskLimit(64), (c, t) -> {
            arrive(c);
            TasksTest.Gate gate = new TasksTest.Gate(t);
            return new TasksTest.Gated(gate, new Counter(c, t, gate));
        });
        TestClient client = connect();
        connect();
        Await.until("two loops", () -> LOOPS.size() == 2);
        assertThat(client.send("x").read(3)).isEqualTo("all");
        assertThat(witness.lines()).doesNotContain("overlap", "disorder");
        assertThat(server().stats().moved()).isGreaterThan(10);
    }

    /** Counts, without synchronization of its own, what threads have it count while it wanders. */
    private static final class Counter extends Actor {
        private static final int THREADS = 3;
        private static final int TASKS = 3_000;

        private final int[] next = new int[THREADS];
        private int count;

        Counter(Connection connection, Trace trace, TasksTest.Gate gate) {
            super(connection, trace);
            onReceived(input -> {
                skip(input);
                wander(connection);
                for (int i = 0; i < THREADS; i++) {
                    int thread = i;
                    Thread.ofPlatform().daemon().start(() -> send(thread, gate));
                }
            });
        }

        private void send(int thread, TasksTest.Gate gate) {
            for (int i = 0; i < TASKS; i++) {
                int number = i;
                while (!connection.execute(gate.task(() -> take(thread, number)))) {
                    Thread.onSpinWait();
                }
                if (i % 8 == 0) {
                    LockSupport.parkNanos(1_000); // it moves only when none waits
                }
            }
        }

        private void take(int thread, int number) {
            if (next[thread]++ != number) {
                trace.say("disorder");
            }
            if (++count == THREADS * TASKS) {
                write(connection, "all");
            }
        }
    }

    @Test
    @DisplayName("timers go along, fire in their order, and can be cancelled afterwards")
    void timers() throws Exception {
        TestClient client = start(twoLoops(), (c, t) -> {
            List<Connection.Timer> timers = new ArrayList<>();
            return onCommand(c, t, name -> {
                if (name == 's') {
                    long delay = TimeUnit.MILLISECONDS.toNanos(200);
                    timers.add(c.after(2 * delay, () -> t.say("cancelled")));
                    c.after(delay, () -> Actor.write(c, "1"));
                    c.after(delay, () -> Actor.write(c, "2"));
                    c.after(delay / 2, () -> Actor.write(c, "0"));
                    c.after(3 * delay, () -> Actor.write(c, "3"));
                } else {
                    timers.forEach(Connection.Timer::cancel);
                }
            });
        });
        client.send("s");
        move(client);
        client.send("c");
        assertThat(client.read(4)).isEqualTo("0123");
        assertThat(witness.lines()).isEmpty();
    }

    @Test
    @DisplayName("the idle deadline goes along")
    void idle() throws Exception {
        TestClient client =
                start(twoLoops().idleTimeout(Duration.ofMillis(400)), (c, t) -> onCommand(c, t, name -> {}));
        long began = System.nanoTime();
        move(client);
        assertThat(client.isOver()).isTrue();
        assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(300));
        witness.await("closed TIMEOUT");
    }

    // ---- output and ends

    @Test
    @DisplayName("a file is sent from the new loop")
    void file(@TempDir Path directory) throws Exception {
        int size = 1 << 20;
        Files.write(directory.resolve("file"), Pattern.bytes(size));
        String name = directory.toString();
        TestClient client = start(
                twoLoops(),
                (c, t) -> onCommand(c, t, command -> {
                    try (Directory opened = c.files().directory(Path.of(name))) {
                        OpenFile file = opened.open("file", false).file();
                        c.transfer(new FileRegion(file, 0, file.sizeBytes()));
                        moveOn(c); // behind the file
                        file.release();
                        c.end();
                    }
                }));
        move(client);
        client.send("f");
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        Await.until("the move behind the file", () -> server().stats().moved() == 2);
    }

    @Test
    @DisplayName("either side can end first after a move, and the other goes on")
    void halfClose() throws Exception {
        TestClient client = start(
                twoLoops(),
                (c, t) -> onCommand(c, t, name -> {
                            if (name == 'e') {
                                c.end();
                            } else {
                                t.say("command " + name);
                            }
                        })
                        .onEnded(() -> {
                            t.say("ended");
                            Actor.write(c, "bye");
                            c.end();
                        }));
        move(client);
        client.end();
        assertThat(client.rest().text()).isEqualTo("bye");
        witness.await("closed END");

        TestClient second = connect();
        move(second);
        second.send("e");
        assertThat(second.rest().text()).isEmpty();
        move(second); // its output is over
        second.send("x");
        witness.await("command x");
        second.end();
        witness.await("closed END", 2);
    }

    @Test
    @DisplayName("a connection that reads nothing now moves as well, and reads later")
    void paused() throws Exception {
        TestClient client = start(
                twoLoops(),
                (c, t) -> onCommand(c, t, name -> {
                    if (name == 'p') {
                        c.pauseReading();
                        moveOn(c);
                        c.after(TimeUnit.MILLISECONDS.toNanos(50), c::resumeReading);
                    } else {
                        Actor.write(c, "" + name);
                    }
                }));
        client.send("p");
        Await.until("a move", () -> server().stats().moved() == 1);
        assertThat(client.send("abc").read(3)).isEqualTo("abc");
    }

    @Test
    @DisplayName("a reset is told after a move")
    void reset() throws Exception {
        TestClient client = start(twoLoops(), (c, t) -> onCommand(c, t, name -> {}));
        move(client);
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a server can stop while connections move: each is told and cut once")
    void stopping() throws Exception {
        serveAlone(twoLoops(), (c, t) -> wanderer(c, t).onStopping(() -> t.say("stopping")));
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(connect());
            assertThat(clients.getLast().ask("hello")).isEqualTo("hello");
        }
        Await.until("moves", () -> server().stats().moved() > 20);
        assertThat(stop(Duration.ofMillis(50))).isEqualTo(20);
        for (TestClient client : clients) {
            assertThat(client.isOver()).isTrue();
        }
        assertThat(witness.count("stopping")).isEqualTo(20);
        assertThat(witness.count("closed STOPPED")).isEqualTo(20);
        assertThat(server().stats().open()).isZero();
    }

    @Test
    @Needs(Ability.DIAL)
    @DisplayName("a connection that dialled stays with what it dialled")
    void owner() throws Exception {
        TestClient client = start(
                twoLoops(),
                (c, t) -> onCommand(c, t, name -> {
                    if (name == 'd') {
                        Client.dial(c, c.localAddress(), far -> new Actor(far, t).onOpened(() -> t.say("dialled")));
                    } else {
                        Actor.write(c, "" + name);
                    }
                }));
        client.send("d");
        witness.await("dialled");
        assertThat(client.send("mx").read(1)).isEqualTo("x");
        assertThat(client.send("mx").read(1)).isEqualTo("x");
        assertThat(server().stats().moved()).isZero();
    }

    // ---- the balance

    @Test
    @DisplayName("busy connections that are all on one loop spread out, and stay there")
    void spread() throws Exception {
        serveAlone(options().loops(2).accept(AcceptMode.HANDOFF), (c, t) -> {
            arrive(c);
            boolean[] begun = new boolean[1];
            return new Actor(c, t).onReceived(input -> {
                if (!begun[0]) {
                    begun[0] = true;
                    Mover.move(c, LOOPS.getFirst());
                }
                compute();
                c.write(input);
            });
        });
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(connect());
            assertThat(clients.getLast().ask("hello")).isEqualTo("hello");
        }
        Await.until("all on one loop", () -> server().stats().moved() == 2);
        List<Thread> threads = new ArrayList<>();
        List<String> wrong = new CopyOnWriteArrayList<>();
        AtomicBoolean enough = new AtomicBoolean();
        for (TestClient client : clients) {
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; !enough.get(); i++) {
                    ask(client, i, wrong);
                }
            }));
        }
        // Half of them, or with other things running on this machine nearly so.
        Await.until(
                () -> "a spread in " + server().stats(), () -> server().stats().moved() > 2);
        Await.pass(1_500, () -> server().stats().moved() > 5);
        enough.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }

    private static void ask(TestClient client, int number, List<String> wrong) {
        byte[] piece = Pattern.fill(new byte[100], number);
        try {
            if (!Arrays.equals(client.send(piece).readBytes(piece.length), piece)) {
                wrong.add("bytes of number " + number);
            }
        } catch (IOException e) {
            wrong.add(e + " at number " + number);
        }
    }

    /** A millisecond of work. */
    private static void compute() {
        long began = System.nanoTime();
        while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(1)) {
            Thread.onSpinWait();
        }
    }
}
