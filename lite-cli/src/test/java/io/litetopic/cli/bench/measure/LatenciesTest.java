package io.litetopic.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatenciesTest {
    private final Latencies.Recorder recorder = new Latencies.Recorder();

    @Test
    void summarizesInMilliseconds() {
        for (int millis = 1; millis <= 1_000; millis++) {
            recorder.record(millis * 1_000_000L);
        }

        Latencies latencies = recorder.summary("lateness");

        assertThat(latencies.count()).isEqualTo(1_000);
        assertThat(latencies.p50Millis()).isCloseTo(500, within(1.0));
        assertThat(latencies.p99Millis()).isCloseTo(990, within(1.0));
        assertThat(latencies.maxMillis()).isCloseTo(1_000, within(1.0));
        assertThat(latencies.curve()).isNotEmpty().allMatch(point -> point.percentile() < 100);
    }

    @Test
    void takesNegativeOnesForZero() {
        recorder.record(-5);

        assertThat(recorder.summary("lateness").maxMillis()).isZero();
    }
}
