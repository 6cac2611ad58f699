package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * One direction of a TCP connection: the bytes that one end has written, how far they were sent, how far they arrived, and how
 * far the other end has read them. All positions count from the first byte. The whole stream is kept, so that {@link Checks}
 * can compare what a session is told with what was sent.
 *
 * <pre>
 *   0 ≤ read ≤ arrived ≤ sent ≤ written       written - acknowledged ≤ the send buffer
 *                                             sent - read (as the sender knows it) ≤ the receive buffer
 * </pre>
 */
final class Pipe {
    static final int SEGMENT_BYTES = 1460;
    private static final int SMALL_BYTES = 16;
    private static final long RETRANSMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long RETRANSMIT_MOST_NANOS = TimeUnit.SECONDS.toNanos(120);
    /** net.ipv4.tcp_retries2. */
    private static final int RETRANSMITS = 15;

    /** Retransmissions of one packet after which a deadline of either end may pass: six seconds and more. */
    private static final int PATIENCE = 4;

    private final Wire wire;
    private final World world;
    private final Link link;
    private final Link back;
    final SimSocket from;
    final SimSocket to;
    private final int sendLimit;
    private final int receiveLimit;

    byte[] stream = new byte[512];
    int written;
    private int sent;
    int arrived;
    int read;
    private int acknowledged;
    /** Up to where the sender may send. */
    private int windowEnd;

    private boolean finAsked;
    private boolean finSent;
    private long finSentAt;
    private boolean finAcknowledged;
    private boolean opened;
    private boolean over;
    private boolean acknowledging;
    /** The last packet that was sent arrives then. */
    private long lastArrival;

    private int retransmits;
    /** At this byte the network resets the connection. */
    private int resetAt = Integer.MAX_VALUE;

    Pipe(Wire wire, SimSocket from, SimSocket to, Link link, Link back) {
        this.wire = wire;
        this.world = wire.world;
        this.from = from;
        this.to = to;
        this.link = link;
        this.back = back;
        this.sendLimit = (int) world.dice().spread(world.bufferLeast(), world.bufferMost());
        this.receiveLimit = (int) world.dice().spread(world.bufferLeast(), world.bufferMost());
        this.windowEnd = receiveLimit;
    }

    void resetAt(int position) {
        resetAt = position;
    }

    // ---- the sender

    int room() {
        return sendLimit - (written - acknowledged);
    }

    /** sk_stream_is_writeable(): a third of the buffer is free. */
    boolean isWritable() {
        return room() >= (sendLimit + 2) / 3;
    }

    /** Makes room for bytes at {@link #written}. */
    byte[] reserve(int count) {
        if (stream.length - written < count) {
            stream = Arrays.copyOf(stream, Math.max(written + count, stream.length * 2));
        }
        return stream;
    }

    void wrote(int count) {
        written += count;
        launch();
    }

    /** Ends the direction behind what was written. */
    void end() {
        finAsked = true;
        launch();
    }

    /** The sender is gone: what it has not sent is lost. */
    void breakOff() {
        over = true;
    }

    boolean isEnded() {
        return finAsked;
    }

    /** Whether the sender knows that its FIN has arrived. */
    boolean isEndAcknowledged() {
        return finAcknowledged;
    }

    /** The connection is established: packets of before would have to be sent again. */
    void open() {
        opened = true;
        launch();
    }

    private void launch() {
        if (over || !opened || from.isGone()) {
            return;
        }
        while (sent < Math.min(written, windowEnd)) {
            int most =
                    world.strikes(Faults.Kind.SMALL_PACKET) ? 1 + world.dice().below(SMALL_BYTES) : SEGMENT_BYTES;
            int start = sent;
            int end = Math.min(Math.min(written, windowEnd), start + most);
            sent = end;
            transit(end - start, () -> arrive(start, end));
        }
        if (finAsked && !finSent && sent == written) {
            finSent = true;
            finSentAt = world.now();
            int end = sent;
            transit(0, () -> arriveFin(end));
        }
    }

    /** Packets of a connection arrive in the order in which they were sent. */
    private void transit(int bytes, Runnable arrival) {
        lastArrival = Math.max(lastArrival, world.now() + link.transit(bytes));
        world.at(lastArrival, arrival);
    }

