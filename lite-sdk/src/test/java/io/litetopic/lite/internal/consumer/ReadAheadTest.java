package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final Duration WINDOW = Duration.ofMillis(100);

    private final ReadAhead readAhead = new ReadAhead(0);

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(readAhead.messages(0)).isZero();
        readAhead.callEnded(0, millis(5));

        assertThat(readAhead.messages(millis(99))).isZero();
    }

    @Test
    void asMuchAsIsDoneInThirtyMilliseconds() {
        endCalls(100, Duration.ofMillis(1));

        assertThat(readAhead.messages(millis(100))).isEqualTo(30);
        assertThat(readAhead.messages(millis(199))).isEqualTo(30);
    }

    @Test
    void isLimited() {
        endCalls(100_000, Duration.ZERO);

        assertThat(readAhead.messages(millis(100))).isEqualTo(128);
    }

    @Test
    void nothingForListenersThatTakeLong() {
        endCalls(100, Duration.ofMillis(11));

        assertThat(readAhead.messages(millis(100))).isZero();
    }

    @Test
    void nothingWhenNoCallHasEndedForAWhile() {
        endCalls(100, Duration.ofMillis(1));

        assertThat(readAhead.messages(millis(200))).isZero();
    }

    @Test
    void thePaceOfLateCounts() {
        endCalls(100, Duration.ofMillis(1));
        assertThat(readAhead.messages(millis(100))).isEqualTo(30);
        readAhead.callEnded(millis(1), millis(150));

        assertThat(readAhead.messages(millis(200))).isZero(); // one in 100 ms
    }

    private void endCalls(int count, Duration took) {
        for (int i = 0; i < count; i++) {
            readAhead.callEnded(took.toNanos(), i * WINDOW.toNanos() / count);
        }
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
