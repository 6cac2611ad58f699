package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WeightedQueueTest {
    private final WeightedQueue<String> queue = new WeightedQueue<>();

    private void add(Priority of, int count) {
        for (int i = 0; i < count; i++) {
            queue.add(of.name().substring(0, 1) + i, of);
        }
    }

    private String take(int most) {
        StringBuilder taken = new StringBuilder();
        for (int n = 0; n < most; n++) {
            String one = queue.next();
            if (one == null) {
                break;
            }
            taken.append(one).append(' ');
        }
        return taken.toString().trim();
    }

    @Test
    void ofOneClassTheyComeInTheirOrder() {
        add(Priority.NORMAL, 6);
        queue.begin();
        assertThat(take(10)).isEqualTo("N0 N1 N2 N3 N4 N5");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void ofSeveralEachHasItsWeightAndTheHighestIsFirst() {
        add(Priority.LOW, 3);
        add(Priority.NORMAL, 9);
        add(Priority.HIGH, 2);
        queue.begin();
        assertThat(take(20)).isEqualTo("H0 H1 N0 N1 N2 N3 L0 N4 N5 N6 N7 L1 N8 L2");
    }

    @Test
    void aHighClassThatNeverEndsLeavesTheLowOnesTheirPart() {
        int[] turns = new int[3];
        Priority[] classes = Priority.values();
        for (Priority of : classes) {
            add(of, 1);
        }
        for (int i = 0; i < 2_100; i++) {
            queue.begin();
            String one = String.valueOf(queue.next());
            Priority of = one.startsWith("H") ? Priority.HIGH : one.startsWith("N") ? Priority.NORMAL : Priority.LOW;
            turns[of.ordinal()]++;
            queue.add(one, of); // it wants another turn at once, and only one runs before the loop looks again
        }
        assertThat(turns).containsExactly(1_600, 400, 100);
    }

    @Test
    void whoAsksAgainWaitsForTheNextTime() {
        add(Priority.NORMAL, 1);
        queue.begin();
        assertThat(queue.next()).isEqualTo("N0");
        queue.add("again", Priority.HIGH);
        assertThat(queue.next()).isNull();
        queue.begin();
        assertThat(queue.next()).isEqualTo("again");
    }

    @Test
    void whoeverCameMeanwhileIsBeforeThoseOfLowerClasses() {
        add(Priority.LOW, 5);
        queue.begin();
        assertThat(queue.next()).isEqualTo("L0");
        add(Priority.HIGH, 1);
        queue.begin();
        assertThat(take(2)).isEqualTo("H0 L1");
    }

    @Test
    void whoIsTakenBackHasNoTurn() {
        add(Priority.NORMAL, 2);
        assertThat(queue.remove("N0", Priority.NORMAL)).isTrue();
        assertThat(queue.remove("N0", Priority.NORMAL)).isFalse();
        queue.begin();
        assertThat(take(2)).isEqualTo("N1");
        assertThat(queue.isEmpty()).isTrue();
    }
}
