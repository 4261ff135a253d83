package io.litetopic.cli.demo.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunMeasurementTest {
    private static final int WELL_BEHAVED = 0;
    private static final int FLOODING = 19;

    private final LoadProfile profile = LoadProfile.gateway(Duration.ofSeconds(3), Duration.ofSeconds(10), 1);
    private final RunMeasurement measurement = new RunMeasurement(profile, LoadSchedule.of(profile, true));

    @Test
    void leavesTheWarmUpOut() {
        serve(WELL_BEHAVED, 2.9, 3.5);

        assertThat(result().wellBehaved().count()).isZero();
    }

    @Test
    void countsARequestWhereItWasDueHoweverLateItIsServed() {
        serve(WELL_BEHAVED, 3.1, 60);

        RunResult result = result();
        assertThat(result.wellBehaved().maxMillis()).isCloseTo(56_900, within(100.0));
        assertThat(result.intervals().get(0).wellBehavedP99Millis()).isCloseTo(56_900, within(100.0));
        assertThat(result.intervals().get(1).wellBehavedP99Millis()).isNull();
    }

    @Test
    void countsAFloodingRateByWhatWasServedInTheWindow() {
        for (int i = 0; i < 50; i++) {
            serve(FLOODING, 1, 3 + i / 5.0);
        }
        serve(FLOODING, 5, 13.5);

        RunResult result = result();
        assertThat(result.floodingRates()).containsExactly(0.0, 0.0, 5.0);
        assertThat(result.meanFloodingRate()).isCloseTo(5 / 3.0, within(0.001));
    }

    @Test
    void averagesThreadSamplesOfTheWindow() {
        measurement.sampleThreads(16, 16, seconds(1));
        measurement.sampleThreads(4, 2, seconds(4));
        measurement.sampleThreads(6, 0, seconds(5));

        RunResult result = result();
        assertThat(result.meanBusyThreads()).isEqualTo(5.0);
        assertThat(result.meanSleepingThreads()).isEqualTo(1.0);
    }

    @Test
    void coversTheWindowWithIntervalsWithoutGaps() {
        assertThat(result().intervals()).hasSize(20);
        assertThat(result().intervals().stream()
                        .mapToDouble(RunResult.Interval::lengthSeconds)
                        .sum())
                .isCloseTo(10, within(0.001));
    }

    @Test
    void isSoundOnlyWithoutLossDisorderAndFailedSends() {
        assertThat(result(0, new DeliveryChecker.Totals(9, 9, 0, 0, 2)).isSound())
                .isTrue();
        assertThat(result(0, new DeliveryChecker.Totals(9, 8, 0, 1, 0)).isSound())
                .isFalse();
        assertThat(result(0, new DeliveryChecker.Totals(9, 9, 1, 0, 0)).isSound())
                .isFalse();
        assertThat(result(1, new DeliveryChecker.Totals(9, 9, 0, 0, 0)).isSound())
                .isFalse();
    }

    private void serve(int tenant, double dueSeconds, double servedSeconds) {
        measurement.served(new Request(tenant, 0, seconds(dueSeconds), 20_000), seconds(servedSeconds));
    }

    private RunResult result() {
        return result(0, new DeliveryChecker.Totals(0, 0, 0, 0, 0));
    }

    private RunResult result(long sendFailures, DeliveryChecker.Totals totals) {
        return measurement.result(RunKind.AFTER, 0, sendFailures, totals, 0);
    }

    private static long seconds(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
