package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

class DelegatingSessionTest {
    /** One that is added to the interface with a default would else be lost on its way. */
    @Test
    void passesOnWhateverASessionIsTold() throws Exception {
        for (Method told : Session.class.getMethods()) {
            assertThat(DelegatingSession.class
                            .getMethod(told.getName(), told.getParameterTypes())
                            .getDeclaringClass())
                    .as(told.getName())
                    .isEqualTo(DelegatingSession.class);
        }
    }
}
