package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is chosen, and how often. */
class BalancerTest {
    private static final Predicate<Backend> NOBODY = backend -> false;

    private static List<Backend> backends(int... weights) {
        List<Backend> all = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            all.add(new Backend(new InetSocketAddress("127.0.0.1", 9001 + i), weights[i]));
        }
        return all;
    }

    private static Backends of(Balancing balancing, List<Backend> all) {
        return new Backends(all, balancing, Ejection.never());
    }

    private static int[] shares(Backends backends, int picks, Random keys) {
        int[] counts = new int[backends.all().size()];
        for (int i = 0; i < picks; i++) {
            counts[backends.all().indexOf(backends.pick(keys.nextLong(), NOBODY))]++;
        }
        return counts;
    }

    @Test
    void roundRobinIsExactInEachRoundAndSpreadsTheHeavy() {
        Backends backends = of(Balancing.RR, backends(5, 1, 2));
        assertThat(shares(backends, 8, new Random(1))).containsExactly(5, 1, 2);
        assertThat(shares(backends, 8000, new Random(1))).containsExactly(5000, 1000, 2000);
        int row = 0;
        for (int i = 0; i < 8; i++) {
            row = backends.pick(0, NOBODY) == backends.all().getFirst() ? row + 1 : 0;
            assertThat(row).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void theShareOfOneThatIsDownFallsOnAllOthersAlike() {
        Backends backends = of(Balancing.RR, backends(1, 1, 1, 1));
        backends.all().get(1).up(false);
        int[] counts = shares(backends, 3000, new Random(1));
        assertThat(counts).containsExactly(1000, 0, 1000, 1000);
    }

    /** Chi-square with three degrees of freedom: 16.27 is passed by one in a thousand honest draws; the seed is fixed. */
    @Test
    void hashingSharesOutByWeight() {
        Backends backends = of(Balancing.HASH, backends(1, 1, 2, 4));
        int picks = 80_000;
        int[] counts = shares(backends, picks, new Random(42));
        double chi = 0;
        int[] weights = {1, 1, 2, 4};
        for (int i = 0; i < counts.length; i++) {
            double expected = picks * weights[i] / 8.0;
            chi += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        assertThat(chi).isLessThan(16.27);
    }

    @Test
    void whenOneLeavesOnlyItsOwnKeysMoveAndToAllOthers() {
        List<Backend> all = backends(1, 2, 1, 1, 1);
        Backends before = of(Balancing.HASH, all);
        Backend leaves = all.get(2);
        Backends after =
                of(Balancing.HASH, all.stream().filter(b -> b != leaves).toList());
        Map<Backend, Integer> heirs = new HashMap<>();
        Random keys = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long key = keys.nextLong();
            Backend had = before.pick(key, NOBODY);
            Backend has = after.pick(key, NOBODY);
            if (had == leaves) {
                heirs.merge(Objects.requireNonNull(has), 1, Integer::sum);
            } else {
                assertThat(has).isSameAs(had);
            }
        }
        assertThat(heirs).hasSize(4);
        assertThat(heirs.values()).allMatch(count -> count > 400);
        leaves.up(false); // the same keys move where it is down
        assertThat(before.pick(99, NOBODY)).isSameAs(after.pick(99, NOBODY));
    }

    @Test
    void whoStallsGetsNoMoreThanItAlreadyHas() {
        Backends backends = of(Balancing.LEAST, backends(1, 1, 1));
        Backend stalled = backends.all().getFirst();
        for (int i = 0; i < 10; i++) {
            stalled.started();
        }
        for (int i = 0; i < 100; i++) {
            Backend taken = Objects.requireNonNull(backends.pick(0, NOBODY));
            assertThat(taken).isNotSameAs(stalled);
            taken.started();
            taken.ended(Backend.Outcome.ANSWERED);
        }
    }

    @Test
    void theLeastLoadedForItsWeightIsTaken() {
        Backends backends = of(Balancing.LEAST, backends(3, 1));
        int[] held = new int[2];
        for (int i = 0; i < 400; i++) {
            Backend taken = Objects.requireNonNull(backends.pick(0, NOBODY));
            taken.started();
            held[backends.all().indexOf(taken)]++;
        }
        assertThat(held).containsExactly(300, 100);
    }

    @ParameterizedTest
    @EnumSource(Balancing.class)
    void theExcludedAndTheUnhealthyAreNeverTaken(Balancing balancing) {
        Backends backends = of(balancing, backends(9, 1, 1));
        Backend excluded = backends.all().get(0);
        backends.all().get(1).up(false);
        for (int key = 0; key < 100; key++) {
            assertThat(backends.pick(key, backend -> backend == excluded))
                    .isSameAs(backends.all().get(2));
        }
        assertThat(backends.pick(1, backend -> true)).isNull();
    }

    // ---- slow start

    private final AtomicLong now = new AtomicLong(1);

    private Backends startingSlowly(Balancing balancing) {
        List<Backend> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(new Backend(new InetSocketAddress("127.0.0.1", 9001 + i), 1, now::get));
        }
        return new Backends(all, balancing, new Ejection(1, Duration.ofSeconds(10), 50), Duration.ofSeconds(30));
    }

    private int shareOfTheFirst(Backends backends) {
        return shares(backends, 3000, new Random(3))[0];
    }

    @ParameterizedTest
    @EnumSource(
            value = Balancing.class,
            names = {"RR", "HASH"})
    void theShareOfOneThatCameBackRises(Balancing balancing) {
        Backends backends = startingSlowly(balancing);
        Backend back = backends.all().getFirst();
        back.up(true); // it was never away
        assertThat(shareOfTheFirst(backends)).isBetween(920, 1080);
        back.up(false);
        assertThat(shareOfTheFirst(backends)).isZero();
        back.up(true);
        assertThat(shareOfTheFirst(backends)).isBetween(70, 170);
        now.addAndGet(Duration.ofSeconds(15).toNanos());
        assertThat(shareOfTheFirst(backends)).isBetween(400, 760);
        now.addAndGet(Duration.ofSeconds(15).toNanos());
        assertThat(shareOfTheFirst(backends)).isBetween(920, 1080);
    }

    @Test
    void oneThatIsNoLongerEjectedStartsSlowlyToo() {
        Backends backends = startingSlowly(Balancing.RR);
        Backend back = backends.all().getFirst();
        back.started();
        back.ended(Backend.Outcome.FAILED);
        assertThat(back.isEjected()).isTrue();
        now.addAndGet(Duration.ofSeconds(11).toNanos());
        back.started();
        back.ended(Backend.Outcome.ANSWERED);
        assertThat(shareOfTheFirst(backends)).isBetween(70, 170);
    }

    @Test
    void theLeastLoadedIsSoForTheShareThatItHas() {
        Backends backends = startingSlowly(Balancing.LEAST);
        backends.all().getFirst().up(false);
        backends.all().getFirst().up(true);
        int[] held = new int[3];
        for (int i = 0; i < 210; i++) {
            Backend taken = Objects.requireNonNull(backends.pick(0, NOBODY));
            taken.started();
            held[backends.all().indexOf(taken)]++;
        }
        assertThat(held[0]).isBetween(9, 11);
    }

    @ParameterizedTest
    @EnumSource(Balancing.class)
    void whereAllStartSlowlyEachHasItsShareAllTheSame(Balancing balancing) {
        Backends backends = startingSlowly(balancing);
        backends.all().forEach(backend -> backend.up(false));
        backends.all().forEach(backend -> backend.up(true));
        for (int share : shares(backends, 3000, new Random(3))) {
            assertThat(share).isBetween(920, 1080);
        }
    }

    @Test
    void weightsAreBounded() {
        assertThatThrownBy(() -> backends(0)).hasMessageContaining("must be from 1 to 256");
        assertThatThrownBy(() -> backends(257)).hasMessageContaining("must be from 1 to 256");
        assertThatThrownBy(() -> new Backends(List.of())).hasMessageContaining("no back end");
    }
}
