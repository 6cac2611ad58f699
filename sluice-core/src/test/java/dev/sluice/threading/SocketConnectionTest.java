package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Footprint;
import org.junit.jupiter.api.Test;

/** There is one for each connection, and most of them are idle. */
class SocketConnectionTest {
    /** With the eight of a compact header it takes 120; one more makes it 128. */
    private static final int FIELD_BYTES = 112;

    @Test
    void itsFieldsTakeLittle() {
        assertThat(Footprint.fieldBytes(SocketConnection.class)).isLessThanOrEqualTo(FIELD_BYTES);
    }
}
