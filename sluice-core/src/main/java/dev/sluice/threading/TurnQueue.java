package dev.sluice.threading;

import dev.sluice.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Those of a loop that wait for a turn. Of one class they come in their order; of several, each class has as many turns in a
 * round as its weight says, a higher one first (weighted round robin). So none is starved. For the loop's thread.
 */
final class TurnQueue<T> {
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

    TurnQueue() {
        for (Priority of : Priority.values()) {
            Line<T> line = new Line<>(of.weight());
            lines.add(line);
            lineOf.put(of, line);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(T one, Priority of) {
        Objects.requireNonNull(lineOf.get(of)).waiting.add(one);
        size++;
    }

    /** Those that wait now may be had by {@link #next}. */
    void begin() {
        for (int i = 0; i < lines.size(); i++) { // an iterator would be garbage
            Line<T> line = lines.get(i);
            line.mayRun = line.waiting.size();
        }
    }

    /** Takes the next out, null where all have been that were there at the beginning. */
    @Nullable
    T next() {
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
