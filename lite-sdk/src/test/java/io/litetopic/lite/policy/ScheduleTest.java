package io.litetopic.lite.policy;

import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.SUNDAY;
import static java.time.DayOfWeek.THURSDAY;
import static java.time.DayOfWeek.TUESDAY;
import static java.time.DayOfWeek.WEDNESDAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    // clocks go forward on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static final Schedule WORKING_NIGHTS = Schedule.in(BERLIN)
            .open(LocalTime.of(22, 0), LocalTime.of(6, 0), MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY);

    @ParameterizedTest
    @CsvSource({
        "2026-06-01T21:59:59, PT1S", // Monday
        "2026-06-01T22:00:00, PT0S",
        "2026-06-02T05:59:59.999, PT0S",
        "2026-06-02T06:00:00, PT16H",
        "2026-06-06T05:00:00, PT0S", // the night of Friday
        "2026-06-06T06:00:00, PT64H", // until Monday evening
        "2026-06-01T03:00:00, PT19H", // Sunday's night is none
    })
    void nightsOfWorkingDaysReachAcrossMidnight(LocalDateTime local, Duration untilOpen) {
        Instant moment = local.atZone(BERLIN).toInstant();

        assertThat(WORKING_NIGHTS.untilOpen(moment)).isEqualTo(untilOpen);
        assertThat(WORKING_NIGHTS.isOpen(moment)).isEqualTo(untilOpen.isZero());
    }

    @ParameterizedTest
    @CsvSource({
        "22:00, 06:00, 2026-03-28, 7", // Saturday night, one hour is skipped
        "22:00, 06:00, 2026-10-24, 9", // one hour comes twice
        "02:30, 06:00, 2026-03-29, 3", // begins with the change, at 03:00
        "02:30, 06:00, 2026-10-25, 4.5", // begins at the first 02:30
        "00:00, 02:30, 2026-03-29, 2", // ends with the change
        "00:00, 02:30, 2026-10-25, 2.5", // ends at the first 02:30
        "00:00, 00:00, 2026-03-29, 23",
        "00:00, 00:00, 2026-10-25, 25",
    })
    void hoursFollowTheClocksWhenTheyChange(LocalTime from, LocalTime to, LocalDate date, double expectedHours) {
        Schedule schedule = Schedule.in(BERLIN).open(from, to, date.getDayOfWeek());
        Instant start = date.atTime(
                        from.isAfter(LocalTime.of(1, 0)) && from.isBefore(LocalTime.of(3, 0)) ? LocalTime.MIN : from)
                .atZone(BERLIN)
                .toInstant();

        Instant opening = start.plus(schedule.untilOpen(start));
        Instant closing = opening;
        while (schedule.isOpen(closing)) {
            closing = closing.plus(Duration.ofMinutes(10));
        }

        assertThat(Duration.between(opening, closing)).isEqualTo(Duration.ofMinutes((long) (expectedHours * 60)));
    }

    @Test
    void hoursThatTheClocksSkipAreOpenNextWeek() {
        Schedule schedule = Schedule.in(BERLIN).open(LocalTime.of(2, 15), LocalTime.of(2, 45), SUNDAY);
        Instant before = Instant.parse("2026-03-29T00:00:00Z");

        assertThat(before.plus(schedule.untilOpen(before))).isEqualTo(Instant.parse("2026-04-05T00:15:00Z"));
    }

    @Test
    void closingHoursAreTakenOutOfOpeningHours() {
        Schedule schedule = Schedule.in(BERLIN)
                .open(LocalTime.of(8, 0), LocalTime.of(18, 0))
                .closed(LocalTime.of(12, 0), LocalTime.of(13, 0))
                .closed(LocalTime.of(12, 30), LocalTime.of(14, 0))
                .closed(LocalTime.of(17, 0), LocalTime.of(19, 0));

        assertThat(schedule.untilOpen(berlin("2026-06-01T12:10"))).isEqualTo(Duration.ofMinutes(110));
        assertThat(schedule.untilOpen(berlin("2026-06-01T17:00"))).isEqualTo(Duration.ofHours(15));
        assertThat(schedule.isOpen(berlin("2026-06-01T14:00"))).isTrue();
    }

    @Test
    void isAlwaysOpenApartFromClosingHoursIfThereAreNoOpeningHours() {
        Schedule schedule = Schedule.in(BERLIN).closed(LocalTime.of(9, 0), LocalTime.of(17, 0), MONDAY);

        assertThat(Schedule.in(BERLIN).isOpen(berlin("2026-06-01T10:00"))).isTrue();
        assertThat(schedule.untilOpen(berlin("2026-06-01T10:00"))).isEqualTo(Duration.ofHours(7));
        assertThat(schedule.isOpen(berlin("2026-06-02T10:00"))).isTrue();
    }

    @Test
    void refusesAScheduleThatIsNeverOpen() {
        Schedule never = Schedule.in(BERLIN)
                .open(LocalTime.of(10, 0), LocalTime.of(11, 0))
                .closed(LocalTime.of(9, 0), LocalTime.of(12, 0));

        assertThatThrownBy(() -> LitePolicies.schedule(never))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("never open [zone=Europe/Berlin");
    }

    @Test
    void messagesOutsideTheHoursAreSuspendedUntilTheNextOpening() {
        ManualPolicyClock clock = new ManualPolicyClock(berlin("2026-06-01T21:59"));
        MessageListener listener = LitePolicies.schedule(
                        liteTopic -> liteTopic.equals("night") ? WORKING_NIGHTS : Schedule.in(BERLIN), clock)
                .around(message -> ConsumeResult.SUCCESS);

        assertThat(listener.consume(TestMessage.of("other"))).isEqualTo(ConsumeResult.SUCCESS);
        ConsumeResult closed = listener.consume(TestMessage.of("night"));
        assertThat(closed)
                .isInstanceOfSatisfying(
                        ConsumeResultSuspend.class,
                        suspend -> assertThat(suspend.getSuspendTime()).isEqualTo(Duration.ofMinutes(1)));
        clock.advance(Duration.ofMinutes(1));
        assertThat(listener.consume(TestMessage.of("night"))).isEqualTo(ConsumeResult.SUCCESS);
    }

    @Test
    void probeSaysForHowLongALiteTopicWaits() {
        MessageListener listener = LitePolicies.busyProbe(liteTopic -> switch (liteTopic) {
                    case "loading" -> Optional.of(Duration.ofSeconds(3));
                    case "almost" -> Optional.of(Duration.ofNanos(1));
                    case "ready" -> Optional.of(Duration.ZERO);
                    default -> Optional.empty();
                })
                .around(message -> ConsumeResult.SUCCESS);

        assertThat(listener.consume(TestMessage.of("loading"))).hasToString("SUSPEND(PT3S)");
        assertThat(listener.consume(TestMessage.of("almost"))).hasToString("SUSPEND(PT0.001S)");
        assertThat(listener.consume(TestMessage.of("ready"))).isEqualTo(ConsumeResult.SUCCESS);
        assertThat(listener.consume(TestMessage.of("other"))).isEqualTo(ConsumeResult.SUCCESS);
    }

    private static Instant berlin(String local) {
        return LocalDateTime.parse(local).atZone(BERLIN).toInstant();
    }
}
