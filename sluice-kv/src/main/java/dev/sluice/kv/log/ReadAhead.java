package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a file from one end to the other, and shows what it reads, while it already reads what comes next. What is left unread is
 * shown again, with what follows.
 */
final class ReadAhead {
    /** Looks at a file's bytes. */
    interface Reader {
        /** That is all. */
        int STOP = 0;

        /**
         * Reads what is whole; its position says how much.
         *
         * @param bytes little-endian, lent for the call
         * @param offset of the buffer's position in the file
         * @return how many bytes it must be shown at once to go on, from its position on; or {@link #STOP}
         */
        int read(ByteBuffer bytes, long offset);

        /** All was shown, or it has stopped. */
        void end();
    }

    private static final int WINDOW_MOST = 2 << 20;
    private static final int WINDOW_LEAST = 4 << 10;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final LogDirectory files;
    private final String name;
    private final long size;
    private final Reader reader;
    /** Each has room in front for what the other one's reader left; made only once it is needed, for most files take one. */
    private ByteBuffer shown = NONE;

    private ByteBuffer coming = NONE;
    private final int window;
    /** A piece that is larger than a window, put together. */
    private ByteBuffer large = NONE;

    private int file;
    private long offset;
    private int left;
    private boolean arrived;
    private boolean waits;
    private boolean stopped;

    private ReadAhead(LogDirectory files, String name, long from, long size, Reader reader) {
        this.files = files;
        this.name = name;
        this.size = size;
        this.reader = reader;
        this.offset = from;
        window = Math.clamp(size - from, WINDOW_LEAST, WINDOW_MOST);
    }

    private ByteBuffer twoWindows() {
        return ByteBuffer.allocateDirect(2 * window).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Opens a file, reads it from an offset to the end that it is known to have, and closes it. */
    static void read(LogDirectory files, LogFile from, long offset, Reader reader) {
        ReadAhead reading = new ReadAhead(files, from.name(), offset, from.size(), reader);
        files.open(from.name(), LogDirectory.READ, opened -> {
            reading.file = (int) opened;
            reading.fetch(offset);
            reading.goOn();
        });
    }

    private void fetch(long at) {
        int count = Math.clamp(size - at, 0, window);
        arrived = count == 0;
        if (arrived) {
            coming = NONE;
            return;
        }
        if (coming == NONE) {
            coming = twoWindows();
        }
        files.read(file, name, coming.clear().position(window).limit(window + count), at, this::arrived);
    }

    private void arrived() {
        arrived = true;
        if (waits) {
            waits = false;
            show();
        }
    }

    private void goOn() {
        if (arrived) {
            show();
        } else {
            waits = true;
        }
    }

    private void show() {
        ByteBuffer fresh = coming;
        int fetched = fresh == NONE ? 0 : fresh.position() - window;
        if (fetched == 0 || stopped) {
            files.close(file, reader::end);
            return;
        }
        fresh.flip().position(window - left);
        fresh.put(shown).position(window - left);
        coming = shown;
        shown = fresh;
        offset += fetched;
        fetch(offset);
        stopped = !look(fresh);
        goOn(); // where it has stopped too: a read that is short goes on, which needs the file
    }

    /** Shows a window; false where the reader has stopped. */
    private boolean look(ByteBuffer fresh) {
        if (large.hasRemaining()) {
            int count = Math.min(large.remaining(), fresh.remaining());
            large.put(fresh.slice(fresh.position(), count));
            fresh.position(fresh.position() + count);
            if (!large.hasRemaining()) {
                large.flip();
                boolean goesOn = reader.read(large, offset - fresh.remaining() - large.limit()) != Reader.STOP;
                large = NONE;
                if (!goesOn) {
                    return false;
                }
            }
        }
        int wanted = fresh.hasRemaining() ? reader.read(fresh, offset - fresh.remaining()) : 1;
        left = fresh.remaining();
        if (wanted > window) {
            large = ByteBuffer.allocateDirect(wanted)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(fresh);
            left = 0;
        }
        return wanted != Reader.STOP;
    }
}
