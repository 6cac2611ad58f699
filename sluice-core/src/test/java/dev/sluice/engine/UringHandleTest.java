package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** There is one for each connection, and most of them are idle. */
class UringHandleTest {
    /** With the eight of a compact header it takes 48; one more makes it 56. */
    private static final int FIELD_BYTES = 40;

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

    @Test
    void itsFieldsTakeLittle() {
        int bytes = 0;
        for (Class<?> type = UringHandle.class; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                bytes += Modifier.isStatic(field.getModifiers())
                        ? 0
                        : BYTES.getOrDefault(field.getType(), REFERENCE_BYTES);
            }
        }
        assertThat(bytes).isLessThanOrEqualTo(FIELD_BYTES);
    }
}
