package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A ring's table of registered descriptors: each place holds a file as a descriptor does. */
final class RingTable {
    private final @Nullable Pollable[] places;
    /** Places are given out in turn, as io_file_bitmap_get() does. */
    private int hint;

    RingTable(int count) {
        this.places = new Pollable[count];
    }

    @Nullable
    Pollable file(int place) {
        return place < 0 || place >= places.length ? null : places[place];
    }

    /** Puts a file at a free place, or answers -ENFILE. */
    int put(Pollable file) {
        for (int i = 0; i < places.length; i++) {
            int place = (hint + i) % places.length;
            if (places[place] == null) {
                hint = place + 1;
                places[place] = file;
                file.retain();
                return place;
            }
        }
        return -Errno.ENFILE;
    }

    /** Takes the file from a place, or answers -EBADF. */
    int remove(int place) {
        Pollable file = file(place);
        if (file == null) {
            return -Errno.EBADF;
        }
        places[place] = null;
        hint = place;
        file.release();
        return 0;
    }

    /** Its process is gone with its machine. */
    void vanish() {
        for (Pollable file : places) {
            if (file != null) {
                file.vanish();
            }
        }
        Arrays.fill(places, null);
    }

    void clear() {
        for (int place = 0; place < places.length; place++) {
            remove(place);
        }
    }
}
