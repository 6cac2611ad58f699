package dev.sluice.style;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a session of any style wants of its input next, and what of that is there. A frame that lies whole in the lent buffer is
 * taken where it lies; only one that comes in pieces is gathered, up to its bound, and what follows it stays unread.
 *
 * <p>What was gathered for a want that was given up is in front of what comes next.
 */
final class Intake {
    private static final byte[] NONE = {};
    private static final byte[] ANY = {};
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int FIRST_BYTES = 256;

    private boolean wanting;
    /** Empty: no delimiter is waited for. */
    private byte[] delimiter = ANY;

    private int least;
    private int most;

    private byte[] gathered = NONE;
    private int from;
    private int to;
    /** So many gathered bytes begin no delimiter: a peer that sends byte by byte has each looked at once. */
    private int searched;

    // how the lent buffer is to be left once the frame is used
    private int restoredPosition;
    private int restoredLimit = -1;

    /** Whatever comes, so many bytes at most. */
    void wantSome(int mostBytes) {
        want(ANY, 1, mostBytes);
    }

    /** So many bytes. */
    void wantExactly(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("can't read " + count + " bytes");
        }
        want(ANY, count, count);
    }

    /** All in front of a delimiter, so many bytes at most, the delimiter not counted. */
    void wantUntil(byte[] end, int mostBytes) {
        if (end.length == 0 || mostBytes < 0) {
            throw new IllegalArgumentException(
                    "a delimiter needs at least one byte, and its bound must not be negative");
        }
        want(end, end.length, mostBytes);
    }

    private void want(byte[] end, int atLeast, int atMost) {
        wanting = true;
        searched = 0;
        delimiter = end;
        least = atLeast;
        most = atMost;
    }

    void wantNothing() {
        wanting = false;
    }

    boolean isWanting() {
        return wanting;
    }

    /** Whether bytes were taken out of the input that no frame has had yet. */
    boolean hasGathered() {
        return from < to;
    }

    /** The frame, from what was gathered alone. */
    @Nullable
    ByteBuffer take() throws FrameTooLongException {
        return hasGathered() || (least == 0 && wanting) ? take(NOTHING) : null;
    }

    /**
     * The frame that is wanted, which ends the want; null where more must come, or nothing is wanted. It is lent until {@link
     * #release}, which must follow.
     */
    @Nullable
    ByteBuffer take(ByteBuffer input) throws FrameTooLongException {
        if (!wanting) {
            return null;
        }
        ByteBuffer frame = hasGathered() ? gathered(input) : whole(input);
        wanting = frame == null;
        return frame;
    }

    /** Leaves the lent buffer behind the frame. */
    void release(ByteBuffer input) {
        if (restoredLimit >= 0) {
            input.limit(restoredLimit).position(restoredPosition);
            restoredLimit = -1;
        }
    }

    private @Nullable ByteBuffer whole(ByteBuffer input) throws FrameTooLongException {
        int start = input.position();
        int length;
        if (delimiter.length == 0) {
            length = input.remaining() < least ? -1 : Math.min(input.remaining(), most);
        } else {
            length = find(input);
        }
        if (length < 0) {
            gather(input);
            return null;
        }
        restoredLimit = input.limit();
        restoredPosition = start + length + delimiter.length;
        return input.limit(start + length);
    }

    /** Where the delimiter begins, counted from the input's position; -1 where it may still come. */
    private int find(ByteBuffer input) throws FrameTooLongException {
        int start = input.position();
        int last = delimiter.length - 1;
        byte lastByte = delimiter[last];
        long bound = (long) start + most + delimiter.length;
        int end = (int) Math.min(input.limit(), bound);
        for (int i = start + last; i < end; i++) {
            if (input.get(i) == lastByte && delimits(input, i - last)) {
                return i - last - start;
            }
        }
        return notFound(end == bound);
    }

    private boolean delimits(ByteBuffer input, int at) {
        for (int i = 0; i < delimiter.length - 1; i++) {
            if (input.get(at + i) != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    private int notFound(boolean full) throws FrameTooLongException {
        if (full) {
            wanting = false;
            throw new FrameTooLongException(most);
        }
        return -1;
    }

    // ---- frames in pieces

    private @Nullable ByteBuffer gathered(ByteBuffer input) throws FrameTooLongException {
        int added = delimiter.length > 0 || least > 1 ? gather(input) : 0;
        int length;
        if (delimiter.length == 0) {
            length = to - from < least ? -1 : Math.min(to - from, most);
        } else {
            length = findGathered();
        }
        if (length < 0) {
            return null;
        }
        int end = from + length + delimiter.length;
        int back = Math.min(added, to - end); // what follows stays where it came from
        input.position(input.position() - back);
        to -= back;
        ByteBuffer frame = ByteBuffer.wrap(gathered, from, length).slice();
        from = end;
        if (from == to) {
            gathered = NONE;
            from = 0;
            to = 0;
        }
        return frame;
    }

    private int findGathered() throws FrameTooLongException {
        int last = delimiter.length - 1;
        long bound = (long) from + most + delimiter.length;
        int end = (int) Math.min(to, bound);
        for (int i = from + searched + last; i < end; i++) {
            if (gathered[i] == delimiter[last] && delimitsGathered(i - last)) {
                return i - last - from;
            }
        }
        searched = Math.max(0, to - from - last);
        return notFound(end == bound);
    }

    private boolean delimitsGathered(int at) {
        for (int i = 0; i < delimiter.length - 1; i++) {
            if (gathered[at + i] != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    /** Takes what nobody wants yet out of the input, up to so much in all. */
    void keep(ByteBuffer input, int mostBytes) {
        gather(input, Math.max(0, mostBytes - (to - from)));
    }

    /** Takes as much out of the input as may belong to the frame; how much that was. */
    private int gather(ByteBuffer input) {
        return gather(input, (int)
                Math.max(0, Math.min(Integer.MAX_VALUE, (long) most + delimiter.length) - (to - from)));
    }

    private int gather(ByteBuffer input, int room) {
        int count = Math.min(room, input.remaining());
        if (count == 0) {
            return 0;
        }
        if (to + count > gathered.length) {
            int wanted = Math.max(Math.max(FIRST_BYTES, to - from + count), Math.min((to - from) * 2, most));
            byte[] larger = new byte[wanted];
            System.arraycopy(gathered, from, larger, 0, to - from);
            gathered = larger;
            to -= from;
            from = 0;
        }
        input.get(gathered, to, count);
        to += count;
        return count;
    }
}
