package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareTest {
    private static Load load(int connections, int idle) {
        return Load.of("http://127.0.0.1:1/")
                .connections(connections)
                .idle(idle)
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 0, 100, 1, 10, 0",
        "10, 90, 100, 1, 100, 90",
        "10, 91, 100, 2, 100, 87",
        "0, 200, 100, 3, 100, 94",
        "100, 1, 100, 2, 100, 0",
        "64, 1000000, 19872, 51, 19872, 19655",
    })
    void theRestIsHeldByFurtherProcesses(int active, int idle, int room, int processes, int each, int ownIdle) {
        assertThat(Share.of(load(active, idle), room, true)).isEqualTo(new Share(processes, each, ownIdle));
    }

    @Test
    void whatAsksIsOneProcesss() {
        assertThatThrownBy(() -> Share.of(load(101, 0), 100, true))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("101 connections are too many for one process");
        assertThatThrownBy(() -> Share.of(load(10, 91), 100, false)).hasMessageContaining("101 connections");
    }
}
