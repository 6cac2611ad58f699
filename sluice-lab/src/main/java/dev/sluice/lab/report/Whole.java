package dev.sluice.lab.report;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether records that were read from JSON are whole: only a boxed number may be null, which means unknown. */
final class Whole {
    private Whole() {}

    /** Says what is missing or no number, and where. */
    static final class LackException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LackException(String message) {
            super(message);
        }
    }

    /**
     * Looks through a record and all that it holds.
     *
     * @param path where it stands, for the message
     */
    static void require(@Nullable Object value, String path) {
        switch (value) {
            case null -> throw new LackException(path + " is missing");
            case Record one -> {
                for (RecordComponent component : one.getClass().getRecordComponents()) {
                    Object held = read(one, component);
                    if (held != null || component.getType() != Double.class) {
                        require(held, (path.isEmpty() ? "" : path + ".") + component.getName());
                    }
                }
            }
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    require(list.get(i), path + "[" + i + "]");
                }
            }
            case Map<?, ?> map ->
                map.forEach((key, held) -> require(held, path + "." + Text.plain(String.valueOf(key))));
            case Double number when !Double.isFinite(number) -> throw new LackException(path + " is no finite number");
            case Number number when number.doubleValue() < 0 -> throw new LackException(path + " is negative");
            default -> {
                // Strings and flags are whole as they are.
            }
        }
    }

    private static @Nullable Object read(Record one, RecordComponent component) {
        try {
            return component.getAccessor().invoke(one);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("record " + one.getClass() + " can't be read", e);
        }
    }
}
