package dev.sluice.lab.load;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Failed requests, counted by kind. Safe for use from any thread. */
final class Errors {
    /** How a request failed. */
    enum Kind {
        /** No connection could be had. */
        CONNECT,
        /** The connection was reset, or closed before its answer began. */
        RESET,
        /** No answer in time. */
        TIMEOUT,
        /** The answer's status says that it failed: 400 and above. */
        STATUS,
        /** The answer is malformed, cut short, or other than it must be. */
        BODY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Kind, LongAdder> counts = new EnumMap<>(Kind.class);
    private final Map<Kind, String> examples = new ConcurrentHashMap<>();

    Errors() {
        for (Kind kind : Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    void add(Kind kind, long count, String example) {
        counter(kind).add(count);
        examples.putIfAbsent(kind, example);
    }

    private LongAdder counter(Kind kind) {
        return Objects.requireNonNull(counts.get(kind));
    }

    /** By kind, all of them. */
    Map<String, Long> counts() {
        Map<String, Long> all = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            all.put(kind.word(), counter(kind).sum());
        }
        return all;
    }

    /** What was counted since an earlier look. */
    Map<String, Long> countsSince(Map<String, Long> earlier) {
        Map<String, Long> all = counts();
        all.replaceAll((kind, count) -> count - earlier.getOrDefault(kind, 0L));
        return all;
    }

    /** The first of each kind in words. */
    Map<String, String> examples() {
        Map<String, String> all = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            String example = examples.get(kind);
            if (example != null) {
                all.put(kind.word(), example);
            }
        }
        return all;
    }
}
