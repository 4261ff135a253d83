package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QueueProgressTest {
    @Test
    void watermarkIsTheFirstOffsetThatIsNotDone() {
        QueueProgress progress = new QueueProgress(100);
        progress.readUpTo(110);

        progress.markDone(101);
        assertThat(progress.watermark()).isEqualTo(100);

        progress.markDone(100);
        assertThat(progress.watermark()).isEqualTo(102);
        assertThat(progress.markDone(100)).as("done before").isFalse();
    }

    @Test
    void followsANaiveSetAcrossChunks() {
        SplittableRandom random = new SplittableRandom(11);
        long start = (1L << 16) * 5 - 1_000;
        QueueProgress progress = new QueueProgress(start);
        Set<Long> done = new HashSet<>();
        long next = start;
        long watermark = start;
        for (int step = 0; step < 300_000; step++) {
            if (random.nextInt(2) == 0) {
                next++;
                progress.readUpTo(next);
            } else if (next > start) {
                long span = next - watermark;
                if (span > 0) {
                    long offset = watermark + random.nextLong(Math.min(span, 5_000));
                    assertThat(progress.markDone(offset)).isEqualTo(done.add(offset));
                }
            }
            while (done.contains(watermark)) {
                watermark++;
            }
            assertThat(progress.watermark()).isEqualTo(watermark);
        }
        assertThat(next - start).isGreaterThan(1 << 16);
    }

    @Test
    void longRunOfDoneMessagesAboveAWaitingOneIsPassedAtOnceWhenThatIsDone() {
        QueueProgress progress = new QueueProgress(0);
        progress.readUpTo(1_000_000);
        for (long offset = 1; offset < 1_000_000; offset++) {
            progress.markDone(offset);
        }
        assertThat(progress.watermark()).isZero();

        progress.markDone(0);

        assertThat(progress.watermark()).isEqualTo(1_000_000);
    }

    @Test
    void gapWithoutMessagesCountsAsDone() {
        QueueProgress progress = new QueueProgress(10);
        progress.skipTo(50_000_000_000L);
        assertThat(progress.watermark()).isEqualTo(50_000_000_000L);

        progress.readUpTo(50_000_000_002L);
        progress.markDone(50_000_000_001L);
        progress.skipTo(50_000_000_010L);
        progress.markDone(50_000_000_000L);
        assertThat(progress.watermark()).isEqualTo(50_000_000_010L);
    }

    @Test
    void refusesOffsetsThatWereNotRead() {
        QueueProgress progress = new QueueProgress(0);
        progress.readUpTo(5);

        assertThatThrownBy(() -> progress.markDone(5))
                .hasMessageContaining("offset=5")
                .hasMessageContaining("5");
        assertThatThrownBy(() -> progress.readUpTo(4)).hasMessageContaining("read backwards");
    }
}
