package dev.sluice.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A world's trace: who did what when. Every line goes into a hash, by which two runs are compared; the last ones are kept for
 * a failure; all are told to a reader where there is one. A line is made into text only when somebody reads it.
 */
public final class Story {
    private static final int KEPT = 256;
    /** A line that is about no connection. */
    static final int NO_CONNECTION = 0;

    private final long[] times = new long[KEPT];
    private final String[] hosts = new String[KEPT];
    private final int[] connections = new int[KEPT];
    private final String[] events = new String[KEPT];
    private final long[] numbers = new long[KEPT];
    private final @Nullable Consumer<String> reader;
    private long count;
    private long hash = 0xCBF29CE484222325L;

    Story(@Nullable Consumer<String> reader) {
        this.reader = reader;
    }

    /**
     * Adds a line.
     *
     * @param connection the connection's number in the world, or {@link #NO_CONNECTION}
     * @param event what happened; a {@code #} in it stands for the number
     */
    void tell(long time, String host, int connection, String event, long number) {
        int at = (int) (count++ % KEPT);
        times[at] = time;
        hosts[at] = host;
        connections[at] = connection;
        events[at] = event;
        numbers[at] = number;
        mix(time);
        mix(host.hashCode()); // of a string, its specification says how
        mix(connection);
        mix(event.hashCode());
        mix(number);
        if (reader != null) {
            reader.accept(line(at));
        }
    }

    private void mix(long value) {
        hash = (hash ^ value) * 0x100000001B3L;
        hash ^= hash >>> 29;
    }

    /** A hash of all lines so far: equal for equal stories, on any JVM. */
    public long hash() {
        return hash;
    }

    public long lineCount() {
        return count;
    }

    /** The last lines, so many at most. */
    public List<String> last(int most) {
        List<String> lines = new ArrayList<>();
        long from = Math.max(0, count - Math.min(most, KEPT));
        for (long i = from; i < count; i++) {
            lines.add(line((int) (i % KEPT)));
        }
        return lines;
    }

    private String line(int at) {
        StringBuilder line = new StringBuilder(80);
        line.append(seconds(times[at])).append("  ").append(hosts[at]);
        if (connections[at] != NO_CONNECTION) {
            line.append(" #").append(connections[at]);
        }
        String event = events[at];
        int place = event.indexOf('#');
        line.append("  ");
        if (place < 0) {
            line.append(event);
        } else {
            line.append(event, 0, place).append(numbers[at]).append(event, place + 1, event.length());
        }
        return line.toString();
    }

    /** Nanoseconds as seconds with nine digits. */
    static String seconds(long nanos) {
        String fraction = Long.toString(nanos % 1_000_000_000L);
        return nanos / 1_000_000_000L + "." + "0".repeat(9 - fraction.length()) + fraction;
    }
}
