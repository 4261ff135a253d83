package io.litetopic.lite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConsumeResultTest {

    static Stream<Duration> outOfRange() {
        return Stream.of(
                Duration.ZERO,
                Duration.ofMillis(-1),
                Duration.ofNanos(999_999),
                Duration.ofDays(365).plusNanos(1),
                Duration.ofSeconds(Long.MAX_VALUE));
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void suspendOutOfRangeIsRefusedWithValueLimitsAndRemedy(Duration suspendTime) {
        assertThatThrownBy(() -> ConsumeResultSuspend.of(suspendTime))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("suspendTime=" + suspendTime)
                .hasMessageContaining("min=PT0.001S")
                .hasMessageContaining("max=PT8760H")
                .hasMessageContaining("pass a Duration from 1 ms to 365 days");
    }

    @Test
    @SuppressWarnings("NullAway") // what an unchecked caller may do
    void suspendWithoutTimeIsRefused() {
        assertThatThrownBy(() -> ConsumeResultSuspend.of(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("suspendTime=null");
    }

    @Test
    void suspendKeepsItsTimeRoundedUpToMilliseconds() {
        assertThat(ConsumeResultSuspend.of(Duration.ofMillis(1)).getSuspendTime())
                .isEqualTo(Duration.ofMillis(1));
        assertThat(ConsumeResultSuspend.of(Duration.ofNanos(1_000_001)).getSuspendTime())
                .isEqualTo(Duration.ofMillis(2));
        assertThat(ConsumeResultSuspend.of(Duration.ofDays(365)).getSuspendTime())
                .isEqualTo(Duration.ofDays(365));
    }

    @Test
    void resultsSayWhatTheyAre() {
        assertThat(ConsumeResult.SUCCESS).hasToString("SUCCESS");
        assertThat(ConsumeResult.FAILURE).hasToString("FAILURE");
        assertThat(ConsumeResult.SUCCESS.name()).isEqualTo("SUCCESS");
        ConsumeResultSuspend suspend = ConsumeResultSuspend.of(Duration.ofMillis(100));
        assertThat(suspend).hasToString("SUSPEND(PT0.1S)");
        assertThat(suspend.name()).isEqualTo("SUSPEND");
        assertThat(suspend.getSuspendTime()).isEqualTo(Duration.ofMillis(100));
        assertThat(suspend)
                .isEqualTo(ConsumeResultSuspend.of(Duration.ofMillis(100)))
                .hasSameHashCodeAs(ConsumeResultSuspend.of(Duration.ofMillis(100)))
                .isNotEqualTo(ConsumeResultSuspend.of(Duration.ofMillis(101)));
    }

    @Test
    void offsetOptionsRefuseNegativeValues() {
        assertThatThrownBy(() -> OffsetOption.ofOffset(-1)).hasMessageContaining("offset=-1");
        assertThatThrownBy(() -> OffsetOption.ofTailN(-1)).hasMessageContaining("tailN=-1");
        assertThatThrownBy(() -> OffsetOption.ofTimestamp(-1)).hasMessageContaining("timestamp=-1");
        assertThat(OffsetOption.ofTailN(3)).isEqualTo(OffsetOption.ofTailN(3)).isNotEqualTo(OffsetOption.ofOffset(3));
    }
}
