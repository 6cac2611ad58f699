package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.threading.DomainMember;
import dev.sluice.threading.Loop;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one session and its connection from both sides, the session's calls and the world's bytes, and held
 * against the contract of {@link Session} and {@link Connection}. It needs nothing of the session.
 */
final class Watch {
    /** What can be done must be done within this time, pauses of a loop and jams of a buffer included. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Bytes that an engine may have under way to a session: the loop's receive buffer, and as much again. */
    private static final int UNDER_WAY_BYTES = 128 * 1024;

    private enum State {
        OPENING,
        OPENED,
        CLOSED
    }

    private final Checks checks;
    private final World world;
    final Host host;
    private final Loop loop;
    private final Options options;
    private final Connection connection;
    private final Supplier<@Nullable SimSocket> finder;
    /** Null until there is one: a ring opens it later. */
    private @Nullable SimSocket socket;

    private final WatchedTimers timers;
    private final WatchedSilence silence;

    private State state = State.OPENING;
    private boolean wasOpened;
    private boolean calling;
    private boolean threw;
    private boolean endTold;
    private boolean paused;
    private boolean independent;
    private boolean awaitsDrain;
    private boolean endAsked;
    private boolean closeAsked;
    private boolean abortAsked;
    private boolean limitPassed;
    /** What another session wrote last and was not taken. */
    private int refusedBytes;

    /** What the session has written, and of its input what it has read. */
    private final WatchedOutput written = new WatchedOutput();

    private int consumed;
    private int offeredMost;
    private long idleNanos;
    private long stalledSince;
    private long stalledAt;
    private @Nullable String stall;

    Watch(Checks checks, Host host, Loop loop, Connection connection, Supplier<@Nullable SimSocket> finder) {
        this.checks = checks;
        this.world = host.world;
        this.host = host;
        this.loop = loop;
        this.options = loop.options();
        this.connection = connection;
        this.finder = finder;
        this.timers = new WatchedTimers(this);
        this.silence = new WatchedSilence(host);
        this.idleNanos = options.idleTimeout().toNanos();
        meet();
    }

    private void meet() {
        if (socket == null && state != State.CLOSED) {
            socket = finder.get();
            if (socket != null) {
                socket.watch = this;
            }
        }
    }

    Session open(Service service) throws Exception {
        begin("open");
        try {
            return new WatchedSession(this, service.open(new WatchedConnection(this, connection)));
        } catch (Throwable e) {
            threw(e);
            checks.closed(this); // there is no session that could be told
            state = State.CLOSED;
            throw e;
        } finally {
            calling = false;
        }
    }

    int number() {
        return socket == null ? Story.NO_CONNECTION : socket.number();
    }

    World world() {
        return world;
    }

    WatchedTimers timers() {
        return timers;
    }

    WatchedSilence silence() {
        return silence;
    }

    void violated(String what) {
        checks.violated(host, number(), what, null);
    }

    private void tell(String event, long number) {
        world.tell(host, number(), event, number);
    }

    // ---- callbacks

    private void begin(String callback) {
        meet();
        if (calling) {
            violated("callbacks overlap: " + callback + " inside of another");
        }
        if (state == State.CLOSED) {
            violated(callback + " after closed");
        }
        calling = true;
    }

    void end() {
        calling = false;
    }

    void threw(Throwable error) {
        threw = true;
        if (!checks.sessionsMayFail()) {
            checks.violated(host, number(), "the session threw " + error, error);
        }
    }

    void opened() {
        begin("opened");
        if (state == State.OPENED) {
            violated("opened twice");
        }
        if (socket != null && !socket.wasEstablished()) {
            violated("opened before it is connected");
        }
        state = State.OPENED;
        wasOpened = true;
        silence.begin();
        tell("opens its session", 0);
    }

    void received(ByteBuffer input) {
        begin("received");
        tell("offers # bytes", input.remaining());
        if (state != State.OPENED) {
            violated("received before opened");
        }
        if (endTold && consumed + input.remaining() > offeredMost) {
            violated("received after ended"); // what was left unread before may be offered again
        }
        offeredMost = Math.max(offeredMost, consumed + input.remaining());
        if (!input.hasRemaining()) {
            violated("received nothing");
        }
        requireWanted("bytes");
        Pipe pipe = socket == null ? null : socket.input();
        if (pipe == null) {
            violated("received without a connection");
        } else if (consumed + input.remaining() > pipe.read) {
            violated("received " + (consumed + input.remaining()) + " bytes where " + pipe.read + " were read");
        } else {
            requireEqual(pipe, input);
        }
    }

