package dev.sluice.engine;

import dev.sluice.EventLog;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rings of one loop. The first carries everything while its table of registered descriptors has room; when no table
 * has, a further ring is opened. The loop waits in the first; the kernel writes to its wake-up when another has work.
 */
final class UringRings implements AutoCloseable {
    /** Of a further ring, whose share of the work is smaller. */
    private static final int SQ_ENTRIES = 256;

    private static final int CQ_ENTRIES = 2048;

    private final UringShared shared;
    private final UringOptions options;
    private final UringAccepts accepts;
    private final List<UringRing> rings = new ArrayList<>();
    private final EventLog.Seldom seldom = new EventLog.Seldom();
    private final long descriptorLimit;
    /** From this number on, ordinary descriptors are about to run out. */
    private final long highDescriptor;

    private int lastDescriptor;
    private volatile boolean direct;

    UringRings(UringShared shared, UringOptions options) {
        this.shared = shared;
        this.options = options;
        this.accepts = new UringAccepts(this, options.multishot(), shared.counters);
        this.rings.add(new UringRing(shared, options, accepts));
        this.direct = options.direct() == Direct.ON && first().files.open();
        // A quarter is left for files, further rings and whatever else the process opens.
        this.descriptorLimit = shared.fdCalls.descriptorLimit();
        this.highDescriptor = Math.max(1, descriptorLimit / 4 * 3);
    }

    UringAccepts accepts() {
        return accepts;
    }

    UringRing first() {
        return rings.getFirst();
    }

    UringRing get(int index) {
        return rings.get(index);
    }

    int count() {
        return rings.size();
    }

    /** What is active, for people. On any thread. */
    String features() {
        String ways = switch (options.direct()) {
            case ON ->
                direct
                        ? "direct descriptors (" + first().files.capacity() + " a ring)"
                        : "without direct descriptors (Linux 6.8)";
            case AUTO -> "direct descriptors when others run out";
            case OFF -> "ordinary descriptors";
        };
        return first().features() + ", " + ways;
    }

    /** Whether sockets go to the tables from now on. */
    boolean wantsDirect() {
        return direct;
    }

    /** Whether the number of an ordinary descriptor says that they are about to run out. */
    boolean isHigh(int descriptor) {
        return descriptor >= highDescriptor;
    }

    /** An ordinary descriptor was handed out: in time, before they run out, the tables take over. */
    void note(int descriptor) {
        lastDescriptor = descriptor;
        if (!direct && isHigh(descriptor)) {
            ranOut(first());
        }
    }

    /**
     * A newcomer with an ordinary descriptor. A multishot accept may bring thousands more before it is stopped, so that none
     * would be left for a further ring: those above the mark go into a table at once.
     */
    UringHandle newcomer(UringRing accepted, int descriptor) {
        UringRing table = direct && isHigh(descriptor) ? withRoom(accepted) : null;
        int place = table == null ? -1 : table.descriptors.takeIn(descriptor);
        if (table == null || place < 0) {
            return UringHandle.of(accepted, descriptor);
        }
        table.files.taken();
        return UringHandle.direct(table, place);
    }

    /** Ordinary descriptors ran out: whether a table can take over. */
    boolean ranOut(UringRing preferred) {
        if (options.direct() == Direct.OFF || withRoom(preferred) == null) {
            return false;
        }
        direct = true;
        return true;
    }

    /**
     * Whether all that a multishot accept may bring before it is stopped finds a place in the ring's table; SQPOLL's thread
     * stops it whenever it gets to it.
     */
    boolean isRoomy(UringRing ring) {
        return options.sqPollMillis() == 0 && ring.files.room() > ring.cqEntries() + options.completionsPerPoll();
    }

    /**
     * Whether all that a multishot accept may bring leaves some ordinary descriptors: the kernel gives out the lowest that is free, so
     * the last one's number tells how many there are.
     */
    boolean hasReserve(UringRing ring) {
        return options.direct() == Direct.OFF || lastDescriptor + ring.cqEntries() < descriptorLimit;
    }

    /** Whether a table of those that are there has room. */
    boolean hasRoom() {
        return rings.stream().anyMatch(ring -> ring.files.room() > 0);
    }

    /** A ring whose table has room: the preferred one, or another, or a new one; null where there is none. */
    @Nullable
    UringRing withRoom(UringRing preferred) {
        if (!first().files.open()) {
            return null; // this kernel has no such tables
        }
        if (preferred.files.room() > 0) {
            return preferred;
        }
        for (UringRing ring : rings) {
            if (ring.files.room() > 0) {
                return ring;
            }
        }
        return rings.size() < options.rings() ? open() : null;
    }

    /** Opens a further ring; null where that fails, which is tried again when a place is needed again. */
    private @Nullable UringRing open() {
        UringOptions smaller = options.toBuilder()
                .entries(Math.min(options.sqEntries(), SQ_ENTRIES), Math.min(options.cqEntries(), CQ_ENTRIES))
                .sqPoll(0) // one such thread is enough
                .build();
        UringRing ring = null;
        try {
            ring = new UringRing(shared, smaller, accepts);
            ring.submitter.enable();
            ring.announceOn(shared.wake.descriptor());
            if (!ring.files.open()) {
                throw new SysException("io_uring_register", "a table of descriptors", Errno.ENOMEM);
            }
            rings.add(ring);
            return ring;
        } catch (SysException e) {
            if (ring != null) {
                ring.close();
            }
            seldom.log(
                    Level.WARNING,
                    "no further ring can be opened, " + rings.size() + " serve: " + e.getMessage(),
                    shared.ringCalls.nanoTime());
            return null;
        }
    }

    /** Blocks of native memory that operations use now. */
    int lentBlocks() {
        int lent = shared.addresses.lentCount();
        for (UringRing ring : rings) {
            lent += ring.lentBlocks();
        }
        return lent;
    }

    @Override
    public void close() {
        rings.forEach(UringRing::close);
    }
}
