package dev.sluice.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Footprint;
import org.junit.jupiter.api.Test;

/** There is one for each connection, and most of them are idle. */
class UringHandleTest {
    /** With the eight of a compact header it takes 48; one more makes it 56. */
    private static final int FIELD_BYTES = 40;

    @Test
    void itsFieldsTakeLittle() {
        assertThat(Footprint.fieldBytes(UringHandle.class)).isLessThanOrEqualTo(FIELD_BYTES);
    }
}
