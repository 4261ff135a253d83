package io.litetopic.proxy.registry;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which names lite topics may have: 1 to 63 bytes of UTF-8, not blank, no control characters. */
public final class LiteTopicNames {
    /** Stock refuses message groups of 64 bytes and more, and a lite topic travels as one. */
    public static final int MAX_BYTES = 63;

    private static final String REMEDY = "; use 1 to " + MAX_BYTES + " bytes of UTF-8 without control characters";

    private LiteTopicNames() {}

    /** What is wrong with the name, for its user, or null if it is legal. */
    public static @Nullable String problemOf(String name) {
        if (name.isEmpty()) {
            return "lite topic name is empty" + REMEDY;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c)) {
                return String.format(
                        Locale.ROOT,
                        "lite topic name has a control character [liteTopic=\"%s\", character=\\u%04x, index=%d]%s",
                        escape(name),
                        (int) c,
                        i,
                        REMEDY);
            }
        }
        if (isBlank(name)) {
            return "lite topic name is blank [liteTopic=\"" + escape(name) + "\"]" + REMEDY;
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            return "lite topic name is too long [liteTopic=\"" + escape(name) + "\", bytes=" + bytes + ", limit="
                    + MAX_BYTES + "]" + REMEDY;
        }
        return null;
    }

    private static boolean isBlank(String name) {
        return name.codePoints().allMatch(Character::isWhitespace);
    }

    /** The name as it may stand in a log or an error: at most 80 characters, control characters spelled out. */
    public static String escape(String name) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < name.length() && escaped.length() < 80; i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.length() < name.length() ? escaped.append("...").toString() : escaped.toString();
    }
}
