package dev.sluice.lab.load;

import dev.sluice.lab.load.Answers.Outcome;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * Lets each idle connection of a lane make one request, a few at a time, and counts who answers: what was held can turn out
 * to be dead only then. Inside the lane only, until it is done.
 */
final class RollCall {
    /** Requests without an answer; more would only wait in the server's queue, and be measured there. */
    private static final int AT_ONCE = 64;

    final Histogram latencies = new Histogram(1, Lane.MAX_NANOS, Lane.DIGITS);
    final Errors errors = new Errors();
    private final Lane lane;
    private final Protocol protocol;
    private final List<Holder> holders;
    private final Runnable done;
    private final Set<Call> waiting = new LinkedHashSet<>();
    private int next;
    private boolean calling;
    private boolean over;

    /** A call that has not begun; {@code done} is run inside the lane when everybody was called and has answered or failed. */
    RollCall(Lane lane, Protocol protocol, List<Holder> holders, Runnable done) {
        this.lane = lane;
        this.protocol = protocol;
        this.holders = holders;
        this.done = done;
    }

    /** Calls as many as may be called at once. */
    void goOn() {
        if (calling) {
            return; // a connection that fails at once comes back here
        }
        calling = true;
        while (waiting.size() < AT_ONCE && next < holders.size()) {
            call(holders.get(next++));
        }
        calling = false;
        if (waiting.isEmpty() && next == holders.size() && !over) {
            over = true;
            done.run();
        }
    }

    private void call(Holder holder) {
        if (!holder.isOpen()) {
            errors.add(
                    holder.wasEstablished() ? Errors.Kind.RESET : Errors.Kind.CONNECT,
                    1,
                    "the connection was not open when its request was due");
            return;
        }
        Call call = new Call(holder, lane.pickKind(), protocol.answers(), System.nanoTime());
        waiting.add(call);
        holder.ask(call, lane.requests.get(call.kind));
    }

    /** Gives those up that have waited too long. */
    void dropOverdue(long now, long timeoutNanos) {
        List<Call> overdue = waiting.stream()
                .filter(call -> now - call.sentNanos > timeoutNanos)
                .toList();
        overdue.forEach(
                call -> call.failed(Errors.Kind.TIMEOUT, "no answer within " + timeoutNanos / 1_000_000 + " ms"));
    }

    /** A request on its way. */
    final class Call {
        private final Holder holder;
        private final int kind;
        private final Answers answers;
        private final long sentNanos;

        Call(Holder holder, int kind, Answers answers, long sentNanos) {
            this.holder = holder;
            this.kind = kind;
            this.answers = answers;
            this.sentNanos = sentNanos;
        }

        void received(ByteBuffer input) {
            take(answers.read(input, kind));
        }

        /** The peer has sent its last byte. */
        void ended() {
            if (answers.begun()) {
                take(answers.ended());
            } else {
                failed(Errors.Kind.RESET, "the connection was closed before the answer");
            }
        }

        private void take(Outcome outcome) {
            switch (outcome) {
                case MORE -> {}
                case COMPLETE -> {
                    latencies.recordValue(Math.clamp(System.nanoTime() - sentNanos, 1, Lane.MAX_NANOS));
                    over();
                }
                case REFUSED -> {
                    errors.add(Errors.Kind.STATUS, 1, answers.problem());
                    over();
                }
                case BROKEN -> failed(Errors.Kind.BODY, answers.problem());
            }
        }

        void failed(Errors.Kind kind, String what) {
            errors.add(kind, 1, what);
            over();
            holder.abort();
        }

        private void over() {
            holder.answered();
            waiting.remove(this);
            goOn();
        }
    }
}
