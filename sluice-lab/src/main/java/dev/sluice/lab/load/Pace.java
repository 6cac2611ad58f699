package dev.sluice.lab.load;

import dev.sluice.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Sends and reads so many bytes a second on one connection, in small portions. What is not read yet stays with the runtime,
 * and then, above its limit, in the kernel's buffers, so that the server feels it.
 */
final class Pace {
    private static final long PORTION_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Connection connection;
    private final int portion;
    private final long portionNanos;
    private final ArrayDeque<byte[]> unsent = new ArrayDeque<>();
    private int sentOfFirst;
    private int readable;
    private boolean paused;
    private boolean ticking;
    private long movedNanos = System.nanoTime();

    Pace(Connection connection, int bytesPerSecond) {
        this.connection = connection;
        double bytes = bytesPerSecond * (PORTION_NANOS / 1e9);
        this.portion = (int) Math.max(1, bytes);
        this.portionNanos = (long) (portion * 1e9 / bytesPerSecond);
        this.readable = portion;
    }

    /** When bytes last went or came. */
    long movedNanos() {
        return movedNanos;
    }

    void write(byte[] bytes) {
        unsent.add(bytes);
        movedNanos = System.nanoTime();
        tickLater();
    }

    private void tickLater() {
        if (!ticking) {
            ticking = true;
            connection.after(portionNanos, this::tick);
        }
    }

    private void tick() {
        ticking = false;
        sendPortion();
        readable = portion;
        if (paused) {
            paused = false;
            connection.resumeReading();
        }
        if (!unsent.isEmpty()) {
            tickLater();
        }
    }

    private void sendPortion() {
        int left = portion;
        while (left > 0) {
            byte[] first = unsent.peek();
            if (first == null) {
                return;
            }
            int count = Math.min(left, first.length - sentOfFirst);
            connection.write(first, sentOfFirst, count);
            movedNanos = System.nanoTime();
            left -= count;
            sentOfFirst += count;
            if (sentOfFirst == first.length) {
                unsent.remove();
                sentOfFirst = 0;
            }
        }
    }

    /** Narrows the input to what may be read of it now; returns its limit, for {@link #after}. */
    int before(ByteBuffer input) {
        int limit = input.limit();
        input.limit(Math.min(limit, input.position() + readable));
        return limit;
    }

    /** Counts what was read since {@link #before}, and lets the rest wait. */
    void after(ByteBuffer input, int from, int limit) {
        readable -= input.position() - from;
        movedNanos = System.nanoTime();
        input.limit(limit);
        if (input.hasRemaining()) {
            paused = true;
            connection.pauseReading();
        }
        tickLater();
    }
}
