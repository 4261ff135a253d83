package io.litetopic.proxy.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimerWheelTest {
    /** Ticks of one turn. */
    private static final int SLOTS = 2_048;

    private static final class Entry extends TimerWheel.Entry {
        long deadline;
    }

    private final List<Entry> fired = new ArrayList<>();

    private List<Entry> fire(TimerWheel<Entry> wheel, long now) {
        fired.clear();
        wheel.fire(now, fired::add);
        return List.copyOf(fired);
    }

    // ---- against a list ----

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0",
        "2, 1, -1000000000000",
        "3, 1000, 0",
        "4, 977, 123456789012",
        "5, 1000, -987654321",
        "6, 35156250, 9000000000000000000",
        "7, 35156250, -9223372036800000000",
        "8, 2, -3"
    })
    void firesLikeAListNeverEarlyAndAtMostOneTickLate(long seed, long tick, long start) {
        SplittableRandom random = new SplittableRandom(seed);
        TimerWheel<Entry> wheel = new TimerWheel<>(tick);
        List<Entry> all = new ArrayList<>();
        List<Entry> scheduled = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(new Entry());
        }
        long now = start;
        for (int step = 0; step < 10_000; step++) {
            Entry entry = all.get(random.nextInt(all.size()));
            switch (random.nextInt(8)) {
                case 0 -> {
                    wheel.cancel(entry);
                    scheduled.remove(entry);
                }
                case 1 -> now += random.nextLong(40 * tick);
                case 2 -> now += random.nextInt(20) == 0 ? random.nextLong(3 * SLOTS * tick) : 0;
                default -> {
                    // The wheel's turn counts from the last tick that it was asked to fire.
                    check(wheel, now, tick, scheduled);
                    entry.deadline = now + random.nextLong((SLOTS - 2) * tick);
                    wheel.schedule(entry, entry.deadline, now);
                    scheduled.remove(entry);
                    scheduled.add(entry);
                }
            }
            assertThat(wheel.size()).isEqualTo(scheduled.size());
            assertThat(entry.isScheduled()).isEqualTo(scheduled.contains(entry));
            if (random.nextInt(3) == 0) {
                check(wheel, now, tick, scheduled);
            }
        }
    }

    private void check(TimerWheel<Entry> wheel, long now, long tick, List<Entry> scheduled) {
        for (Entry entry : fire(wheel, now)) {
            assertThat(entry.deadline).as("not early").isLessThanOrEqualTo(now);
            assertThat(scheduled.remove(entry)).as("scheduled, and once").isTrue();
            assertThat(entry.isScheduled()).isFalse();
        }
        long earliest =
                scheduled.stream().mapToLong(entry -> entry.deadline).min().orElse(TimerQueue.NONE);
        if (scheduled.isEmpty()) {
            assertThat(wheel.nextDeadlineNanos()).isEqualTo(TimerQueue.NONE);
        } else {
            assertThat(earliest).as("at most a tick late").isGreaterThan(now - tick);
            assertThat(wheel.nextDeadlineNanos())
                    .isGreaterThan(now)
                    .isBetween(earliest, Math.max(earliest, now) + tick);
        }
    }

    // ---- single cases ----

    @Test
    void firesAtTheDeadlineIfThatIsTheEndOfATick() {
        TimerWheel<Entry> wheel = new TimerWheel<>(10);
        Entry entry = new Entry();
        wheel.schedule(entry, 50, 0);

        assertThat(wheel.nextDeadlineNanos()).isEqualTo(50);
        assertThat(fire(wheel, 49)).isEmpty();
        assertThat(fire(wheel, 50)).containsExactly(entry);
        assertThat(fire(wheel, 50)).isEmpty();
    }

    @Test
    void firesAtTheEndOfItsTurnWhatIsDueLater() {
        TimerWheel<Entry> wheel = new TimerWheel<>(10);
        Entry entry = new Entry();
        wheel.schedule(entry, 1_000_000, 0);

        assertThat(wheel.nextDeadlineNanos()).isEqualTo((SLOTS - 1) * 10);
        assertThat(fire(wheel, (SLOTS - 1) * 10 - 1)).isEmpty();
        assertThat(fire(wheel, (SLOTS - 1) * 10)).containsExactly(entry);
    }

    @Test
    void firesWhatIsDueAlreadyWithTheNextTick() {
        TimerWheel<Entry> wheel = new TimerWheel<>(10);
        Entry entry = new Entry();
        wheel.schedule(entry, -500, 5);

        assertThat(wheel.nextDeadlineNanos()).isEqualTo(10);
        assertThat(fire(wheel, 10)).containsExactly(entry);
    }

    @Test
    void anEntryThatIsScheduledAgainWhileItFiresFiresOnceMore() {
        TimerWheel<Entry> wheel = new TimerWheel<>(10);
        Entry entry = new Entry();
        wheel.schedule(entry, 10, 0);
        List<Long> firedFor = new ArrayList<>();
        long now = 1_000_000;

        entry.deadline = 10;
        wheel.fire(now, e -> {
            firedFor.add(e.deadline);
            e.deadline = now + 20;
            wheel.schedule(e, e.deadline, now);
        });
        assertThat(firedFor).containsExactly(10L);
        assertThat(wheel.nextDeadlineNanos()).isEqualTo(now + 20);

        assertThat(fire(wheel, now + 19)).isEmpty();
        assertThat(fire(wheel, now + 20)).containsExactly(entry);
    }

    @Test
    void othersMayBeCancelledWhileItFires() {
        TimerWheel<Entry> wheel = new TimerWheel<>(10);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            entries.add(new Entry());
            wheel.schedule(entries.get(i), i < 5 ? 10 : 20, 0);
        }
        List<Entry> first = new ArrayList<>();

        wheel.fire(100, entry -> {
            first.add(entry);
            entries.forEach(wheel::cancel);
        });

        assertThat(first).hasSize(1);
        assertThat(wheel.size()).isZero();
        assertThat(wheel.nextDeadlineNanos()).isEqualTo(TimerQueue.NONE);
    }

    @Test
    void saysThatNothingIsDueBeforeTheClockEnds() {
        TimerWheel<Entry> wheel = new TimerWheel<>(1_000_000);
        long now = Long.MAX_VALUE - 5_000_000;
        Entry entry = new Entry();
        wheel.schedule(entry, Long.MAX_VALUE, now);

        assertThat(wheel.nextDeadlineNanos()).isEqualTo(TimerQueue.NONE);
        assertThat(fire(wheel, Long.MAX_VALUE - 1)).isEmpty();
    }
}