    private void requireEqual(Pipe pipe, ByteBuffer input) {
        ByteBuffer sent = ByteBuffer.wrap(pipe.stream, consumed, input.remaining());
        int differs = sent.mismatch(input);
        if (differs >= 0) {
            violated("byte " + (consumed + differs) + " of the input is not what the peer sent there");
        }
    }

    /** The session has read so many bytes of what it was offered. */
    void consumed(int count) {
        consumed += count;
        int kept = socket == null ? 0 : socket.input().read - consumed;
        long most = (long) options.inputLimitBytes() + options.turnBytes() + UNDER_WAY_BYTES;
        if (kept > most) {
            violated("input of " + kept + " bytes is kept, above all bounds: " + most);
        }
    }

    private void requireWanted(String what) {
        if (paused) {
            violated("offers " + what + " to a session that has paused reading");
        }
        boolean drainedUntold = endAsked && connection.queuedBytes() <= options.lowWaterBytes() && !holdsRegion();
        if (awaitsDrain && !independent && !drainedUntold) {
            violated("offers " + what + " while output stands above its mark");
        }
    }

    void drained() {
        begin("drained");
        tell("tells it is drained", 0);
        if (!awaitsDrain) {
            violated("drained is told where nothing was above the mark");
        }
        if (connection.queuedBytes() > options.lowWaterBytes()) {
            violated("drained is told above the low mark, at " + connection.queuedBytes() + " bytes");
        }
        awaitsDrain = false;
    }

    void ended() {
        begin("ended");
        tell("tells the end", 0);
        if (state != State.OPENED) {
            violated("ended before opened");
        }
        if (endTold) {
            violated("ended twice");
        }
        requireWanted("the end");
        endTold = true;
        if (socket == null || !socket.hasFin()) {
            violated("ended is told, and the peer has not ended");
        } else if (socket.input().read < socket.input().arrived) {
            violated("ended is told before " + socket.input().waiting() + " bytes that came before it");
        }
    }

    void stopping() {
        begin("stopping");
        tell("tells that the server stops", 0);
    }

    void task(String what) {
        begin(what);
    }

    void closed(Cause cause) {
        begin("closed");
        tell("closes its session: " + cause.kind(), 0);
        state = State.CLOSED;
        timers.clear();
        checks.closed(this);
        WatchedEnd.require(this, cause);
    }

    // ---- what the session asks

    /** Whether what is written is to be taken. */
    boolean takesOutput() {
        return state != State.CLOSED && !endAsked && !closeAsked && !abortAsked && !limitPassed && !threw;
    }

    /** The session wrote; what the connection answered, with the queue as it was and as it is now. */
    void wrote(byte[] bytes, boolean mayGoOn, long before) {
        long queued = connection.queuedBytes();
        boolean taken = bytes.length > 0 && queued == before + bytes.length;
        if (taken) {
            written.add(bytes);
        } else if (bytes.length > 0 && takesOutput()) {
            limitPassed = before + bytes.length > options.outputLimitBytes();
            if (!limitPassed && socket != null && !socket.isClosed()) {
                refused(bytes.length);
            }
        }
        if (queued > options.outputLimitBytes()) {
            violated("output of " + queued + " bytes is queued, above the limit of " + options.outputLimitBytes());
        }
        if (taken && mayGoOn && (awaitsDrain || queued > options.highWaterBytes())) {
            violated("a write says to go on with " + queued + " bytes queued");
        }
        if (taken && !mayGoOn && !awaitsDrain && queued <= options.highWaterBytes()) {
            violated("a write says to stop with " + queued + " bytes queued");
        }
        awaitsDrain |= taken && !mayGoOn;
    }

    /** Another session may write to one whose end is on its way, and not told yet: then it must be told. */
    private void refused(int count) {
        if (calling) {
            violated("a write of " + count + " bytes is not taken");
        } else {
            refusedBytes = count;
        }
    }

    void transferred(FileRegion region) {
        written.add(region);
        awaitsDrain = true;
    }

    /** Dials in the session's domain; the new session is watched too. */
    void dial(DomainMember dialer, SocketAddress remote, Service service) {
        dialer.dial(remote, checks.watch(service, host, loop));
    }

    void endAsked() {
        endAsked = true;
    }

    void closeAsked() {
        closeAsked = true;
    }

    void abortAsked() {
        abortAsked = true;
    }

    void paused(boolean on) {
        paused = on;
    }

    void independent() {
        independent = true;
    }

    void idleTimeout(long nanos) {
        idleNanos = nanos;
        if (calling) {
            silence.begin();
        } else {
            silence.arrived(); // asked by another session: the time of before may be over, and that not told yet
        }
    }

