package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A pattern for names of lite topics: {@code *} stands for any run of characters, also none; every other character stands for
 * itself. Immutable. Matching takes time proportional to name times pattern at worst, and allocates nothing.
 */
public final class NamePattern {
    /** Twice what a name may have, and room for some stars. */
    public static final int MAX_CHARACTERS = 255;

    private static final char ANY = '*';

    private final String text;
    /** What stands before, between and behind the stars; one part if there is none. */
    private final List<String> parts;

    private NamePattern(String text) {
        this.text = text;
        this.parts = Collections.unmodifiableList(split(text));
    }

    /** @throws IllegalArgumentException if the text is empty or has more than {@link #MAX_CHARACTERS} characters */
    public static NamePattern of(String text) {
        if (text.isEmpty() || text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("'" + text + "' is no pattern: it has " + text.length()
                    + " characters; write 1 to " + MAX_CHARACTERS);
        }
        return new NamePattern(text);
    }

    public boolean matches(String name) {
        String first = parts.get(0);
        if (isLiteral()) {
            return name.equals(first);
        }
        String last = parts.get(parts.size() - 1);
        int end = name.length() - last.length();
        if (end < first.length() || !name.startsWith(first) || !name.endsWith(last)) {
            return false;
        }
        // The earliest place of each part leaves the most room for the next ones, so nothing is ever tried again.
        int from = first.length();
        for (int i = 1; i < parts.size() - 1; i++) {
            String part = parts.get(i);
            int at = name.indexOf(part, from);
            if (at < 0 || at + part.length() > end) {
                return false;
            }
            from = at + part.length();
        }
        return true;
    }

    /** Whether it matches one name only, itself. */
    boolean isLiteral() {
        return parts.size() == 1;
    }

    /** Whether its only star is its last character. */
    boolean isPrefix() {
        return parts.size() == 2 && parts.get(1).isEmpty();
    }

    /** What stands before the first star. */
    String head() {
        return parts.get(0);
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int star = text.indexOf(ANY); star >= 0; star = text.indexOf(ANY, from)) {
            parts.add(text.substring(from, star));
            from = star + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NamePattern && ((NamePattern) other).text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return text;
    }
}
