package dev.sluice.lab.load;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Adds up what roll calls saw, of several lanes and several processes. For one thread. */
final class IdleCensus {
    private final Histogram latencies = new Histogram(1, Lane.MAX_NANOS, Lane.DIGITS);
    private final Map<String, Long> errors = new LinkedHashMap<>();

    void add(RollCall call) {
        latencies.add(call.latencies);
        addErrors(call.errors.counts());
    }

    void addErrors(Map<String, Long> counts) {
        counts.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    }

    /** Adds another process's {@link #encoded} latencies. */
    void addLatencies(String encoded) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(encoded));
            latencies.add(Histogram.decodeFromCompressedByteBuffer(bytes, Lane.MAX_NANOS));
        } catch (DataFormatException | IllegalArgumentException e) {
            throw new LoadException("a process that held idle connections told no latencies: " + encoded, e);
        }
    }

    /** The latencies for another process. */
    String encoded() {
        ByteBuffer bytes = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
        int length = latencies.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(bytes.array(), length));
    }

    LoadResult.IdleAnswers result(int askedCount, double seconds) {
        long answered = latencies.getTotalCount();
        return new LoadResult.IdleAnswers(
                askedCount,
                answered,
                seconds,
                answered / seconds,
                LoadResult.Latency.of(latencies),
                Map.copyOf(errors));
    }
}
