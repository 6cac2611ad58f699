package dev.sluice.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The handles that have operations, by small numbers that are used again under a new generation. */
final class UringSlots {
    private @Nullable UringHandle[] handles = new UringHandle[256];
    private int[] generations = new int[256];
    /** As long as the most that were free at once. */
    private int[] free = new int[256];

    private int freeCount;
    private int used;

    /** Gives the handle a slot, if it has none yet. */
    void enter(UringHandle handle) {
        if (handle.hasSlot()) {
            return;
        }
        int slot = freeCount > 0 ? free[--freeCount] : fresh();
        handles[slot] = handle;
        handle.tag = UringTag.of(slot, generations[slot]);
    }

    private int fresh() {
        if (used == UringTag.MAX_SLOTS) {
            throw new IllegalStateException("more than " + UringTag.MAX_SLOTS + " sockets in one ring");
        }
        if (used == handles.length) {
            int length = handles.length * 2;
            handles = Arrays.copyOf(handles, length);
            generations = Arrays.copyOf(generations, length);
        }
        return used++;
    }

    /** Takes the slot back; completions that still carry its tag find nothing. */
    void leave(UringHandle handle) {
        int slot = UringTag.slot(handle.tag);
        handles[slot] = null;
        generations[slot]++;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = slot;
        handle.leaveSlot();
    }

    /** The bearer of a completion, or null where it is gone. */
    @Nullable
    UringHandle find(long userData) {
        int slot = UringTag.slot(userData);
        return slot < used && generations[slot] == UringTag.generation(userData) ? handles[slot] : null;
    }

    /** Any handle that is still there, or null. */
    @Nullable
    UringHandle any() {
        for (int i = 0; i < used; i++) {
            if (handles[i] != null) {
                return handles[i];
            }
        }
        return null;
    }
}
