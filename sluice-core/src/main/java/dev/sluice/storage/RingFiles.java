package dev.sluice.storage;

import dev.sluice.engine.RingPort;
import dev.sluice.os.Uring;
import org.jspecify.annotations.Nullable;

/**
 * The table of registered descriptors of a ring, which spares the kernel to look a descriptor up with each operation. Who finds no
 * place goes by the descriptor's number.
 */
final class RingFiles {
    private static final int PLACES = 1024;
    /** For a process that may not have that many descriptors. */
    private static final int FEW_PLACES = 64;

    private final RingPort port;
    private final int[] free;
    private int freeCount;

    private RingFiles(RingPort port, int places) {
        this.port = port;
        this.free = new int[places];
        for (int place = places - 1; place >= 0; place--) {
            free[freeCount++] = place;
        }
    }

    /** The table; null where the kernel has none for us. */
    static @Nullable RingFiles open(RingPort port) {
        for (int places : new int[] {PLACES, FEW_PLACES}) {
            if (Uring.registerSparseFiles(port.descriptor(), places, port.calls()) == 0) {
                return new RingFiles(port, places);
            }
        }
        return null;
    }

    /** The place that a descriptor takes, or -1. */
    int enter(int fd) {
        if (freeCount == 0) {
            return -1;
        }
        int place = free[--freeCount];
        if (Uring.registerFile(port.descriptor(), place, fd, port.calls()) != 1) {
            free[freeCount++] = place;
            return -1;
        }
        return place;
    }

    void leave(int place) {
        Uring.registerFile(port.descriptor(), place, -1, port.calls());
        free[freeCount++] = place;
    }
}
