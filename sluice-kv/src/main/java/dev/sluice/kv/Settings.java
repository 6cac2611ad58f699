package dev.sluice.kv;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The settings that CONFIG tells, by Redis's names; a few of them can be changed while the store runs. */
final class Settings {
    private final Map<String, String> values = new LinkedHashMap<>();
    private long maxMemory;

    Settings(StoreOptions options) {
        maxMemory = options.maxMemoryBytes();
        values.put("maxmemory", String.valueOf(maxMemory));
        values.put("maxmemory-policy", "noeviction");
        values.put("databases", String.valueOf(options.databases()));
        values.put("proto-max-bulk-len", String.valueOf(options.valueMostBytes()));
        values.put("client-query-buffer-limit", String.valueOf(options.requestMostBytes()));
        values.put("maxclients", String.valueOf(options.clientsMost()));
        values.put("requirepass", options.password() == null ? "" : options.password());
        values.put("appendonly", "no");
        values.put("appendfsync", "no");
        values.put("save", "");
        values.put("dir", "");
        values.put("timeout", "0");
    }

    long maxMemory() {
        return maxMemory;
    }

    /** The current password, or null where none is asked for. */
    @Nullable
    String password() {
        String word = values.get("requirepass");
        return word == null || word.isEmpty() ? null : word;
    }

    Set<Map.Entry<String, String>> all() {
        return values.entrySet();
    }

    /** What the log does, as it is told. */
    void tell(String name, String value) {
        values.put(name, value);
    }

    /** Changes a setting; says why not, as Redis does, or null. */
    @Nullable
    String set(String name, String value) {
        switch (name) {
            case "maxmemory" -> {
                Long bytes = bytes(value);
                if (bytes == null) {
                    return "argument must be a memory value";
                }
                maxMemory = bytes;
                values.put(name, String.valueOf(bytes));
                return null;
            }
            case "requirepass" -> {
                values.put(name, value);
                return null;
            }
            case "maxmemory-policy" -> {
                return value.equals("noeviction") ? null : "this store evicts nothing: noeviction is its only policy";
            }
            default -> {
                return value.equals(values.get(name)) ? null : "can't set immutable config";
            }
        }
    }

    /** Redis's way to write sizes: 1k is 1,000 bytes, 1kb is 1,024. */
    static @Nullable Long bytes(String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        int end = lower.length();
        while (end > 0 && !Character.isDigit(lower.charAt(end - 1))) {
            end--;
        }
        long unit = switch (lower.substring(end)) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            case "gb" -> 1L << 30;
            default -> 0;
        };
        if (unit == 0 || end == 0 || end > 15 || !lower.chars().limit(end).allMatch(Character::isDigit)) {
            return null;
        }
        try {
            return Math.multiplyExact(Long.parseLong(lower.substring(0, end)), unit);
        } catch (ArithmeticException e) {
            return null;
        }
    }
}