    /** A reset goes behind what was sent, and is not sent again. */
    void sendReset() {
        over = true;
        transit(0, () -> {
            if (!isLost()) {
                to.resetArrived();
            }
        });
    }

    // ---- the way

    private boolean isLost() {
        return link.isCut() || wire.isSwallowed() || to.isUnheard();
    }

    private void arrive(int start, int end) {
        if (start != arrived || end <= arrived) {
            return; // behind a packet that was lost, or sent twice
        }
        if (isLost() || world.strikes(Faults.Kind.LOSS)) {
            retransmit();
            return;
        }
        retransmits = 0;
        if (to.isGone()) {
            answerReset();
            return;
        }
        if (to.isClosed() || to.isReset()) {
            to.answerReset();
            answerReset();
            return;
        }
        int until = Math.min(end, Math.max(resetAt, start));
        if (until > start) {
            arrived = until;
            sent = Math.max(sent, arrived);
            world.progressed();
            to.arrived(Pollable.IN);
            acknowledge();
        }
        if (resetAt <= end) {
            resetAt = Integer.MAX_VALUE;
            wire.reset("the network resets the connection");
        }
    }

    private void arriveFin(int end) {
        if (end != arrived || to.hasFin()) {
            return;
        }
        if (isLost() || world.strikes(Faults.Kind.LOSS)) {
            retransmit();
            return;
        }
        retransmits = 0;
        if (to.isReset() || to.isGone()) {
            answerReset();
        } else {
            world.progressed();
            to.finArrived();
            acknowledgeFin(world.now() - finSentAt);
        }
    }

    /** Takes as long as the FIN took. */
    private void acknowledgeFin(long nanos) {
        world.in(nanos, () -> {
            if (from.isGone() || wire.isSwallowed()) {
                return;
            }
            if (back.isCut()) {
                acknowledgeFin(RETRANSMIT_NANOS);
                return;
            }
            finAcknowledged = true;
            from.endAcknowledged();
        });
    }

    /** RFC 9293, 3.10.7.1: a packet for a socket that is gone is answered with a reset. */
    private void answerReset() {
        world.in(back.transit(0), () -> {
            if (!back.isCut() && !wire.isSwallowed()) {
                from.resetArrived();
            }
        });
    }

    private void retransmit() {
        if (over || from.isGone()) {
            return;
        }
        long wait = Math.min(RETRANSMIT_MOST_NANOS, RETRANSMIT_NANOS << Math.min(retransmits, 20));
        if (++retransmits > RETRANSMITS) {
            wire.spoil("is given up by its sender");
            from.timedOut(Errno.ETIMEDOUT);
            return;
        }
        if (retransmits > PATIENCE) {
            wire.spoil("loses one packet again and again");
        }
        world.in(wait, () -> {
            sent = arrived;
            finSent = false;
            launch();
        });
    }

    /** tcp_send_probe0(), to who is gone. */
    void probe() {
        if (to.isGone() && !over && (sent < written || finAsked && !finSent)) {
            world.in(RETRANSMIT_NANOS, () -> {
                if (!isLost()) {
                    answerReset();
                }
            });
        }
    }

    // ---- the receiver

    int waiting() {
        return arrived - read;
    }

    void consumed(int count) {
        read += count;
        world.progressed();
        if (windowEnd - sent < receiveLimit / 2 + 1) {
            acknowledge();
        }
    }

    /** Tells the sender how far its bytes have arrived and were read; one packet says it for several. */
    private void acknowledge() {
        if (!acknowledging) {
            acknowledging = true;
            world.in(back.transit(0), this::acknowledged);
        }
    }

    private void acknowledged() {
        if (from.isGone()) {
            return;
        }
        if (back.isCut() || wire.isSwallowed()) {
            if (!wire.isSwallowed()) { // the sender's probe brings the answer again
                world.in(RETRANSMIT_NANOS, this::acknowledged);
            }
            return;
        }
        acknowledging = false;
        acknowledged = arrived;
        windowEnd = read + receiveLimit;
        if (!over) {
            launch();
            from.roomMade();
        }
    }
}
