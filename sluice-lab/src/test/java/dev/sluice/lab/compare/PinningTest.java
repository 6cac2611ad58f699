package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinningTest {
    @Test
    void listsOfCoresAreReadAsTheKernelWritesThem() {
        assertThat(Pinning.cores("0-2,5,7-8")).containsExactly(0, 1, 2, 5, 7, 8);
    }

    @Test
    void autoKeepsServerAndGeneratorApart() {
        Pinning pinning = Pinning.parse("auto");
        if (pinning.server().isEmpty()) {
            assertThat(pinning.words()).startsWith("none: ");
        } else {
            assertThat(Pinning.cores(pinning.server())).doesNotContainAnyElementsOf(Pinning.cores(pinning.generator()));
        }
    }

    @Test
    void noneLeavesTheCommandAsItIs() {
        assertThat(Pinning.on(Pinning.parse("none").server(), List.of("true"))).containsExactly("true");
    }

    @Test
    void aProcessThatCannotBeMovedIsAFailureOfTheServer() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "read line").start();
        try {
            assertThatExceptionOfType(ServerException.class)
                    .isThrownBy(() -> Pinning.move(shell.toHandle(), "99999"))
                    .withMessageContaining("process " + shell.pid() + " can't be kept to cores 99999: ");
        } finally {
            shell.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "0:", ":1", "a:b", "0-:1", "0:1:2", "0-1-2:0", "1-0:0", "0:99999", "99999:0", "0:999999"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pinning.parse(text))
                .withMessageContaining("--pin is '" + text + "'");
    }
}