    // ---- what the world sees

    /** The kernel was read. */
    void arrived() {
        silence.arrived();
    }

    /** The kernel is about to take so many bytes of output. */
    void taken(Pipe pipe, int count) {
        taken(written.wrong(pipe.stream, pipe.written, count));
    }

    /** The same of a part of a file, which the kernel reads itself. */
    void taken(Pipe pipe, int count, OpenFile file, long position) {
        taken(written.wrong(file, position, pipe.written, count));
    }

    private void taken(@Nullable String wrong) {
        silence.taken();
        if (wrong != null) {
            violated(wrong);
        }
    }

    /** Looks for what could go on and doesn't. */
    void look() {
        meet();
        String reason = stalled();
        long mark = socket == null || !socket.wasEstablished()
                ? 0
                : socket.input().read + 31L * socket.output().written + consumed;
        if (reason == null || !reason.equals(stall) || mark != stalledAt) {
            stall = reason;
            stalledAt = mark;
            stalledSince = world.now();
        } else if (world.now() - stalledSince > STALL_NANOS) {
            violated("no progress: " + reason + ", for " + Story.seconds(world.now() - stalledSince) + " s");
        }
        timers.look();
        if (isIdleOverdue()) {
            violated("the idle timeout of " + Story.seconds(idleNanos) + " s is forgotten");
        }
    }

    private boolean isIdleOverdue() {
        return idleNanos > 0
                && state == State.OPENED
                && !closeAsked
                && silence.sinceActiveNanos() > idleNanos + STALL_NANOS;
    }

    /** Why the connection could go on, or null. */
    private @Nullable String stalled() {
        SimSocket s = socket;
        if (s == null || state != State.OPENED || s.isClosed() || threw || abortAsked) {
            return null;
        }
        boolean wanted = !paused && (independent || !awaitsDrain) && !endTold && !closeAsked;
        if (wanted && s.isReadable() && s.input().read - consumed < options.inputLimitBytes()) {
            return "input waits for a session that wants it";
        }
        if (wanted && s.input().read > offeredMost) {
            return "input that was read is not offered to a session that wants it";
        }
        if (connection.queuedBytes() > 0 && s.isWritable()) {
            return "output waits, and the kernel has room for it";
        }
        if (awaitsDrain
                && !endAsked
                && !closeAsked
                && connection.queuedBytes() <= options.lowWaterBytes()
                && !holdsRegion()) {
            return "drained is owed";
        }
        return null;
    }

    private boolean holdsRegion() {
        return written.hasFiles() && takenCount() + connection.queuedBytes() < written.count();
    }

    private int takenCount() {
        return socket == null || !socket.wasEstablished() ? 0 : socket.output().written;
    }

    /** Nothing is left to happen in the world. */
    void settled() {
        String reason = stalled();
        if (reason != null) {
            violated("no progress: " + reason + ", and nothing is left to happen");
        }
        timers.settled();
        if (state == State.OPENED && refusedBytes > 0) {
            violated("a write of " + refusedBytes + " bytes is not taken, and the connection lives on");
        }
        if (state == State.OPENED && closeAsked && (isAllTaken() || writeNanos() > 0)) {
            violated("no progress: the session asked to close, and it never does");
        }
        if (state == State.OPENED && endAsked && endTold && isAllTaken()) {
            violated("no progress: both sides have ended, and it never closes");
        }
        if (state == State.OPENED && idleNanos > 0) {
            violated("the idle timeout of " + Story.seconds(idleNanos) + " s is forgotten");
        }
    }

    // ---- for WatchedEnd

    boolean isAllTaken() {
        return takenCount() == written.count();
    }

    String takenOfWritten() {
        return takenCount() + " of " + written.count();
    }

    boolean endedBoth() {
        return endTold && (endAsked || closeAsked);
    }

    boolean askedToClose() {
        return closeAsked || abortAsked;
    }

    boolean asksForAll() {
        return !abortAsked && state == State.CLOSED && socket != null && socket.wasEstablished();
    }

    boolean passedLimit() {
        return limitPassed;
    }

    boolean hasThrown() {
        return threw;
    }

    boolean hasTransferred() {
        return written.hasFiles();
    }

    long idleNanos() {
        return idleNanos;
    }

    boolean wasOpened() {
        return wasOpened;
    }

    long writeNanos() {
        return options.writeTimeout().toNanos();
    }

    boolean isEnding() {
        return checks.isEnding();
    }

    @Nullable
    SimSocket socket() {
        return socket;
    }
}
