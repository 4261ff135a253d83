package io.litetopic.lite.internal;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The one check of lite topic names. The upper limit is that of a stock message group, since every lite topic is one.
 */
public final class LiteTopicName {

    /** Longest name in bytes of UTF-8. */
    public static final int MAX_BYTES = 63;

    private static final int MAX_SHOWN_CHARS = 128;

    private LiteTopicName() {}

    /**
     * Returns the name if it is one.
     *
     * @throws IllegalArgumentException if it is null, blank, longer than {@link #MAX_BYTES}, or has control characters
     *     or half a surrogate pair; the message shows the name escaped, its length, the limit and the remedy
     */
    public static String check(@Nullable String name) {
        if (name == null) {
            throw refused("is null", "null", 0, "pass a name");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (isBlank(name)) {
            throw refused(name.isEmpty() ? "is empty" : "is blank", escape(name), bytes, "use visible characters");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c)) {
                throw refused(
                        "has a control character at index " + i, escape(name), bytes, "remove control characters");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < name.length()
                        && Character.isLowSurrogate(name.charAt(i + 1));
                if (!pair) {
                    throw refused(
                            "has half a surrogate pair at index " + i,
                            escape(name),
                            bytes,
                            "use a string that can be written as UTF-8");
                }
                i++;
            }
        }
        if (bytes > MAX_BYTES) {
            throw refused("is too long", escape(name), bytes, "shorten it, for example to a hash of the long name");
        }
        return name;
    }

    private static boolean isBlank(String name) {
        return name.codePoints().allMatch(Character::isWhitespace);
    }

    private static IllegalArgumentException refused(String problem, String shown, int bytes, String remedy) {
        return new IllegalArgumentException("lite topic name " + problem + " [liteTopic=" + shown + ", bytes=" + bytes
                + ", limit=1 to " + MAX_BYTES + " bytes of UTF-8]; " + remedy);
    }

    private static String escape(String name) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < name.length() && i < MAX_SHOWN_CHARS; i++) {
            char c = name.charAt(i);
            if (c == '"' || c == '\\') {
                shown.append('\\').append(c);
            } else if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.append(name.length() > MAX_SHOWN_CHARS ? "\"..." : "\"").toString();
    }
}
