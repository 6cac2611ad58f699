package dev.sluice.http;

import dev.sluice.Priority;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tasks that wait for a thread, in classes. Where several classes wait they share by their weight: of 21 tasks that are
 * taken 16 are high, 4 normal and 1 low; in a class the first comes first. Safe for use from any thread.
 */
final class WeightedTasks {
    private static final Priority[] CLASSES = Priority.values();
    private static final Priority[] ROUND = round();

    private final ConcurrentLinkedQueue<Runnable> high = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> normal = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> low = new ConcurrentLinkedQueue<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** Whose turn it is, evenly mixed: each step all gain their weight, and who has most pays for the whole round. */
    private static Priority[] round() {
        int whole = 0;
        for (Priority each : CLASSES) {
            whole += each.weight();
        }
        Priority[] round = new Priority[whole];
        int[] gained = new int[CLASSES.length];
        for (int i = 0; i < whole; i++) {
            int most = 0;
            for (int j = 0; j < CLASSES.length; j++) {
                gained[j] += CLASSES[j].weight();
                most = gained[j] > gained[most] ? j : most;
            }
            gained[most] -= whole;
            round[i] = CLASSES[most];
        }
        return round;
    }

    private Queue<Runnable> of(Priority priority) {
        return switch (priority) {
            case HIGH -> high;
            case NORMAL -> normal;
            case LOW -> low;
        };
    }

    void add(Priority priority, Runnable task) {
        of(priority).add(task);
    }

    /** Takes back a task that nobody will come for; false where somebody has. */
    boolean remove(Priority priority, Runnable task) {
        return of(priority).remove(task);
    }

    /** Takes the next; called once for each that was added, after that, so that there is one, though others take too. */
    Runnable next() {
        Priority first = ROUND[Math.floorMod(turn.getAndIncrement(), ROUND.length)];
        while (true) {
            Runnable task = of(first).poll();
            for (int i = 0; task == null && i < CLASSES.length; i++) {
                task = of(CLASSES[i]).poll();
            }
            if (task != null) {
                return task;
            }
            Thread.onSpinWait();
        }
    }
}
