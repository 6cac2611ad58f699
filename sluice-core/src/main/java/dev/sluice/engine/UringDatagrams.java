package dev.sluice.engine;

import dev.sluice.observe.Incidents;
import dev.sluice.os.BufferRing;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import dev.sluice.os.UringQueues;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The datagram sockets that a ring receives for, each with a group of buffers. */
final class UringDatagrams implements AutoCloseable {
    /** Group 0 is the connections'; a group's number has 16 bits. */
    private static final int MOST_GROUPS = 1 << 16;

    private static final String WITHOUT = "datagrams by poll and recvmmsg(2), without multishot RECVMSG (Linux 6.0)";

    private final UringRing ring;
    private final UringQueues queues;
    private final UringShared shared;
    private final boolean multishot;
    private final BitSet groups = new BitSet();
    private final List<UringDatagramInput> open = new ArrayList<>();
    /** What came in this turn is theirs. */
    private final List<UringDatagramInput> due = new ArrayList<>();

    private volatile boolean refused;

    UringDatagrams(UringRing ring, UringQueues queues, UringShared shared, boolean multishot) {
        this.ring = ring;
        this.queues = queues;
        this.shared = shared;
        this.multishot = multishot;
        groups.set(0);
    }

    /** For {@link UringRing#features}; on any thread. */
    String features() {
        return refused ? ", " + WITHOUT : "";
    }

    /** Datagram sockets whose buffers the kernel has. */
    int openCount() {
        return open.size();
    }

    /** Receives for a socket, as {@link Engine#datagrams} says; null where that is off, or refused. */
    @Nullable
    DatagramInput open(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        int group = groups.nextClearBit(0);
        if (!multishot || refused || group >= MOST_GROUPS) {
            return null;
        }
        UringHandle handle = UringHandle.of(ring, -1); // the socket is its owner's: the ring never closes it
        UringDatagramInput input;
        try {
            input = new UringDatagramInput(ring, this, handle, fd, group, addressBytes, maxBytes, count, ready);
        } catch (SysException e) {
            Incidents.fellBack("io_uring", "datagrams by poll and recvmmsg(2): " + e.getMessage());
            return null;
        }
        ring.enter(handle);
        handle.completion(input);
        groups.set(group);
        open.add(input);
        return input;
    }

    BufferRing register(int group, int places, int bufferBytes, long memory) {
        shared.counters.systemCalls++;
        return BufferRing.over(queues.fd(), group, places, bufferBytes, memory, shared.ringCalls);
    }

    int duplicate(int fd) {
        shared.counters.systemCalls++;
        return shared.fdCalls.duplicate(fd);
    }

    void closeDescriptor(int fd) {
        shared.counters.systemCalls++;
        shared.fdCalls.close(fd);
    }

    /** The kernel knows no multishot receive of messages: sockets that are opened from now on don't try. */
    void refused() {
        refused = true;
        Incidents.fellBack("io_uring", WITHOUT);
    }

    void ranOut() {
        shared.counters.bufferExhaustions++;
        Incidents.buffersExhausted(shared.counters.bufferExhaustions);
    }

    /** Something is to be told at the end of this turn. */
    void due(UringDatagramInput input) {
        if (!input.due) {
            input.due = true;
            due.add(input);
        }
    }

    /** The same, where nothing else may end the wait. */
    void wake(UringDatagramInput input) {
        due(input);
        Sqe.nop(ring.submitter.sqe(), UringTag.CANCEL);
    }

    void endTurn() {
        for (int i = 0; i < due.size(); i++) {
            due.get(i).tell();
        }
        due.clear();
    }

    void left(UringDatagramInput input, int fd) {
        shared.counters.systemCalls++;
        closeDescriptor(fd);
        groups.clear(input.group());
        open.remove(input);
    }

    @Override
    public void close() {
        open.forEach(UringDatagramInput::ringCloses);
        open.clear();
        due.clear();
    }
}
