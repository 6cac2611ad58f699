package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Priority;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The limit, by a clock that only the test moves: servers of which it is known what they take at a load. */
final class ConcurrencyLimiterTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long now = 1;
    private final ConcurrencyLimiter limiter = ConcurrencyLimiter.adaptive(() -> now);

    /**
     * Offers requests in a closed loop for a while: so many at once where they are let in, each of which then takes what the
     * server takes with as many in hand. Refused ones come again when the next is answered.
     */
    private void offer(int wanted, long nanos, IntToLongFunction takes) {
        record Running(long permit, long endNanos) {}
        ArrayDeque<Running> running = new ArrayDeque<>();
        long end = now + nanos;
        while (now < end) {
            for (int i = running.size(); i < wanted; i++) {
                long permit = limiter.acquire(Priority.NORMAL);
                if (permit != ConcurrencyLimiter.REFUSED) {
                    running.add(new Running(permit, now + takes.applyAsLong(running.size() + 1)));
                }
            }
            Running first = running.remove();
            now = Math.max(now + 1, first.endNanos);
            limiter.release(first.permit);
        }
        running.forEach(each -> limiter.cancel(each.permit));
        assertThat(limiter.inFlight()).isZero();
    }

    /** One core: each in hand adds its work. */
    private static long computing(int inHand) {
        return inHand * MILLI;
    }

    @Test
    void workThatSharesACoreIsHeldToAFew() {
        offer(1, 1_000 * MILLI, ConcurrencyLimiterTest::computing);
        offer(100, 8_000 * MILLI, ConcurrencyLimiterTest::computing);
        assertThat(limiter.limit()).isBetween(4, 7);
        assertThat(limiter.shedCount()).isPositive();
    }

    @Test
    void itHoldsThoughNoQuietTimeComesAgain() {
        offer(1, 1_000 * MILLI, ConcurrencyLimiterTest::computing);
        for (int i = 0; i < 20; i++) {
            offer(100, 10_000 * MILLI, ConcurrencyLimiterTest::computing);
            assertThat(limiter.limit()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void waitingThatHasRoomIsNotHeldBack() {
        offer(200, 20_000 * MILLI, inHand -> 10 * MILLI);
        assertThat(limiter.limit()).isGreaterThanOrEqualTo(200);
        long before = limiter.shedCount();
        offer(200, 1_000 * MILLI, inHand -> 10 * MILLI);
        assertThat(limiter.shedCount()).isEqualTo(before);
    }

    @Test
    void whatIsNotInUseDoesNotGrow() {
        offer(2, 20_000 * MILLI, inHand -> 10 * MILLI);
        assertThat(limiter.limit()).isEqualTo(20);
    }

    @Test
    void aHandlerThatHasBecomeSlowerIsLearned() {
        offer(50, 20_000 * MILLI, inHand -> 5 * MILLI);
        assertThat(limiter.limit()).isGreaterThanOrEqualTo(50);
        offer(50, 500 * MILLI, inHand -> 20 * MILLI);
        assertThat(limiter.limit()).as("taken for a queue at first").isLessThan(50);
        offer(50, 120_000 * MILLI, inHand -> 20 * MILLI);
        assertThat(limiter.limit()).isGreaterThanOrEqualTo(50);
    }

    @Test
    void whatIsCheapIsLetThroughUntilItIsNot() {
        offer(1, 2_000 * MILLI, inHand -> 5_000);
        long refused = limiter.shedCount();
        for (int i = 0; i < 5_000; i++) {
            assertThat(limiter.acquire(Priority.LOW)).isNotEqualTo(ConcurrencyLimiter.REFUSED);
        }
        assertThat(limiter.inFlight()).as("not counted").isZero();
        assertThat(limiter.shedCount()).isEqualTo(refused);
        offer(100, 15_000 * MILLI, ConcurrencyLimiterTest::computing);
        assertThat(limiter.limit()).isBetween(4, 10);
        assertThat(limiter.shedCount()).isGreaterThan(refused);
    }

    @Test
    void higherClassesAreRefusedLast() {
        ConcurrencyLimiter four = ConcurrencyLimiter.fixed(4);
        long low = take(four, Priority.LOW, 2);
        take(four, Priority.NORMAL, 2);
        take(four, Priority.HIGH, 4);
        assertThat(four.inFlight()).isEqualTo(8);
        assertThat(four.shedCount()).isEqualTo(3);
        four.cancel(low);
        assertThat(four.inFlight()).isEqualTo(7);
        assertThat(four.acquire(Priority.NORMAL)).isEqualTo(ConcurrencyLimiter.REFUSED);
        assertThat(four.acquire(Priority.HIGH)).isNotEqualTo(ConcurrencyLimiter.REFUSED);
        assertThat(four).hasToString("fixed, 8 of 4 in hand, 4 refused");
        assertThatThrownBy(() -> ConcurrencyLimiter.fixed(0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Takes so many permits, and finds that there is no further one; the last. */
    private static long take(ConcurrencyLimiter limiter, Priority priority, int count) {
        long permit = ConcurrencyLimiter.REFUSED;
        for (int i = 0; i < count; i++) {
            permit = limiter.acquire(priority);
            assertThat(permit).isNotEqualTo(ConcurrencyLimiter.REFUSED);
        }
        assertThat(limiter.acquire(priority)).isEqualTo(ConcurrencyLimiter.REFUSED);
        return permit;
    }
}
