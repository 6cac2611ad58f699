package dev.sluice.engine;

import dev.sluice.UringOptions;
import dev.sluice.observe.Incidents;
import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.Sqe;
import dev.sluice.os.UringCalls;
import dev.sluice.os.UringQueues;
import java.lang.foreign.Arena;
import java.util.PriorityQueue;

/**
 * The receives of one ring. A receive is multishot, where only F_MORE says that it lives on:
 *
 * <pre>
 *   off ──receive()──▶ armed ──stopReceiving(), at the next poll──▶ being disarmed ──last completion──▶ off
 *    ▲                  │ ▲ └─last completion: ENOBUFS, overflow: armed again──┐        │
 *    └──end, error──────┘ └──────────────────────────────────────────────────┴─receive() meanwhile
 * </pre>
 */
final class UringInput implements AutoCloseable {
    private final UringSubmitter submitter;
    private final EngineCounters counters;
    private final UringBuffers buffers;
    private final boolean multishot;
    /**
     * Receives to be armed at the end of the turn, when buffers are back: first those that have waited longest for bytes. Of a
     * few buffers, those that were armed first would else take all, again and again.
     */
    private final PriorityQueue<UringHandle> line =
            new PriorityQueue<>((a, b) -> Integer.compare(a.fedAt - b.fedAt, 0));
    /** Receives that brought something, counted; wraps around. */
    private int fed;
    /** Buffers ran out in this turn; and in this one or the last. */
    private boolean ranOut;

    private boolean scarce;

    /** What one armed receive may bring before it ends and is armed again; 0 where the kernel knows no such limit. */
    private int limitBytes;

    UringInput(
            UringQueues queues,
            UringSubmitter submitter,
            UringOptions options,
            int turnBytes,
            EngineCounters counters,
            Arena arena,
            UringCalls calls) {
        this.submitter = submitter;
        this.counters = counters;
        this.buffers = new UringBuffers(queues, options, arena, calls);
        this.limitBytes = turnBytes;
        this.multishot = options.multishot();
    }

    boolean isIncremental() {
        return buffers.isIncremental();
    }

    /** Brings what is armed in line with what is wanted. */
    void reconcile(UringHandle h) {
        if (h.closing) {
            return;
        }
        boolean armed = h.isFlying(UringTag.RECEIVE);
        if (h.wanted && !armed) {
            if (scarce) {
                queue(h);
            } else {
                arm(h);
            }
        } else if (!h.wanted && armed && !h.isFlying(UringTag.DISARM)) {
            disarm(h, submitter);
        }
    }

    private void arm(UringHandle h) {
        long sqe = submitter.sqe(h);
        h.takeOff(UringTag.RECEIVE);
        h.limited = multishot && limitBytes > 0;
        if (multishot) {
            Sqe.recvMultishot(sqe, h.fd, buffers.group(), limitBytes, h.tag | UringTag.RECEIVE);
        } else {
            Sqe.recv(sqe, h.fd, 0, 0, 0, h.tag | UringTag.RECEIVE);
            Sqe.bufferGroup(sqe, buffers.group());
        }
    }

    /** Cancels the armed input. */
    static void disarm(UringHandle h, UringSubmitter submitter) {
        long sqe = submitter.sqe();
        h.takeOff(UringTag.DISARM);
        Sqe.cancel(sqe, h.tag | h.inputOperation(), h.tag | UringTag.DISARM);
    }

    void received(UringHandle h, int result, int flags, boolean over) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            int id = Cqe.bufferId(flags);
            h.fedAt = ++fed;
            try {
                if (result > 0 && !h.closing) {
                    counters.receives++;
                    counters.receivedBytes += result;
                    h.completion().received(buffers.lend(id, result));
                }
            } finally {
                buffers.spend(id, result, flags);
            }
        }
        if (!over || h.closing) {
            return;
        }
        if (result == -Errno.ENOBUFS) {
            counters.bufferExhaustions++;
            Incidents.buffersExhausted(counters.bufferExhaustions);
            buffers.grow();
            ranOut = true;
            scarce = true;
            queue(h);
        } else if (result == -Errno.EINVAL && h.limited) {
            limitBytes = 0; // an older kernel: its receives go on until they are cancelled
            reconcile(h);
        } else if (result > 0) {
            queue(h);
        } else if (isPassing(result) || (result == 0 && !h.wanted)) {
            reconcile(h); // an end that nobody waits for is met again by the next receive
        } else {
            h.wanted = false;
            h.completion().receiveEnded(result);
        }
    }

    /** A result that only says that the operation stopped: by a cancel of ours, or by a signal. */
    static boolean isPassing(int result) {
        return result == -Errno.ECANCELED || result == -Errno.EINTR;
    }

    /** Takes back the buffer of a completion that has no bearer any more. */
    void discard(int result, int flags) {
        if ((flags & Cqe.IORING_CQE_F_BUFFER) != 0) {
            buffers.spend(Cqe.bufferId(flags), result, flags);
        }
    }

    private void queue(UringHandle h) {
        if (!h.queued) {
            h.queued = true;
            if (fed - h.fedAt < 0) {
                h.fedAt = fed - Integer.MAX_VALUE; // so long ago that the count went round
            }
            line.add(h);
        }
    }

    /**
     * Gives the kernel its buffers back, and then arms what waits in line.
     *
     * @param drained nothing more is to be told, so that all buffers are back that ever will be
     */
    void endTurn(boolean drained) {
        boolean fresh = buffers.publish() && ranOut;
        if (drained || fresh || !scarce) {
            scarce = ranOut;
            ranOut = false;
            armLine();
        }
    }

    /** Right before each enter: arms what came into the line since the turn, unless there is more to tell first. */
    void settle(boolean drained) {
        if (drained) {
            armLine();
        }
    }

    private void armLine() {
        for (UringHandle h = line.poll(); h != null; h = line.poll()) {
            h.queued = false;
            if (h.wanted && !h.closing && !h.isFlying(UringTag.RECEIVE)) {
                arm(h);
            }
        }
    }

    @Override
    public void close() {
        buffers.close();
    }
}
