package dev.sluice.kv;

import java.util.Arrays;

/**
 * Replies of one client that wait for the journal to become durable, and what stands behind them: bytes in their order, in
 * segments, each with the record that it waits for.
 */
final class HeldReplies {
    /** Of a segment: it answers no command, but is a message. */
    static final int MESSAGE = -1;

    private byte[] bytes = new byte[512];
    private int start;
    private int end;
    private long[] barriers = new long[4];
    private int[] ends = new int[4];
    private int[] commands = new int[4];
    private int first;
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return end - start;
    }

    /** What the first segment waits for. */
    long firstBarrier() {
        return barriers[first];
    }

    private long lastBarrier() {
        return count == 0 ? 0 : barriers[first + count - 1];
    }

    /**
     * Adds a segment.
     *
     * @param barrier the record that it waits for; it waits for all in front of it as well
     * @param commandCount how many commands it answers, or {@link #MESSAGE}
     */
    void add(byte[] from, int offset, int length, long barrier, int commandCount) {
        if (bytes.length - end < length) {
            makeRoom(length);
        }
        System.arraycopy(from, offset, bytes, end, length);
        end += length;
        if (first + count == barriers.length) {
            makeRoomForSegment();
        }
        int at = first + count++;
        barriers[at] = Math.max(barrier, count == 1 ? 0 : barriers[at - 1]);
        ends[at] = end;
        commands[at] = commandCount;
    }

    void addMessage(byte[] from, int offset, int length) {
        add(from, offset, length, lastBarrier(), MESSAGE);
    }

    private void makeRoom(int length) {
        int size = end - start;
        byte[] larger = size + (long) length <= bytes.length
                ? bytes
                : new byte[(int) Math.min(Math.max(size + (long) length, 2L * bytes.length), Integer.MAX_VALUE - 8)];
        System.arraycopy(bytes, start, larger, 0, size);
        for (int i = first; i < first + count; i++) {
            ends[i] -= start;
        }
        bytes = larger;
        end = size;
        start = 0;
    }

    private void makeRoomForSegment() {
        int room = count * 2 > barriers.length ? barriers.length * 2 : barriers.length;
        barriers = Arrays.copyOf(Arrays.copyOfRange(barriers, first, first + count), room);
        ends = Arrays.copyOf(Arrays.copyOfRange(ends, first, first + count), room);
        commands = Arrays.copyOf(Arrays.copyOfRange(commands, first, first + count), room);
        first = 0;
    }

    /** Writes what waits for no record behind one. */
    void release(long durable, Replies to) {
        int from = start;
        while (count > 0 && barriers[first] <= durable) {
            start = ends[first++];
            count--;
        }
        to.raw(bytes, from, start - from);
        reuse();
    }

    /** Writes an error for each command whose record never becomes durable, and the messages between. */
    void fail(String error, Replies to) {
        while (count > 0) {
            if (commands[first] == MESSAGE) {
                to.raw(bytes, start, ends[first] - start);
            }
            for (int i = 0; i < commands[first]; i++) {
                to.error(error);
            }
            start = ends[first++];
            count--;
        }
        reuse();
    }

    private void reuse() {
        if (count == 0) {
            start = 0;
            end = 0;
            first = 0;
        }
    }
}
