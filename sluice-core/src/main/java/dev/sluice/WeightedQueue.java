package dev.sluice;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a turn, in classes. Those of one class come in their order; of several, each has as many turns in a round as
 * its weight says, a higher one first (weighted round robin). So none is starved. Allocates nothing but room to grow. Not safe for use
 * from several threads.
 *
 * @param <T> what waits
 */
public final class WeightedQueue<T> {
    /** The highest class first. */
    private final List<Line<T>> lines = new ArrayList<>();

    private final Map<Priority, Line<T>> lineOf = new EnumMap<>(Priority.class);

    private int size;

    /** Those of one class. */
    private static final class Line<T> {
        final ArrayDeque<T> waiting = new ArrayDeque<>();
        final int weight;
        /** Turns that it has left in this round. */
        int left;
        /** Of those that wait, how many were there at the beginning: who asks again waits for the next time. */
        int mayRun;

        Line(int weight) {
            this.weight = weight;
        }
    }

    /** An empty queue. */
    public WeightedQueue() {
        for (Priority of : Priority.values()) {
            Line<T> line = new Line<>(of.weight());
            lines.add(line);
            lineOf.put(of, line);
        }
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** How many wait; from another thread a little late. */
    public int size() {
        return size;
    }

    /** Adds one behind the others of its class. */
    public void add(T one, Priority of) {
        Objects.requireNonNull(lineOf.get(of)).waiting.add(one);
        size++;
    }

    /** Takes one of a class out; false where it has had its turn. */
    public boolean remove(T one, Priority of) {
        boolean waited = Objects.requireNonNull(lineOf.get(of)).waiting.remove(one);
        size -= waited ? 1 : 0;
        return waited;
    }

    /** Those that wait now may be had by {@link #next}. */
    public void begin() {
        for (int i = 0; i < lines.size(); i++) { // an iterator would be garbage
            Line<T> line = lines.get(i);
            line.mayRun = line.waiting.size();
        }
    }

    /** Takes the next out, null where all have been that were there at {@link #begin}. */
    public @Nullable T next() {
        Line<T> first = null;
        for (int i = 0; i < lines.size(); i++) {
            Line<T> line = lines.get(i);
            if (line.mayRun > 0) {
                if (line.left > 0) {
                    return take(line);
                }
                first = first == null ? line : first;
            }
        }
        if (first == null) {
            return null;
        }
        for (int i = 0; i < lines.size(); i++) { // a new round
            lines.get(i).left = lines.get(i).weight;
        }
        return take(first);
    }

    private T take(Line<T> line) {
        line.mayRun--;
        line.left--;
        size--;
        return line.waiting.remove();
    }
}
