package io.litetopic.proxy.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as operators write them: {@code 500ms}, {@code 30s}, {@code 30m}, {@code 12h}, {@code 7d}, {@code PT30M}. */
final class ConfigDuration {
    static final String SYNTAX = "a number with a unit (500ms, 30s, 30m, 12h, 7d) or ISO-8601 (PT30M)";

    private static final Pattern SHORT_FORM = Pattern.compile("([0-9]+)\\s*(ms|s|m|h|d)");

    private ConfigDuration() {}

    /** The duration, or empty if {@code text} is none. Negative ISO-8601 durations are parsed; the caller has the range. */
    static Optional<Duration> parse(String text) {
        try {
            Matcher shortForm = SHORT_FORM.matcher(text);
            if (shortForm.matches()) {
                return Optional.of(ofUnit(Long.parseLong(shortForm.group(1)), shortForm.group(2)));
            }
            return Optional.of(Duration.parse(text));
        } catch (DateTimeException | ArithmeticException | NumberFormatException notADuration) {
            // the caller reports it with file, line and value; these exceptions know none of them
            return Optional.empty();
        }
    }

    /** The shortest form that {@link #parse} reads back. */
    static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static Duration ofUnit(long amount, String unit) {
        switch (unit.toLowerCase(Locale.ROOT)) {
            case "ms":
                return Duration.ofMillis(amount);
            case "s":
                return Duration.ofSeconds(amount);
            case "m":
                return Duration.ofMinutes(amount);
            case "h":
                return Duration.ofHours(amount);
            default:
                return Duration.ofDays(amount);
        }
    }
}
