package io.litetopic.lite.policy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Weekly hours, by the clocks of a time zone, in which messages may be handled. With opening hours it is open during these
 * only, else always; closing hours are taken out of that. Example, nights of working days:
 *
 * <pre>{@code
 * Schedule.in(ZoneId.of("Europe/Berlin"))
 *         .open(LocalTime.of(22, 0), LocalTime.of(6, 0), MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
 * }</pre>
 *
 * <p>Hours begin at the first time of day given, included, and end at the second, excluded, which is on the next day unless
 * it is later than the first; equal times make 24 hours. When clocks change, hours are as much shorter or longer as that
 * day: a time that the clocks skip counts as the moment of the change, one that comes twice as its first occurrence.
 *
 * <p>Immutable and thread-safe.
 */
public final class Schedule {

    // Hours repeat weekly; in one week the change of clocks may skip them.
    private static final int LOOK_AHEAD_DAYS = 15;

    private static final class Hours {
        final LocalTime from;
        final LocalTime to;
        final Set<DayOfWeek> days;

        Hours(LocalTime from, LocalTime to, Set<DayOfWeek> days) {
            this.from = from;
            this.to = to;
            this.days = days;
        }
    }

    private final ZoneId zone;
    private final List<Hours> open;
    private final List<Hours> closed;

    private Schedule(ZoneId zone, List<Hours> open, List<Hours> closed) {
        this.zone = zone;
        this.open = open;
        this.closed = closed;
    }

    /** Returns a schedule that is always open. */
    public static Schedule in(ZoneId zone) {
        return new Schedule(Objects.requireNonNull(zone, "zone"), Collections.emptyList(), Collections.emptyList());
    }

    /**
     * Returns this schedule with further opening hours.
     *
     * @param from when they begin
     * @param to when they end; on the next day unless it is later than {@code from}
     * @param days on which they begin; none means every day
     */
    public Schedule open(LocalTime from, LocalTime to, DayOfWeek... days) {
        return new Schedule(zone, with(open, from, to, days), closed);
    }

    /**
     * Returns this schedule with further closing hours, which win over opening hours.
     *
     * @param from when they begin
     * @param to when they end; on the next day unless it is later than {@code from}
     * @param days on which they begin; none means every day
     */
    public Schedule closed(LocalTime from, LocalTime to, DayOfWeek... days) {
        return new Schedule(zone, open, with(closed, from, to, days));
    }

    private static List<Hours> with(List<Hours> all, LocalTime from, LocalTime to, DayOfWeek... days) {
        Set<DayOfWeek> set = EnumSet.noneOf(DayOfWeek.class);
        Collections.addAll(set, days.length == 0 ? DayOfWeek.values() : days);
        List<Hours> more = new ArrayList<>(all);
        more.add(new Hours(Objects.requireNonNull(from, "from"), Objects.requireNonNull(to, "to"), set));
        return more;
    }

    /** Returns whether the schedule is open at a moment. */
    public boolean isOpen(Instant moment) {
        return !endOf(closed, moment).isAfter(moment)
                && (open.isEmpty() || endOf(open, moment).isAfter(moment));
    }

    /**
     * Returns how long it takes from a moment until the schedule is open; zero if it is.
     *
     * @throws IllegalStateException if it is never open
     */
    public Duration untilOpen(Instant moment) {
        Instant end = moment.plus(Duration.ofDays(LOOK_AHEAD_DAYS));
        Instant at = moment;
        while (at.isBefore(end)) {
            Instant closedUntil = endOf(closed, at);
            if (closedUntil.isAfter(at)) {
                at = closedUntil;
            } else if (open.isEmpty() || endOf(open, at).isAfter(at)) {
                return Duration.between(moment, at);
            } else {
                at = nextOpening(at, end);
            }
        }
        throw new IllegalStateException("schedule is never open [zone=" + zone + ", looked from " + moment + " to "
                + end + "]; leave some of its opening hours free of closing hours");
    }

    /** The latest end of hours that a moment is in, or the moment itself. */
    private Instant endOf(List<Hours> all, Instant moment) {
        Instant latest = moment;
        LocalDate today = moment.atZone(zone).toLocalDate();
        for (Hours hours : all) {
            // Yesterday's may reach into today, and a change of clocks moves them by less than a day.
            for (LocalDate date = today.minusDays(2); !date.isAfter(today); date = date.plusDays(1)) {
                if (hours.days.contains(date.getDayOfWeek())
                        && !begin(hours, date).isAfter(moment)) {
                    Instant end = end(hours, date);
                    latest = end.isAfter(latest) ? end : latest;
                }
            }
        }
        return latest;
    }

    private Instant nextOpening(Instant moment, Instant end) {
        Instant next = end;
        LocalDate today = moment.atZone(zone).toLocalDate();
        for (Hours hours : open) {
            for (int day = 0; day <= LOOK_AHEAD_DAYS; day++) {
                LocalDate date = today.plusDays(day);
                if (hours.days.contains(date.getDayOfWeek())) {
                    Instant begin = begin(hours, date);
                    boolean isNonEmpty = end(hours, date).isAfter(begin);
                    if (isNonEmpty && begin.isAfter(moment) && begin.isBefore(next)) {
                        next = begin;
                    }
                }
            }
        }
        return next;
    }

    private Instant begin(Hours hours, LocalDate date) {
        return instant(date.atTime(hours.from));
    }

    private Instant end(Hours hours, LocalDate date) {
        return instant((hours.to.isAfter(hours.from) ? date : date.plusDays(1)).atTime(hours.to));
    }

    private Instant instant(LocalDateTime local) {
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        return change != null && change.isGap()
                ? change.getInstant()
                : local.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
    }
}
