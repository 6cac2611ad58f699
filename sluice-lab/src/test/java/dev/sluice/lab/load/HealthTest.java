package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
    @ParameterizedTest
    @CsvSource({
        "20000, 0, 1, true",
        "20000, 190, 1, true", // a hundredth
        "20000, 1000, 1, false",
        "376, 3, 1, true", // at 200 a second for two seconds: fewer than asked for arrived, and all were answered
        "376, 24, 1, false",
        "500, 500, 1, false", // 1,000 connections at 500 a second, of which the server gives 250
        "400, 100, 50, true", // one or two bursts are on their way at the end
        "400, 150, 50, false",
        "0, 64, 1, false", // a server that answers nothing
    })
    void aRateIsHeldWhenWhatIsUnansweredDoesNotGrow(long answered, long growth, int burst, boolean held) {
        assertThat(Health.held(answered, growth, burst)).isEqualTo(held);
    }
}
