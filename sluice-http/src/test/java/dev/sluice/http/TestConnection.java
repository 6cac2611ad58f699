package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Files;
import dev.sluice.Priority;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.events.Events;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection in memory, with the contract's rules about kept input, marks and ends, and a clock that stands still
 * until it is told. Lends direct buffers that are overwritten when the call returns, so that a session that keeps one
 * is found out.
 */
public final class TestConnection implements Connection {
    private static final int HIGH_WATER_BYTES = 64 * 1024;
    private static final int LOW_WATER_BYTES = 16 * 1024;
    private static final long OUTPUT_LIMIT_BYTES = 16L << 20;

    private final Session session;
    private final Files files;
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final List<Alarm> alarms = new ArrayList<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private byte[] kept = new byte[0];
    private long queuedBytes;
    private boolean slow;
    private boolean awaitsDrain;
    private boolean holdsRegion;
    private boolean paused;
    private boolean independent;
    private boolean fresh;
    private boolean peerEnded;
    private boolean endTold;
    private boolean outputEnded;
    private boolean closeAsked;
    private boolean aborted;
    private boolean idledOut;
    private volatile boolean over;
    private long nowNanos = 1_000_000_000L;
    private long nowMillis = 784_111_777_000L; // Sun, 06 Nov 1994 08:49:37 GMT
    private int offeredBytes;
    private int timersSet;
    private long turnNanos;
    private long idleNanos;
    private @Nullable Alarm idleAlarm;
    private int offers;

    public TestConnection(Service service) throws Exception {
        this(service, path -> {
            throw new UnsupportedOperationException("no files here");
        });
    }

    public TestConnection(Service service, Files files) throws Exception {
        this.files = files;
        this.session = service.open(this);
        session.opened();
    }

    private final class Alarm implements Timer {
        final Runnable task;
        /** From run to run, 0 for a single one. */
        final long periodNanos;

        long dueNanos;

        Alarm(Runnable task, long periodNanos) {
            this.task = task;
            this.periodNanos = periodNanos;
        }

        void run() {
            if (periodNanos > 0) {
                dueNanos += periodNanos;
            } else {
                alarms.remove(this);
            }
            task.run();
        }

        @Override
        public void start(long delayNanos) {
            alarms.remove(this);
            dueNanos = nowNanos + delayNanos;
            alarms.add(this);
            timersSet++;
        }

        @Override
        public void cancel() {
            alarms.remove(this);
        }
    }

    // ---- the peer's side

    /** Sends Latin-1 text. */
    public TestConnection send(String text) throws Exception {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public TestConnection send(byte[] bytes) throws Exception {
        kept = concat(kept, bytes);
        fresh = true;
        settle();
        return this;
    }

    /** Sends each byte by itself. */
    public TestConnection sendSlowly(byte[] bytes) throws Exception {
        for (byte b : bytes) {
            send(new byte[] {b});
        }
        return this;
    }

    public TestConnection sendEnd() throws Exception {
        peerEnded = true;
        settle();
        return this;
    }

    /** From now on nothing is taken from the output queue, until {@link #drain}. */
    public TestConnection stall() {
        slow = true;
        return this;
    }

    /** Takes what is queued. */
    public TestConnection drain() throws Exception {
        queuedBytes = 0;
        holdsRegion = false;
        settle();
        return this;
    }

    /** The connection breaks. */
    public void reset() throws Exception {
        finish(Cause.of(Cause.Kind.RESET, "a test"));
    }

    public void stopping() throws Exception {
        session.stopping();
        settle();
    }

    /** Lets time pass, and what was waiting for it happen. */
    public TestConnection advance(Duration time) throws Exception {
        long until = nowNanos + time.toNanos();
        while (true) {
            Alarm next = alarms.stream()
                    .min(Comparator.comparingLong(alarm -> alarm.dueNanos))
                    .orElse(null);
            if (next == null || next.dueNanos > until) {
                break;
            }
            nowMillis += Math.max(0, next.dueNanos - nowNanos) / 1_000_000;
            nowNanos = Math.max(nowNanos, next.dueNanos);
            next.run();
            settle();
        }
        nowMillis += (until - nowNanos) / 1_000_000;
        nowNanos = until;
        return this;
    }

    /** Runs the tasks that are queued. */
    public TestConnection runTasks() throws Exception {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
            settle();
        }
        return this;
    }

