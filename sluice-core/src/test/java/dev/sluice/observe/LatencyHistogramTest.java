package dev.sluice.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class LatencyHistogramTest {
    private static final long[] BOUNDS = LatencyHistogram.boundsNanos();

    private static int slowly(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    @Test
    void aDurationIsInTheFirstBucketWhoseBoundIsNotBelowIt() {
        for (long bound : BOUNDS) {
            for (long nanos = bound - 1; nanos <= bound + 1; nanos++) {
                assertThat(LatencyHistogram.bucket(nanos)).as("%d ns", nanos).isEqualTo(slowly(nanos));
            }
        }
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            long nanos = random.nextLong(1L << (1 + random.nextInt(40)));
            assertThat(LatencyHistogram.bucket(nanos)).as("%d ns", nanos).isEqualTo(slowly(nanos));
        }
    }

    @Test
    void whatThreadsRecordIsAddedUp() throws Exception {
        LatencyHistogram histogram = new LatencyHistogram();
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 10_000; n++) {
                    histogram.record(1_500);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        histogram.record(Long.MAX_VALUE / 2);
        long[] counts = histogram.counts();
        assertThat(counts[LatencyHistogram.bucket(1_500)]).isEqualTo(80_000);
        assertThat(counts[counts.length - 1]).isEqualTo(1);
        assertThat(LongStream.of(counts).sum()).isEqualTo(80_001);
        assertThat(histogram.sumNanos()).isEqualTo(80_000L * 1_500 + Long.MAX_VALUE / 2);
    }
}
