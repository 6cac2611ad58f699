package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Model.Ability;
import dev.sluice.events.Child;
import dev.sluice.events.ChildHandler;
import dev.sluice.events.Command;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Events;
import dev.sluice.events.Exit;
import dev.sluice.events.FileChange;
import dev.sluice.events.FileChanges;
import dev.sluice.events.FileHandler;
import dev.sluice.events.NameHandler;
import dev.sluice.os.CallState;
import dev.sluice.os.Signals;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEveryModel
@Needs(Ability.KERNEL_EVENTS)
@DisplayName("Events")
class EventsTest extends Conformance {
    /** Of signal(7), with no effect where nobody handles it. */
    private static final int WINCH = 28;

    private static final Duration LONG = Duration.ofSeconds(10);

    /** Says what a child does. */
    private record Told(Connection connection, Trace trace) implements ChildHandler {
        @Override
        public void output(ByteBuffer bytes) {
            connection.write(bytes);
        }

        @Override
        public void errors(ByteBuffer bytes) {
            trace.say("errors " + Actor.text(bytes).trim());
        }

        @Override
        public void exited(Exit exit) {
            trace.say("child " + exit);
        }

        @Override
        public void closed() {
            trace.say("child closed");
            connection.end();
        }
    }

    private static void signalThisProcess(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            int sent = Signals.kill((int) ProcessHandle.current().pid(), signal, new CallState(arena));
            assertThat(sent).isZero();
        }
    }

    @Test
    @DisplayName("a signal to the process is told in the session's domain, and counted")
    void signal() throws Exception {
        serve((c, t) -> {
            var source = c.events().onSignal("WINCH", count -> Actor.write(c, "s"));
            return new Actor(c, t).onCommand(name -> {
                if (name == 'k') {
                    signalThisProcess(WINCH);
                } else {
                    source.close();
                    signalThisProcess(WINCH);
                    Actor.write(c, "closed");
                }
            });
        });
        TestClient client = connect();
        assertThat(client.send("k").read(1)).isEqualTo("s");
        assertThat(client.send("k").read(1)).isEqualTo("s");
        assertThat(client.send("x").read(6)).isEqualTo("closed");
        assertThat(client.end().rest().text()).isEmpty();
    }

    @Test
    @DisplayName("a signal that the virtual machine keeps for itself is refused")
    void refusedSignal() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            try {
                c.events().onSignal("SEGV", count -> {});
            } catch (IllegalArgumentException e) {
                t.say("refused " + e.getMessage());
            }
        }));
        connect();
        assertThat(witness.awaitRest("refused ")).contains("SIGSEGV");
    }

    @Test
    @DisplayName("a child's input and output are streams, and its exit status is told")
    void child() throws Exception {
        serve((c, t) -> {
            Child cat =
                    c.events().processes().spawn(Command.of("sh", "-c", "cat; echo done >&2; exit 3"), new Told(c, t));
            return new Actor(c, t).onReceived(cat::write).onEnded(cat::endInput);
        });
        TestClient client = connect();
        byte[] bytes = Pattern.bytes(300_000); // more than a pipe holds
        beside(() -> client.send(bytes).end());
        assertThat(client.rest().bytes()).isEqualTo(bytes);
        witness.await("child closed");
        assertThat(witness.lines())
                .contains("errors done")
                .containsSubsequence("child exited with code 3", "child closed");
    }

    @Test
    @DisplayName("a child that is killed says so, and leaves no zombie")
    void killed() throws Exception {
        serve((c, t) -> {
            Child child = c.events().processes().spawn(Command.of("sleep", "1000"), new Told(c, t));
            t.say("pid " + child.pid());
            return new Actor(c, t).onCommand(name -> child.kill());
        });
        TestClient client = connect();
        long pid = Long.parseLong(witness.awaitRest("pid "));
        client.send("k");
        witness.await("child killed by signal 9");
        Await.until("no zombie", () -> isGone(pid));
    }

    private static boolean isGone(long pid) {
        return !Files.exists(Path.of("/proc/" + pid));
    }

    @Test
    @DisplayName("a child ends with the connection that started it, and is waited for")
    void endsWithItsConnection() throws Exception {
        serve((c, t) -> {
            t.say("pid "
                    + c.events()
                            .processes()
                            .spawn(Command.of("sleep", "1000"), new Told(c, t))
                            .pid());
            return new Actor(c, t);
        });
        TestClient client = connect();
        long pid = Long.parseLong(witness.awaitRest("pid "));
        client.end().rest();
        Await.until("its end", () -> isGone(pid));
        assertThat(witness.atLast()).doesNotContain("child killed by signal 9");
    }

    @Test
    @DisplayName("a program that can't be started is refused with the reason")
    void noSuchProgram() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            try {
                c.events().processes().spawn(Command.of("no-such-program"), new Told(c, t));
            } catch (RuntimeException e) {
                t.say("refused " + e.getMessage());
            }
        }));
        connect();
        assertThat(witness.awaitRest("refused ")).contains("no-such-program").contains("ENOENT");
    }

    /** Counts what a child writes, and stops reading it where there is much. */
    private static final class Flooded implements ChildHandler {
        private static final long MUCH = 200_000;

        private final Trace trace;
        private long read;
        private Child child;

        Flooded(Connection connection, Trace trace) {
            this.trace = trace;
            this.child = connection.events().processes().spawn(Command.of("yes"), this);
        }

        @Override
        public void output(ByteBuffer bytes) {
            read += bytes.remaining();
            Actor.skip(bytes);
            if (read > MUCH) {
                child.pauseOutput();
                trace.say("paused " + read);
            }
        }

        @Override
        public void exited(Exit exit) {
            trace.say("child " + exit);
        }
    }

    @Test
    @DisplayName("a child that floods its output waits while nobody reads, and goes on when somebody does")
    void floodingChild() throws Exception {
        serve((c, t) -> {
            Flooded flooded = new Flooded(c, t);
            return new Actor(c, t).onCommand(name -> {
                if (name == '?') {
                    Actor.write(c, flooded.read > Flooded.MUCH + 128 * 1024 ? "much" : "some");
                } else {
                    flooded.read = 0;
                    flooded.child.resumeOutput();
                }
            });
        });
        TestClient client = connect();
        witness.awaitRest("paused ");
        Await.pass(50);
        assertThat(client.send("?").read(4)).isEqualTo("some"); // not more than a turn's
        client.send("r");
        Await.until("the second pause", () -> witness.lines("paused ").size() == 2);
        assertThat(client.send("?").read(4)).isEqualTo("some");
    }

    /** What is told of files. */
    private record Changes(Trace trace, Path folder) implements FileHandler {
        @Override
        public void changed(FileChange change) {
            trace.say(change.kind() + " " + folder.relativize(change.path()));
        }

        @Override
        public void overflowed() {
            trace.say("overflowed");
        }
    }

    @Test
    @DisplayName("changes of a directory's files are told in their order")
    void files(@TempDir Path directory) throws Exception {
        String folder = directory.toString();
        serve((c, t) -> {
            FileChanges changes = c.events().fileChanges(new Changes(t, Path.of(folder)));
            changes.watch(Path.of(folder));
            t.say("watching");
            return new Actor(c, t);
        });
        connect();
        witness.await("watching");
        Path file = Files.writeString(directory.resolve("a"), "1");
        Files.move(file, directory.resolve("b"));
        Files.delete(directory.resolve("b"));
        Files.delete(directory);
        witness.await("UNWATCHED ");
        assertThat(witness.lines())
                .containsSubsequence(
                        "CREATED a",
                        "MODIFIED a",
                        "WRITTEN a",
                        "MOVED_FROM a",
                        "MOVED_TO b",
                        "DELETED b",
                        "DELETED ",
                        "UNWATCHED ");
    }

    @Test
    @DisplayName("of 10,000 changes none is lost")
    void manyFiles(@TempDir Path directory) throws Exception {
        String folder = directory.toString();
        serve((c, t) -> {
            long[] count = {0};
            FileChanges changes = c.events().fileChanges(change -> {
                if (change.kind() == FileChange.Kind.DELETED && ++count[0] == 3_400) {
                    t.say("all deleted");
                }
            });
            changes.watch(Path.of(folder));
            t.say("watching");
            return new Actor(c, t);
        });
        connect();
        witness.await("watching");
        for (int i = 0; i < 3_400; i++) { // each is created, closed and deleted: 10,200 changes
            Files.delete(Files.createFile(directory.resolve("file-" + i)));
        }
        witness.await("all deleted");
    }

    /** Says that there were more than the kernel keeps. */
    private record Overflows(Trace trace) implements FileHandler {
        @Override
        public void changed(FileChange change) {}

        @Override
        public void overflowed() {
            trace.say("overflowed");
        }
    }

    @Test
    @Tag("slow")
    @DisplayName("changes that nobody reads are bounded, and their loss is told")
    void overflow(@TempDir Path directory) throws Exception {
        String folder = directory.toString();
        serve((c, t) -> {
            FileChanges changes = c.events().fileChanges(new Overflows(t));
            changes.watch(Path.of(folder));
            changes.pause();
            t.say("paused");
            return new Actor(c, t).onCommand(name -> changes.resume());
        });
        TestClient client = connect();
        witness.await("paused");
        long most = mostQueued();
        for (int i = 0; i <= most / 2; i++) { // a file is created, and deleted, and perhaps closed
            Files.delete(Files.createFile(directory.resolve("f")));
        }
        client.send("r");
        witness.await("overflowed");
    }

    /** By one read(2): a second one of such a file finds its end, and readString() begins with one byte. */
    private static long mostQueued() throws IOException {
        try (var reader = Files.newBufferedReader(Path.of("/proc/sys/fs/inotify/max_queued_events"))) {
            return Long.parseLong(reader.readLine());
        }
    }

    /** Says how a look-up ended. */
    private record Names(Trace trace) implements NameHandler {
        @Override
        public void resolved(List<InetAddress> addresses) {
            trace.say("resolved " + addresses.getFirst().isLoopbackAddress());
        }

        @Override
        public void failed(String reason) {
            trace.say("failed " + reason);
        }
    }

    @Test
    @DisplayName("names are resolved, and one that nobody has fails")
    void names() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.events().resolve("localhost", LONG, new Names(t));
            c.events().resolve("no-such-name.invalid", LONG, new Names(t));
            c.events().resolve("localhost", LONG, new Names(t)).close();
        }));
        connect();
        witness.await("resolved true");
        assertThat(witness.awaitRest("failed ")).contains("no-such-name.invalid");
        assertThat(witness.atLast().stream().filter("resolved true"::equals)).hasSize(1);
    }

    @Test
    @DisplayName("a handler that throws loses its source, and nothing else")
    void throwingHandler() throws Exception {
        serve((c, t) -> {
            c.events().onSignal("WINCH", count -> {
                t.say("told");
                throw new IllegalStateException("thrown by a test");
            });
            return Actor.echo(c, t).onReceived(input -> {
                signalThisProcess(WINCH);
                c.write(input);
            });
        });
        TestClient client = connect();
        assertThat(client.ask("a")).isEqualTo("a");
        witness.await("told");
        assertThat(client.ask("b")).isEqualTo("b");
        assertThat(client.ask("c")).isEqualTo("c");
        assertThat(witness.atLast().stream().filter("told"::equals)).hasSize(1);
    }

    /** Opens one of each kind. */
    private static void openAll(Connection c, Trace t) {
        Events events = c.events();
        events.onSignal("WINCH", count -> {});
        events.processes().spawn(Command.of("sleep", "1000"), new Told(c, t));
        events.fileChanges(change -> {}).watch(Path.of("/tmp"));
        events.datagrams(localOptions(), (bytes, from, truncated) -> {});
        t.say("open");
    }

    @Test
    @DisplayName("every descriptor, child and thread is back when the connection is closed, and when the server is")
    void allIsBack() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> openAll(c, t)));
        comeAndGo(); // what is loaded once is loaded
        witness.await("closed END");
        Await.until("no child", () -> children() == 0);
        long before = Census.descriptors();
        Set<Long> threads = Census.threads();
        comeAndGo();
        Await.until("two ends", () -> witness.lines("closed END").size() == 2);
        Await.until(
                () -> "descriptors back: " + Census.descriptors() + " of " + before,
                () -> Census.descriptors() <= before);
        connect();
        Await.until("three", () -> witness.lines("open").size() == 3);
        stop(Duration.ZERO);
        Await.until("no child", () -> children() == 0);
        Await.until(
                () -> "threads back: " + Census.runtimeThreadsBeyond(threads),
                () -> Census.runtimeThreadsBeyond(threads).isEmpty());
    }

    private void comeAndGo() throws Exception {
        try (TestClient client = connect()) {
            client.end().rest();
        }
    }

    /** Programs that sessions started, here or in a worker. */
    private static long children() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> p.info().command().orElse("").endsWith("sleep"))
                .count();
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("what belongs to no connection is told on one loop, and ends with the server")
    void ofTheServer() throws Exception {
        serveAlone(options(), Actor::echo);
        Events events = server().events();
        AtomicLong pid = new AtomicLong();
        assertThat(events.execute(() -> {
                    new DatagramsTest.Echoing(events, witness.trace(), localOptions());
                    pid.set(events.processes()
                            .spawn(
                                    Command.of("sleep", "1000"),
                                    exit -> witness.trace().say("exited"))
                            .pid());
                }))
                .isTrue();
        int port = Integer.parseInt(witness.awaitRest("port "));
        try (UdpClient client = new UdpClient("127.0.0.1", port)) {
            assertThat(client.ask("hello")).isEqualTo("hello");
        }
        Await.until("the child", () -> pid.get() > 0);
        stop(Duration.ZERO);
        Await.until("its end", () -> isGone(pid.get()));
        assertThat(events.execute(() -> {})).isFalse();
    }

    private static DatagramOptions localOptions() {
        return DatagramOptions.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }
}
