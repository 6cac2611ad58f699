package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Priority;
import dev.sluice.Session;
import dev.sluice.events.Events;
import dev.sluice.threading.Loop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A watched session whose runtime is the test: it calls the session, and plays its connection, as wrongly as it likes. */
final class Stage implements AutoCloseable {
    static final Options OPTIONS = Options.builder()
            .outputMarks(10, 100)
            .outputLimit(1000)
            .inputLimit(10)
            .turnBytes(10)
            .build();

    final World world =
            World.builder(1).faults(Faults.none()).buffers(1 << 20, 1 << 20).build();
    final Host here = world.host("here");
    final List<Peer> peers = new ArrayList<>();
    final SimSocket socket = new SimSocket(here);
    final Played played = new Played();
    final Session session;
    final Connection connection;

    Stage() throws Exception {
        Host there = world.host("there");
        there.accept(7, peer -> peers.add(peer.mayBreak()));
        socket.connect(there.address(7));
        world.run();
        Connection[] seen = new Connection[1];
        session = world.checks()
                .watch(
                        c -> {
                            seen[0] = c;
                            return new Session() {
                                @Override
                                public void received(ByteBuffer input) {
                                    input.position(input.limit());
                                }

                                @Override
                                public void ended() {}
                            };
                        },
                        here,
                        loop(),
                        () -> socket)
                .open(played);
        connection = seen[0];
    }

    /** A loop that is never started. */
    static Loop loop() {
        return new Loop("played", OPTIONS, -1, () -> {
            throw new IllegalStateException("never started");
        });
    }

    Peer peer() {
        return peers.getFirst();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    /** The peer sends, and the kernel is read. */
    void arrive(String text) {
        peer().send(text);
        world.run(java.time.Duration.ofSeconds(1));
        socket.received(text.length());
    }

    /** The kernel takes bytes of output. */
    void take(String text) {
        byte[] bytes = bytes(text);
        System.arraycopy(bytes, 0, socket.output().reserve(bytes.length), socket.output().written, bytes.length);
        played.queued -= bytes.length;
        socket.sent(bytes.length);
    }

    void closed(Cause cause) throws Exception {
        socket.close();
        session.closed(cause);
    }

    /** What was found; nothing where all is well. */
    @Nullable
    String found() {
        try {
            world.throwFailure();
            return null;
        } catch (WorldFailure e) {
            return e.what();
        }
    }

    @Override
    public void close() {
        try {
            world.close();
        } catch (WorldFailure e) {
            // a stage is left in the middle of a play
            if (found() == null) {
                throw e;
            }
        }
    }

    /** A connection that does nothing by itself. */
    static final class Played implements Connection {
        long queued;
        boolean mayGoOn = true;
        boolean takes = true;
        final List<Runnable> tasks = new ArrayList<>();
        final List<Runnable> timers = new ArrayList<>();

        @Override
        public boolean write(ByteBuffer bytes) {
            queued += takes ? bytes.remaining() : 0;
            bytes.position(bytes.limit());
            return mayGoOn;
        }

        @Override
        public boolean write(byte[] bytes, int offset, int length) {
            queued += takes ? length : 0;
            return mayGoOn;
        }

        @Override
        public boolean transfer(FileRegion region) {
            return false;
        }

        @Override
        public void end() {}

        @Override
        public void close() {}

        @Override
        public void abort() {}

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void readIndependently() {}

        @Override
        public void idleTimeout(long nanos) {}

        @Override
        public void priority(Priority priority) {}

        @Override
        public boolean execute(Runnable task) {
            return tasks.add(task);
        }

        @Override
        public Timer after(long delayNanos, Runnable task) {
            return timer(task);
        }

        @Override
        public Timer every(long periodNanos, Runnable task) {
            return timer(task);
        }

        @Override
        public Timer timer(Runnable task) {
            timers.add(task);
            return new Timer() {
                @Override
                public void start(long delayNanos) {}

                @Override
                public void cancel() {}
            };
        }

        @Override
        public long queuedBytes() {
            return queued;
        }

        @Override
        public long unsentBytes() {
            return 0;
        }

        @Override
        public long turnNanos() {
            return 0;
        }

        @Override
        public Events events() {
            throw new UnsupportedOperationException("it has no loop, and so no events");
        }

        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public void remoteAddress(SocketAddress client) {
            throw new UnsupportedOperationException("nobody tells of another client here");
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public long currentTimeMillis() {
            return 0;
        }

        @Override
        public RandomGenerator random() {
            return new Dice(1);
        }

        @Override
        public Files files() {
            throw new UnsupportedOperationException("no files on a stage");
        }
    }
}
