package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueProgressTest {
    @Test
    void watermarkIsTheFirstOffsetThatIsNotDone() {
        QueueProgress progress = new QueueProgress(100, new long[0]);
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
        QueueProgress progress = new QueueProgress(start, new long[0]);
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
        QueueProgress progress = new QueueProgress(0, new long[0]);
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
        QueueProgress progress = new QueueProgress(10, new long[0]);
        progress.skipTo(50_000_000_000L);
        assertThat(progress.watermark()).isEqualTo(50_000_000_000L);

        progress.readUpTo(50_000_000_002L);
        progress.markDone(50_000_000_001L);
        progress.skipTo(50_000_000_010L);
        progress.markDone(50_000_000_000L);
        assertThat(progress.watermark()).isEqualTo(50_000_000_010L);
    }

    @Test
    void aHugeRangeIsDoneWithAsRuns() {
        long end = 40_000_000_000L;
        QueueProgress progress = new QueueProgress(0, new long[] {20_000_000_000L, 100});
        progress.readUpTo(end);
        progress.markDone(30_000_000_000L);

        assertThat(progress.countNotDone(5, end)).isEqualTo(end - 5 - 101);
        assertThat(progress.markDone(5, end - 1)).isEqualTo(end - 6 - 101);
        assertThat(progress.markDone(5, end - 1)).isZero();

        assertThat(progress.watermark()).isZero();
        assertThat(progress.notTaken()).isLessThan(10);
        long[] runs = progress.takeDone();
        assertThat(runs[0]).isEqualTo(5);
        assertThat(runs[runs.length - 2] + runs[runs.length - 1]).isEqualTo(end - 1);
        assertThat(progress.markDone(0, 5)).isEqualTo(5);
        assertThat(progress.watermark()).isEqualTo(end - 1);
        assertThatThrownBy(() -> progress.markDone(0, end + 1)).hasMessageContaining("not read yet");
    }

    @Test
    void rangesThatAreDoneInAnyOrderAreWrittenDownInTheirs() {
        QueueProgress progress = new QueueProgress(0, new long[0]);
        progress.readUpTo(100);

        progress.markDone(50, 60);
        progress.markDone(10, 20);
        progress.markDone(30);
        progress.markDone(15, 55);

        assertThat(progress.takeDone()).containsExactly(10, 50);
        assertThat(progress.countNotDone(0, 100)).isEqualTo(50);
    }

    @Test
    void refusesOffsetsThatWereNotRead() {
        QueueProgress progress = new QueueProgress(0, new long[0]);
        progress.readUpTo(5);

        assertThatThrownBy(() -> progress.markDone(5))
                .hasMessageContaining("offset=5")
                .hasMessageContaining("5");
        assertThatThrownBy(() -> progress.readUpTo(4)).hasMessageContaining("read backwards");
    }

    @Nested
    class FromAJournal {
        @Test
        void goesOnBehindWhatIsDone() {
            QueueProgress progress = new QueueProgress(100, new long[] {100, 5, 107, 2});

            assertThat(progress.watermark()).isEqualTo(105);
            assertThat(progress.nextOffset()).isEqualTo(105);
            assertThat(progress.isDone(106)).isFalse();
            assertThat(progress.isDone(107)).isTrue();
            assertThat(progress.isDone(109)).isFalse();
            assertThat(progress.notTaken()).as("it is written down").isZero();
        }

        @Test
        void whatIsDoneBelowTheCommittedOffsetDoesNotMatter() {
            QueueProgress progress = new QueueProgress(200, new long[] {100, 5, 150, 60, 300, 1});

            assertThat(progress.watermark()).isEqualTo(210);
            assertThat(progress.isDone(300)).isTrue();
        }

        @Test
        void readsOnlyTheHolesBetween() {
            QueueProgress progress = new QueueProgress(0, new long[] {1, 9, 12, 200_000, 200_013, 1});
            List<Long> read = new ArrayList<>();
            for (progress.seekOverDone(); progress.nextOffset() < 200_020; progress.seekOverDone()) {
                read.add(progress.nextOffset());
                progress.readUpTo(progress.nextOffset() + 1);
            }

            assertThat(read)
                    .containsExactly(
                            0L, 10L, 11L, 200_012L, 200_014L, 200_015L, 200_016L, 200_017L, 200_018L, 200_019L);
        }

        @Test
        void theWatermarkPassesWhatWasDoneBeforeAtOnce() {
            QueueProgress progress = new QueueProgress(0, new long[] {1, 1_000_000});
            progress.readUpTo(1);

            progress.markDone(0);

            assertThat(progress.watermark()).isEqualTo(1_000_001);
            assertThat(progress.nextOffset()).isEqualTo(1_000_001);
        }

        @Test
        void runsFarApartAreKept() {
            QueueProgress progress = new QueueProgress(5, new long[] {1_000_000_000L, 2, 3_000_000_000L, 100_000_000});

            assertThat(progress.watermark()).isEqualTo(5);
            assertThat(progress.isDone(999_999_999L)).isFalse();
            assertThat(progress.isDone(1_000_000_001L)).isTrue();
            assertThat(progress.isDone(2_000_000_000L)).isFalse();
            assertThat(progress.isDone(3_099_999_999L)).isTrue();
            assertThat(progress.countNotDone(999_999_998L, 1_000_000_004L)).isEqualTo(4);
        }
    }

    @Nested
    class WhatIsToBeWrittenDown {
        private final QueueProgress progress = new QueueProgress(0, new long[0]);

        @Test
        void areTheRunsThatHaveBecomeDoneSinceTheLastTime() {
            progress.readUpTo(100);
            for (long offset : new long[] {7, 5, 30, 6, 31}) {
                progress.markDone(offset);
            }
            assertThat(progress.notTaken()).isEqualTo(5);
            assertThat(progress.takeDone()).containsExactly(5, 3, 30, 2);
            assertThat(progress.takeDone()).isEmpty();

            progress.markDone(8);
            progress.markDone(31);

            assertThat(progress.takeDone()).containsExactly(8, 1);
            assertThat(progress.notTaken()).isZero();
        }

        @Test
        void isNotWhatTheWatermarkCovers() {
            progress.readUpTo(100);
            progress.markDone(1);
            progress.markDone(2);
            progress.markDone(4);
            progress.markDone(0);

            assertThat(progress.watermark()).isEqualTo(3);
            assertThat(progress.takeDone()).containsExactly(4, 1);
        }

        @Test
        void ofAHugeGapWithoutMessagesIsOneRun() {
            progress.readUpTo(3);
            progress.skipTo(4_000_000_000L);
            progress.readUpTo(4_000_000_010L);
            progress.markDone(1);
            progress.markDone(4_000_000_000L);
            progress.markDone(4_000_000_002L);

            assertThat(progress.watermark()).isZero();
            assertThat(progress.notTaken()).isEqualTo(4);
            assertThat(progress.takeDone()).containsExactly(1, 1, 3, 3_999_999_998L, 4_000_000_002L, 1);
            progress.markDone(0);
            progress.markDone(2);
            assertThat(progress.watermark()).isEqualTo(4_000_000_001L);
        }

        @Test
        void ofOneOutOfAMillionIsOneRun() {
            progress.readUpTo(1_000_000);
            for (long offset = 1; offset < 999_999; offset++) {
                progress.markDone(offset);
            }
            assertThat(progress.takeDone()).containsExactly(1, 999_998);

            progress.markDone(999_999);

            assertThat(progress.takeDone()).containsExactly(999_999, 1);
        }

        /** Whatever is taken adds up to the same as the chunks of a snapshot, and restores the same progress. */
        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5})
        void addsUpToWhatChunksSay(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            QueueState taken = new QueueState();
            for (int step = 0; step < 400; step++) {
                long next = progress.nextOffset();
                switch (random.nextInt(4)) {
                    case 0 -> progress.readUpTo(next + random.nextInt(1_000));
                    case 1 -> progress.skipTo(next + random.nextLong(random.nextBoolean() ? 100 : 200_000));
                    default -> {
                        for (int i = 0; i < 200 && next > progress.watermark(); i++) {
                            long span = Math.min(next - progress.watermark(), 2_000);
                            progress.markDone(progress.watermark() + random.nextLong(span));
                        }
                    }
                }
                if (random.nextInt(3) == 0) {
                    taken.apply(StateChanges.builder(progress.watermark())
                            .doneRuns(progress.takeDone())
                            .build());
                }
            }
            taken.apply(StateChanges.builder(progress.watermark())
                    .doneRuns(progress.takeDone())
                    .build());
            QueueState ofChunks = new QueueState();
            for (int i = 0; i < progress.chunks(); i++) {
                ofChunks.apply(StateChanges.builder(progress.watermark())
                        .doneRuns(progress.doneOfChunk(progress.firstChunk() + i))
                        .build());
            }

            assertThat(taken.watermark()).isEqualTo(progress.watermark());
            assertThat(taken.doneRuns()).isEqualTo(ofChunks.doneRuns());
            QueueProgress restored = new QueueProgress(taken.watermark(), taken.doneRuns());
            for (long offset = progress.watermark(); offset < progress.watermark() + 10_000; offset++) {
                assertThat(restored.isDone(offset)).isEqualTo(progress.isDone(offset));
            }
        }
    }
}
