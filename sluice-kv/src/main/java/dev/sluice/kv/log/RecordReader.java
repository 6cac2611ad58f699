package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Reads the records of a file one after the other, up to the first that is not as it was written, or not the next. */
final class RecordReader implements ReadAhead.Reader {
    /** Is told each record. */
    interface Sink {
        /** @param payload lent for the call; empty for a mark */
        void record(long number, ByteBuffer payload);
    }

    private final int salt;
    private final long size;
    private final long limit;
    private final Sink sink;
    private final Runnable end;
    private final CRC32C crc = new CRC32C();
    private long next;
    private long stoppedAt = SegmentHeader.BYTES;
    private long durable;

    /**
     * @param next the number of the first record
     * @param limit records are read up to this number, and not with it
     */
    RecordReader(int salt, long size, long next, long limit, Sink sink, Runnable end) {
        this.salt = salt;
        this.size = size;
        this.next = next;
        this.limit = limit;
        this.sink = sink;
        this.end = end;
    }

    /** The number of the record that was not read. */
    long next() {
        return next;
    }

    /** Where in the file it would be. */
    long stoppedAt() {
        return stoppedAt;
    }

    /** The highest number of which a record says that all up to it are durable. */
    long durable() {
        return durable;
    }

    @Override
    public int read(ByteBuffer bytes, long offset) {
        long begin = offset - bytes.position();
        while (bytes.remaining() >= RecordFormat.HEAD_BYTES) {
            int at = bytes.position();
            if (next == limit
                    || RecordFormat.number(bytes, at) != next
                    || !RecordFormat.isPlausible(bytes, at, size - begin - at)) {
                return STOP;
            }
            int length = RecordFormat.length(bytes, at);
            int whole = RecordFormat.size(length);
            if (bytes.remaining() < whole) {
                return whole;
            }
            if (!RecordFormat.isWhole(bytes, at, salt, crc)) {
                return STOP;
            }
            durable = Math.max(durable, RecordFormat.durable(bytes, at));
            tell(bytes, at + RecordFormat.HEAD_BYTES, length);
            bytes.position(at + whole);
            stoppedAt = begin + at + whole;
            next++;
        }
        return RecordFormat.HEAD_BYTES;
    }

    private void tell(ByteBuffer bytes, int at, int length) {
        int filled = bytes.limit();
        bytes.limit(at + length).position(at);
        sink.record(next, bytes);
        bytes.limit(filled).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void end() {
        end.run();
    }
}
