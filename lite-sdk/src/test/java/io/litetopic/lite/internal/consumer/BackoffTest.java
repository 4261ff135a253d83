package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "2, 5", "3, 10", "4, 30", "5, 60", "6, 120", "18, 7200", "1000, 7200"})
    void redeliveryWaitsLongerFromAttemptToAttempt(int attempt, long seconds) {
        assertThat(Backoff.ofRedelivery(attempt)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "6, 3200", "7, 5000", "1000000, 5000"})
    void callsAreRepeatedLessAndLessOften(int failures, long millis) {
        assertThat(Backoff.ofCall(failures)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 100", "2, 200", "3, 300", "200, 300", "201, 2000", "1000000, 2000"})
    void aLostProxyIsTriedOftenForAMinuteAndThenLess(int failures, long millis) {
        assertThat(Backoff.ofRejoin(failures)).isEqualTo(Duration.ofMillis(millis));
    }
}
