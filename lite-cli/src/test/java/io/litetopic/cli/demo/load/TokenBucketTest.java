package io.litetopic.cli.demo.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long TENTH = SECOND / 10;

    @Test
    void grantsABurstAndThenOneTokenPerInterval() {
        TokenBucket bucket = new TokenBucket(10, 3, 0);

        assertThat(bucket.tryTake(0)).isZero();
        assertThat(bucket.tryTake(0)).isZero();
        assertThat(bucket.tryTake(0)).isZero();
        assertThat(bucket.tryTake(0)).isEqualTo(TENTH);
        assertThat(bucket.tryTake(TENTH)).isZero();
        assertThat(bucket.tryTake(TENTH)).isEqualTo(TENTH);
    }

    @Test
    void saysExactlyHowLongToWait() {
        TokenBucket bucket = new TokenBucket(10, 1, 0);
        bucket.tryTake(0);

        assertThat(bucket.tryTake(TENTH - 1)).isEqualTo(1);
        assertThat(bucket.tryTake(TENTH)).isZero();
    }

    @Test
    void takesNothingWhenItRefuses() {
        TokenBucket bucket = new TokenBucket(10, 1, 0);
        bucket.tryTake(0);

        for (int i = 0; i < 100; i++) {
            bucket.tryTake(1);
        }

        assertThat(bucket.tryTake(TENTH)).isZero();
    }

    @Test
    void savesNoMoreThanTheBurstDuringAPause() {
        TokenBucket bucket = new TokenBucket(10, 2, 0);
        long later = 3600 * SECOND;

        assertThat(bucket.tryTake(later)).isZero();
        assertThat(bucket.tryTake(later)).isZero();
        assertThat(bucket.tryTake(later)).isEqualTo(TENTH);
    }

    @Test
    void neverExceedsTheRateOverALongTime() {
        TokenBucket bucket = new TokenBucket(10, 10, 0);
        int granted = 0;

        for (long now = 0; now < 60 * SECOND; now += SECOND / 200) {
            granted += bucket.tryTake(now) == 0 ? 1 : 0;
        }

        assertThat(granted).isBetween(600, 610);
    }

    @Test
    void grantsEverythingOnceLifted() {
        TokenBucket bucket = new TokenBucket(10, 1, 0);
        bucket.tryTake(0);

        bucket.lift();

        assertThat(bucket.tryTake(0)).isZero();
        assertThat(bucket.tryTake(0)).isZero();
    }
}
