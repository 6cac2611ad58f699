package dev.sluice;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;

/** What an object takes beside its header: of those that there is one of for each connection, most of which are idle. */
public final class Footprint {
    private static final Map<Class<?>, Integer> BYTES = Map.of(
            boolean.class,
            1,
            byte.class,
            1,
            short.class,
            2,
            int.class,
            4,
            long.class,
            8,
            float.class,
            4,
            double.class,
            8);

    private static final int REFERENCE_BYTES = 4;

    private Footprint() {}

    /** The bytes of an object's fields, with compressed references and without gaps. */
    public static int fieldBytes(Class<?> of) {
        int bytes = 0;
        for (Class<?> type = of; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                bytes += Modifier.isStatic(field.getModifiers())
                        ? 0
                        : BYTES.getOrDefault(field.getType(), REFERENCE_BYTES);
            }
        }
        return bytes;
    }
}
