package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A world's own end of a connection: what a session under test talks to. It sends in pieces and when the seed says so, reads at
 * its pace, and may be hit by {@link Faults.Kind#PEER_RESET} and {@link Faults.Kind#HALF_CLOSE}. What it was told to expect and
 * doesn't get is a failure of the run, unless a fault explains it ({@link #isExcused}).
 *
 * <p>Methods return the peer, so that calls can be chained. For the world's thread; its own callbacks may call them.
 */
public final class Peer {
    private static final long REACTION_LEAST_NANOS = 500;
    private static final long REACTION_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long REST_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final double SENDS_A_PIECE = 0.2;
    private static final int CUT_BYTES = 16 * 1024;
    private static final int NEVER = Integer.MAX_VALUE;

    private final Host host;
    private final World world;
    private final SimSocket socket;
    private final Pollable.Watcher watcher = key -> actSoon();
    private final Bytes output = new Bytes();
    private final Bytes input = new Bytes();
    private final Bytes expected = new Bytes();
    private int sent;
    private boolean connected;
    private boolean endAsked;
    private boolean endSent;
    private boolean resetAsked;
    private boolean endSeen;
    private boolean endExpected;
    private boolean mayBreak;
    private boolean over;
    private boolean due;
    private boolean resting;
    private boolean paused;
    private int paceBytes = Integer.MAX_VALUE;
    private long paceNanos;
    private int cutAt = NEVER;
    private boolean cutResets;
    private boolean wasCut;
    private Runnable onConnected = () -> {};
    private Consumer<byte[]> onReceived = bytes -> {};
    private Runnable onEnded = () -> {};
    private IntConsumer onFailed = errno -> {};

    private Peer(Host host, SimSocket socket) {
        this.host = host;
        this.world = host.world;
        this.socket = socket;
        if (world.strikes(Faults.Kind.PEER_RESET)) {
            cutAt = (int) world.dice().spread(0, CUT_BYTES);
            cutResets = true;
        } else if (world.strikes(Faults.Kind.HALF_CLOSE)) {
            cutAt = (int) world.dice().spread(0, CUT_BYTES);
        }
        world.checks().add(this);
        socket.watch(watcher);
    }

    static Peer connecting(Host host, InetSocketAddress remote) {
        Peer peer = new Peer(host, new SimSocket(host));
        host.world.in(host.world.dice().spread(REACTION_LEAST_NANOS, REACTION_MOST_NANOS), () -> {
            if (!peer.over && !peer.socket.isGone()) {
                peer.socket.connect(remote);
            }
        });
        return peer;
    }

    static Peer accepted(Host host, SimSocket socket) {
        Peer peer = new Peer(host, socket);
        peer.connected = true;
        peer.actSoon();
        return peer;
    }

    // ---- what it is to do

    public Peer send(byte[] bytes) {
        output.add(bytes);
        actSoon();
        return this;
    }

    public Peer send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds to what it is to receive, from the first byte on. What comes is compared; more than that is a failure. */
    public Peer expect(byte[] bytes) {
        expected.add(bytes);
        return this;
    }

    public Peer expect(String text) {
        return expect(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The other side is to end behind what is expected. */
    public Peer expectEnd() {
        endExpected = true;
        return this;
    }

    /** The connection may break, or bring less than is expected, without a fault of the world's. */
    public Peer mayBreak() {
        mayBreak = true;
        return this;
    }

    /** Ends its side behind what it has to send. */
    public Peer end() {
        endAsked = true;
        actSoon();
        return this;
    }

    /** Resets the connection, at once. */
    public Peer reset() {
        resetAsked = true;
        actSoon();
        return this;
    }

    /** Reads so many bytes at most each time, and rests that long in between. */
    public Peer pace(int bytes, Duration rest) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a pace of " + bytes + " bytes; pauseReading() reads none");
        }
        paceBytes = bytes;
        paceNanos = rest.toNanos();
        return this;
    }

    public Peer pauseReading() {
        paused = true;
        return this;
    }

    public Peer resumeReading() {
        paused = false;
        actSoon();
        return this;
    }

    public Peer onConnected(Runnable action) {
        onConnected = action;
        return this;
    }

    /** Is given what came, a copy. */
    public Peer onReceived(Consumer<byte[]> action) {
        onReceived = action;
        return this;
    }

    public Peer onEnded(Runnable action) {
        onEnded = action;
        return this;
    }

    /** Is given the errno with which the connection broke, or was not established. */
    public Peer onFailed(IntConsumer action) {
        onFailed = action;
        return this;
    }

    /** Runs something after a while. */
    public Peer after(Duration delay, Runnable action) {
        world.after(delay, action);
        return this;
    }

    // ---- how it stands

    /** All that was received, a copy. */
    public byte[] received() {
        return input.copy();
    }

    public boolean isConnected() {
        return connected;
    }

    /** Whether the other side has ended. */
    public boolean hasEnded() {
        return endSeen;
    }

    /** Whether it has closed its end, or lost it. */
    public boolean isOver() {
        return over;
    }

    /** How many bytes it has handed to its kernel, of those that it was to send. */
    public int sentCount() {
        return sent;
    }

    /** Whether a fault has made it end its side before it had sent everything. */
    public boolean hasEndedEarly() {
        return wasCut && !cutResets;
    }

    /** Whether a fault has broken its connection, or the world is at its end. */
    public boolean isHit() {
        return (wasCut && cutResets)
                || socket.isSpoiled()
                || socket.isGone()
                || world.checks().isEnding();
    }

    /** Whether it can't be held to what it expects. */
    public boolean isExcused() {
        return mayBreak || resetAsked || hasEndedEarly() || isHit();
    }

    /**
     * Adds a line to the story, about this connection.
     *
     * @param event what happened; a {@code #} in it stands for the number
     */
    public void tell(String event, long number) {
        world.tell(host, number(), event, number);
    }

    /** Makes the run a failure: what came is not what had to come. */
    public void fail(String what) {
        world.checks().violated(host, number(), what, null);
    }

    Host host() {
        return host;
    }

    int number() {
        return socket.number();
    }

    /** What it waits for in vain, or null. */
    @Nullable
    String missing() {
        if (isExcused()) {
            return null;
        }
        if (!connected) {
            return "is not connected";
        }
        if (sent < output.count && !over) {
            return "can't send " + (output.count - sent) + " of its bytes";
        }
        if (input.count < expected.count) {
            return "expects " + (expected.count - input.count) + " bytes more";
        }
        return endExpected && !endSeen ? "expects the end" : null;
    }

    // ---- what it does

    private void actSoon() {
        if (!due && !over) {
            due = true;
            world.in(world.dice().spread(REACTION_LEAST_NANOS, REACTION_MOST_NANOS), () -> {
                due = false;
                act();
            });
        }
    }

    private void act() {
        if (over || socket.isGone()) {
            return;
        }
        if (resetAsked) {
            socket.resetOnClose();
            finish();
            return;
        }
        if (!connected && !connect()) {
            return;
        }
        readSome();
        writeSome();
        if (endSeen && endSent && !over) {
            finish();
        }
    }

    private boolean connect() {
        if (socket.isConnecting() || !socket.wasEstablished() && !socket.isReset()) {
            return false;
        }
        int error = socket.takeError();
        if (error != 0) {
            failed(error);
            return false;
        }
        connected = true;
        onConnected.run();
        return true;
    }

    private void readSome() {
        if (paused || resting || endSeen) {
            return;
        }
        int n = socket.receivable();
        while (n > 0 && !over && !paused) {
            int count = Math.min(n, paceBytes);
            int from = input.count;
            input.add(socket.input().stream, socket.input().read, count);
            socket.received(count);
            world.tell(host, number(), "the peer reads # bytes", count);
            compare(from);
            byte[] copy = new byte[count];
            System.arraycopy(input.array, from, copy, 0, count);
            onReceived.accept(copy);
            if (paceNanos > 0) {
                rest(paceNanos);
                return;
            }
            n = socket.receivable();
        }
        if (n == 0) {
            endSeen = true;
            world.tell(host, number(), "the peer reads the end", 0);
            onEnded.run();
        } else if (n < 0 && n != -Errno.EAGAIN) {
            failed(-n);
        }
    }

    private void rest(long nanos) {
        resting = true;
        world.in(nanos, () -> {
            resting = false;
            actSoon();
        });
    }

    private void compare(int from) {
        if (expected.count == 0) {
            return;
        }
        for (int i = from; i < input.count; i++) {
            if (i >= expected.count || input.array[i] != expected.array[i]) {
                world.checks().violated(host, number(), "byte " + i + " is not what the peer expects there", null);
                return;
            }
        }
    }

    private void writeSome() {
        int end = Math.min(output.count, cutAt);
        while (sent < end && !over && !endSent) {
            int room = socket.sendable();
            if (room == -Errno.EAGAIN) {
                return;
            }
            if (room < 0) {
                failed(-room);
                return;
            }
            boolean piece = world.dice().chance(SENDS_A_PIECE);
            int most = Math.min(room, end - sent);
            int count = piece ? (int) world.dice().spread(1, most) : most;
            System.arraycopy(output.array, sent, socket.output().reserve(count), socket.output().written, count);
            socket.sent(count);
            sent += count;
            world.tell(host, number(), "the peer sends # bytes", count);
            if (piece && sent < end) {
                world.in(world.dice().spread(1, REST_MOST_NANOS), this::actSoon);
                return;
            }
        }
        if (sent >= cutAt && !wasCut) {
            cut();
        } else if (endAsked && sent == output.count && !endSent && !over) {
            sendEnd();
        }
    }

    private void cut() {
        wasCut = true;
        if (cutResets) {
            world.tell(host, number(), "the peer resets at byte #", sent);
            socket.resetOnClose();
            finish();
        } else {
            world.tell(host, number(), "the peer ends early, at byte #", sent);
            sendEnd();
        }
    }

    private void sendEnd() {
        endSent = true;
        world.tell(host, number(), "the peer ends its side", 0);
        socket.shutdownOutput();
    }

    private void failed(int errno) {
        world.tell(host, number(), "the peer's connection fails with errno #", errno);
        if (!isExcused()) {
            world.checks()
                    .violated(
                            host,
                            number(),
                            "the peer's connection fails with " + Errno.name(errno) + ", and no fault explains it",
                            null);
        }
        finish();
        onFailed.accept(errno);
    }

    private void finish() {
        over = true;
        socket.unwatch(watcher);
        socket.close();
    }
}