    /** Runs tasks, those included that other threads will queue, until the output ends in this text. */
    public TestConnection runUntil(String ending) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!output().endsWith(ending)) {
            Runnable task = tasks.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (task == null) {
                throw new AssertionError("no '" + ending + "' at the end of: " + output());
            }
            task.run();
            settle();
        }
        return this;
    }

    // ---- what a test looks at

    /** All output so far, in Latin-1. */
    public String output() {
        return output.toString(StandardCharsets.ISO_8859_1);
    }

    /** Output since the last call. */
    public String take() {
        String taken = output();
        output.reset();
        return taken;
    }

    public byte[] outputBytes() {
        return output.toByteArray();
    }

    /** Whether this side has closed, or ended after the peer had. */
    public boolean isClosed() {
        return over;
    }

    public boolean isAborted() {
        return aborted;
    }

    public boolean isOutputEnded() {
        return outputEnded || over;
    }

    public int keptBytes() {
        return kept.length;
    }

    public int timerCount() {
        return alarms.size();
    }

    /** How often the session was offered input. */
    int offers() {
        return offers;
    }

    /** Timers that were ever set. */
    public int timersSet() {
        return timersSet;
    }

    /** Bytes that were offered, each time that they were. */
    public int offeredBytes() {
        return offeredBytes;
    }

    // ---- the machine

    private void settle() throws Exception {
        boolean moved = true;
        while (moved && !over) {
            moved = false;
            if (awaitsDrain && queuedBytes <= LOW_WATER_BYTES && !(slow && holdsRegion)) {
                awaitsDrain = false;
                session.drained();
                fresh = true;
                moved = true;
            }
            if (!slow) {
                moved |= queuedBytes > 0;
                queuedBytes = 0;
            }
            if (!over && fresh && isReading() && !closeAsked && kept.length > 0) {
                fresh = false;
                offer();
                moved = true;
            }
            if (!over && peerEnded && !endTold && !fresh && isReading() && !closeAsked) {
                endTold = true;
                session.ended();
                moved = true;
            }
        }
        if (!over && idledOut) {
            finish(Cause.of(Cause.Kind.TIMEOUT, "idle"));
        } else if (!over && aborted) {
            finish(Cause.LOCAL);
        } else if (!over && queuedBytes == 0 && (closeAsked || outputEnded && endTold)) {
            finish(closeAsked ? Cause.LOCAL : Cause.END);
        }
    }

    private boolean isReading() {
        return !paused && (independent || !awaitsDrain);
    }

    /** Sets the idle alarm anew. */
    private void active() {
        alarms.remove(idleAlarm);
        if (idleNanos > 0) {
            idleAlarm = new Alarm(() -> idledOut = true, 0);
            idleAlarm.dueNanos = nowNanos + idleNanos;
            alarms.add(idleAlarm);
        }
    }

    private void offer() throws Exception {
        offers++;
        active();
        ByteBuffer lent = ByteBuffer.allocateDirect(kept.length + 5);
        lent.position(3).put(kept).position(3).limit(3 + kept.length);
        offeredBytes += kept.length;
        session.received(lent);
        byte[] left = new byte[lent.remaining()];
        lent.get(left);
        kept = left;
        lent.clear();
        while (lent.hasRemaining()) {
            lent.put((byte) 0xEE);
        }
    }

    private void finish(Cause cause) throws Exception {
        if (!over) {
            over = true;
            alarms.clear();
            tasks.clear();
            session.closed(cause);
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return write(copy, 0, copy.length);
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        if (!over && !outputEnded && !closeAsked) {
            output.write(bytes, offset, length);
            queuedBytes += length;
            if (queuedBytes > OUTPUT_LIMIT_BYTES) {
                throw new AssertionError("queued output passed its limit: " + queuedBytes);
            }
            awaitsDrain |= queuedBytes > HIGH_WATER_BYTES;
        }
        return !awaitsDrain;
    }

    @Override
    public boolean transfer(FileRegion region) {
        if (region.count() == 0) {
            return !awaitsDrain;
        }
        ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(region.count()));
        int read = region.file().read(copy, region.position());
        if (read != copy.capacity()) {
            throw new AssertionError("read " + read + " of " + region);
        }
        output.writeBytes(copy.array());
        awaitsDrain = true;
        queuedBytes += 1;
        holdsRegion = true;
        return false;
    }

    @Override
    public void end() {
        outputEnded = true;
    }

    @Override
    public void close() {
        closeAsked = true;
    }

    @Override
    public void abort() {
        aborted = true;
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void readIndependently() {
        independent = true;
    }

    @Override
    public void idleTimeout(long nanos) {
        idleNanos = nanos;
        active();
    }

    @Override
    public void resumeReading() {
        paused = false;
        fresh = true;
    }

    @Override
    public void priority(Priority priority) {}

    @Override
    public boolean execute(Runnable task) {
        return !over && tasks.offer(task);
    }

    @Override
    public Timer after(long delayNanos, Runnable task) {
        Alarm alarm = new Alarm(task, 0);
        alarm.start(delayNanos);
        return alarm;
    }

    @Override
    public Timer every(long periodNanos, Runnable task) {
        Alarm alarm = new Alarm(task, periodNanos);
        alarm.start(periodNanos);
        return alarm;
    }

    @Override
    public Timer timer(Runnable task) {
        return new Alarm(task, 0);
    }

    @Override
    public long queuedBytes() {
        return queuedBytes;
    }

    @Override
    public long unsentBytes() {
        return 0;
    }

    @Override
    public Events events() {
        throw new UnsupportedOperationException("it has no loop, and so no events");
    }

    @Override
    public SocketAddress remoteAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 54321);
    }

    @Override
    public void remoteAddress(SocketAddress client) {
        throw new UnsupportedOperationException("nobody tells of another client here");
    }

    @Override
    public SocketAddress localAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /** Makes the loop's turn so old. */
    public TestConnection turnNanos(long nanos) {
        turnNanos = nanos;
        return this;
    }

    @Override
    public long turnNanos() {
        return turnNanos;
    }

    @Override
    public long currentTimeMillis() {
        return nowMillis;
    }

    @Override
    public RandomGenerator random() {
        return new Random(1);
    }

    @Override
    public Files files() {
        return files;
    }
}
