package dev.sluice.engine;

import dev.sluice.os.UringCalls;
import dev.sluice.os.UringQueues;
import org.jspecify.annotations.Nullable;

/**
 * A way into a ring for operations that are no sockets': entries to fill, and their completions. What has one calls itself the
 * ring's guest, and knows its operations by small numbers of its own. For the ring's thread.
 */
public final class RingPort {
    /** Told from the ring's poll, and never from inside of a call of the port. */
    public interface Guest {
        /**
         * An operation is done.
         *
         * @param number which the guest gave it
         * @param result a count or a negative errno
         */
        void completed(int number, int result);

        /** The ring is closed, and none of its memory is the kernel's any more unless something was in flight. */
        void closed();
    }

    private final UringQueues queues;
    private final UringSubmitter submitter;
    private final UringCalls calls;
    private @Nullable Guest guest;

    RingPort(UringQueues queues, UringSubmitter submitter, UringCalls calls) {
        this.queues = queues;
        this.submitter = submitter;
        this.calls = calls;
    }

    /** The guest, if there is one yet. */
    public @Nullable Guest guest() {
        return guest;
    }

    public void guest(Guest value) {
        this.guest = value;
    }

    /** A cleared submission entry ({@link dev.sluice.os.Sqe}), submitted with the next poll. A full queue is submitted first. */
    public long entry() {
        return submitter.sqe();
    }

    /** The {@code user_data} of an operation. */
    public long tag(int number) {
        return UringTag.of(number, 0) | UringTag.GUEST;
    }

    /** The ring's own descriptor, for registering with {@link #calls}. */
    public int descriptor() {
        return queues.fd();
    }

    public UringCalls calls() {
        return calls;
    }

    void completed(long userData, int result) {
        if (guest != null) {
            guest.completed(UringTag.slot(userData), result);
        }
    }

    void closed() {
        if (guest != null) {
            guest.closed();
        }
    }
}
