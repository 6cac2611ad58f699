package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Model.Ability;
import dev.sluice.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Tasks")
class TasksTest extends Conformance {
    /** Whose other end a session writes to, in its own process: a play is a copy, and holds no reference. */
    private static volatile @Nullable TestClient sender;

    /** Lets one callback in at a time, and tells when there are two. */
    static final class Gate {
        private final AtomicReference<Thread> inside = new AtomicReference<>();
        private final Trace trace;

        Gate(Trace trace) {
            this.trace = trace;
        }

        void pass(Actor.Step step) throws Exception {
            Thread self = Thread.currentThread();
            boolean entered = inside.get() != self;
            if (entered && !inside.compareAndSet(null, self)) {
                trace.say("overlap");
                entered = false;
            }
            try {
                step.run();
            } finally {
                if (entered) {
                    inside.set(null);
                }
            }
        }

        /** A task that passes this gate. */
        Runnable task(Runnable task) {
            return () -> {
                try {
                    pass(task::run);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            };
        }
    }

    /** A session all of whose callbacks pass a gate. */
    record Gated(Gate gate, Session session) implements Session {
        @Override
        public void opened() throws Exception {
            gate.pass(session::opened);
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            gate.pass(() -> session.received(input));
        }

        @Override
        public void drained() throws Exception {
            gate.pass(session::drained);
        }

        @Override
        public void ended() throws Exception {
            gate.pass(session::ended);
        }

        @Override
        public void closed(Cause cause) throws Exception {
            gate.pass(() -> session.closed(cause));
        }
    }

    @Test
    @DisplayName("tasks of another thread run in their order")
    void inOrder() throws Exception {
        serve(
                options().taskLimit(2_000),
                (c, t) -> new Actor(c, t)
                        .onOpened(() -> Thread.ofPlatform().start(() -> {
                            for (int i = 0; i < 1_000; i++) {
                                String number = i + " ";
                                c.execute(() -> Actor.write(c, number));
                            }
                            c.execute(c::end);
                        })));
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            expected.append(i).append(' ');
        }
        assertThat(connect().rest().text()).isEqualTo(expected.toString());
    }

    /** Counts, without any synchronization of its own, what tasks of several threads and its own input add. */
    static final class Counter extends Actor {
        private static final int THREADS = 4;
        private static final int TASKS = 500;
        static final int INPUT = 100_000;

        private int count;

        Counter(Connection connection, Trace trace, Gate gate) {
            super(connection, trace);
            onOpened(() -> {
                for (int i = 0; i < THREADS; i++) {
                    Thread.ofPlatform().daemon().start(() -> add(gate));
                }
            });
            onReceived(input -> {
                add(input.remaining());
                skip(input);
            });
        }

        private void add(Gate gate) {
            for (int i = 0; i < TASKS; i++) {
                while (!connection.execute(gate.task(() -> add(1)))) {
                    Thread.onSpinWait();
                }
            }
        }

        private void add(int more) {
            count += more;
            if (count == THREADS * TASKS + INPUT) {
                write(connection, "all");
            }
        }
    }

    @Test
    @DisplayName("callbacks, tasks and timers of a session never overlap, and each happens before the next")
    void neverOverlap() throws Exception {
        serve((c, t) -> {
            Gate gate = new Gate(t);
            for (int i = 0; i < 50; i++) {
                c.after(TimeUnit.MICROSECONDS.toNanos(100L * i), gate.task(() -> Actor.write(c, "")));
            }
            return new Gated(gate, new Counter(c, t, gate));
        });
        TestClient client = connect();
        byte[] some = Pattern.bytes(1_000);
        for (int sent = 0; sent < Counter.INPUT; sent += some.length) {
            client.send(some);
        }
        assertThat(client.read(3)).isEqualTo("all");
        client.end().rest();
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("closed END");
    }

    @Test
    @DisplayName("the queue of tasks is bounded: it refuses when full, and takes tasks again later")
    void boundedQueue() throws Exception {
        serve(
                options().taskLimit(16),
                (c, t) -> new Actor(c, t).onCommand(name -> {
                    int taken = 0;
                    for (int i = 0; i < 40; i++) {
                        taken += c.execute(() -> Actor.write(c, ".")) ? 1 : 0;
                    }
                    t.say("taken " + name + taken);
                }));
        TestClient client = connect();
        assertThat(client.send("a").read(16)).isEqualTo(".".repeat(16));
        assertThat(client.send("b").read(16)).isEqualTo(".".repeat(16));
        witness.await("taken b16");
        assertThat(witness.lines()).containsExactly("taken a16", "taken b16");
    }

    @Test
    @DisplayName("a task does not run inside the callback that asked for it")
    void notInside() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            c.execute(() -> t.say("task"));
            t.say("asked");
        }));
        connect().send("x");
        witness.await("task");
        assertThat(witness.lines()).containsExactly("asked", "task");
    }

    @Test
    @DisplayName("a task of another thread wakes a connection that waits")
    void wakes() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onOpened(() -> Thread.ofPlatform().daemon().start(() -> {
                    for (int i = 0; i < 50; i++) {
                        java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                        c.execute(() -> Actor.write(c, "x"));
                    }
                })));
        long began = System.nanoTime();
        assertThat(connect().read(50)).isEqualTo("x".repeat(50));
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    @DisplayName("after closed a task is refused, and from other threads as well")
    void refusedAfterClosed() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onClosed(() ->
                        Thread.ofPlatform().daemon().start(() -> t.say("execute " + c.execute(() -> t.say("task"))))));
        connect().close();
        assertThat(witness.awaitRest("execute ")).isEqualTo("false");
        assertThat(witness.atLast()).doesNotContain("task");
    }

    @Test
    @DisplayName("a task not run before the close is dropped")
    void droppedAtClose() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            c.execute(() -> t.say("task"));
            c.abort();
        }));
        assertThat(connect().send("x").isOver()).isTrue();
        witness.await("closed LOCAL");
        assertThat(witness.atLast()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("tasks that follow each other without end leave room for input")
    void tasksLeaveRoom() throws Exception {
        serve((c, t) -> {
            Runnable[] again = new Runnable[1];
            again[0] = () -> c.execute(again[0]);
            return Actor.echo(c, t).onOpened(again[0]::run);
        });
        TestClient client = connect();
        assertThat(client.ask("hello")).isEqualTo("hello");
        assertThat(client.ask("again")).isEqualTo("again");
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("what a task adds waits for the network to be seen")
    void nextTurn() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            t.say(String.valueOf(name));
            if (name == 'a') {
                c.execute(() -> {
                    sendB();
                    c.execute(() -> t.say("task"));
                });
            }
        }));
        TestClient client = connect();
        sender = client;
        client.send("a");
        witness.await("b");
        witness.await("task");
        assertThat(witness.lines()).containsExactly("a", "b", "task");
    }

    private static void sendB() {
        try {
            Objects.requireNonNull(sender).send("b");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
