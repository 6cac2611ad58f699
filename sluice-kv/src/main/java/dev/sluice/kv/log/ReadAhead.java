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

    private final LogDirectory files;
    private final String name;
    private final long size;
    private final Reader reader;
    /** Each has room in front for what the other one's reader left. */
    private ByteBuffer shown;

    private ByteBuffer coming;
    private final int window;
    /** A piece that is larger than a window, put together. */
    private ByteBuffer large = ByteBuffer.allocate(0);

    private int file;
    private long offset;
    private int left;
    private boolean arrived;
    private boolean waits;

    private ReadAhead(LogDirectory files, String name, long from, long size, Reader reader) {
        this.files = files;
        this.name = name;
        this.size = size;
        this.reader = reader;
        this.offset = from;
        window = Math.clamp(size - from, WINDOW_LEAST, WINDOW_MOST);
        shown = twoWindows().limit(0);
        coming = twoWindows();
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
        arrived = false;
        coming.clear().position(window).limit(window + Math.clamp(size - at, 0, window));
        if (coming.hasRemaining()) {
            files.read(file, name, coming, at, this::arrived);
        } else {
            arrived = true;
        }
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
        int fetched = fresh.position() - window;
        fresh.flip().position(window - left);
        fresh.put(shown).position(window - left);
        coming = shown;
        shown = fresh;
        offset += fetched;
        fetch(offset);
        if (fetched == 0 || !look(fresh)) {
            files.close(file, reader::end);
        } else {
            goOn();
        }
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
                large = ByteBuffer.allocate(0);
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
