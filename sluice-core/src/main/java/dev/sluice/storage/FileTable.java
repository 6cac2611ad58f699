package dev.sluice.storage;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The files of a disk by their numbers: a place, and a generation, so that a number whose file is closed means no other. */
final class FileTable {
    private static final int PLACE_BITS = 16;
    private static final int MOST = 1 << PLACE_BITS;
    private static final int GENERATIONS = 1 << 31 - PLACE_BITS;

    private @Nullable DiskFile[] files = new DiskFile[16];
    private int[] generations = new int[16];
    private int[] free = new int[16];
    private int freeCount;
    private int used;

    /** A number for one more file, or -1 where there are too many. */
    int next() {
        if (freeCount > 0) {
            int place = free[--freeCount];
            return generations[place] << PLACE_BITS | place;
        }
        if (used == MOST) {
            return -1;
        }
        if (used == files.length) {
            files = Arrays.copyOf(files, used * 2);
            generations = Arrays.copyOf(generations, used * 2);
            free = Arrays.copyOf(free, used * 2);
        }
        return used++;
    }

    /** Enters a file under the number that it took. */
    void enter(DiskFile file) {
        files[file.number & MOST - 1] = file;
    }

    /** The open file of that number, or null. */
    @Nullable
    DiskFile find(int number) {
        int place = number & MOST - 1;
        if (number < 0 || place >= used) {
            return null;
        }
        DiskFile file = files[place];
        return file != null && file.number == number ? file : null;
    }

    void remove(DiskFile file) {
        int place = file.number & MOST - 1;
        files[place] = null;
        generations[place] = (generations[place] + 1) % GENERATIONS;
        free[freeCount++] = place;
    }

    void forEach(Consumer<DiskFile> visitor) {
        for (int i = 0; i < used; i++) {
            DiskFile file = files[i];
            if (file != null) {
                visitor.accept(file);
            }
        }
    }
}
