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

    private static final int WINDOW = 2 << 20;

    private final LogDirectory files;
    private final int file;
    private final String name;
    private final long size;
    private final Reader reader;
    /** Each has room in front for what the other one's reader left. */
    private ByteBuffer shown = window().limit(0);

    private ByteBuffer coming = window();
    /** A piece that is larger than a window, put together. */
    private ByteBuffer large = ByteBuffer.allocate(0);

    private long offset;
    private int left;
    private boolean arrived;
    private boolean waits;

    private ReadAhead(LogDirectory files, int file, String name, long from, long size, Reader reader) {
        this.files = files;
        this.file = file;
        this.name = name;
        this.size = size;
        this.reader = reader;
        this.offset = from;
    }

    private static ByteBuffer window() {
        return ByteBuffer.allocateDirect(2 * WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads an open file from an offset to its end. */
    static void read(LogDirectory files, int file, String name, long from, long size, Reader reader) {
        ReadAhead reading = new ReadAhead(files, file, name, from, size, reader);
        reading.fetch(from);
        reading.goOn();
    }

    private void fetch(long at) {
        arrived = false;
        coming.clear().position(WINDOW).limit(WINDOW + (int) Math.max(0, Math.min(WINDOW, size - at)));
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
        ByteBuffer window = coming;
        int fetched = window.position() - WINDOW;
        window.flip().position(WINDOW - left);
        window.put(shown).position(WINDOW - left);
        coming = shown;
        shown = window;
        offset += fetched;
        fetch(offset);
        if (fetched == 0 || !look(window)) {
            reader.end();
        } else {
            goOn();
        }
    }

    /** Shows a window; false where the reader has stopped. */
    private boolean look(ByteBuffer window) {
        if (large.hasRemaining()) {
            int count = Math.min(large.remaining(), window.remaining());
            large.put(window.slice(window.position(), count));
            window.position(window.position() + count);
            if (!large.hasRemaining()) {
                large.flip();
                boolean goesOn = reader.read(large, offset - window.remaining() - large.limit()) != Reader.STOP;
                large = ByteBuffer.allocate(0);
                if (!goesOn) {
                    return false;
                }
            }
        }
        int wanted = window.hasRemaining() ? reader.read(window, offset - window.remaining()) : 1;
        left = window.remaining();
        if (wanted > WINDOW) {
            large = ByteBuffer.allocateDirect(wanted)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(window);
            left = 0;
        }
        return wanted != Reader.STOP;
    }
}
