package io.litetopic.it;

import java.util.ArrayList;
import java.util.List;

/**
 * A name that no lite topic may have.
 *
 * @param problem what the error says is wrong
 * @param name the name
 * @param details what else the error says: the value, escaped where it must be, and its length
 */
record LiteTopicNameCase(String problem, String name, List<String> details) {
    static final List<LiteTopicNameCase> ALL = List.of(
            new LiteTopicNameCase("is empty", "", List.of()),
            new LiteTopicNameCase("is blank", "   ", List.of("\"   \"")),
            new LiteTopicNameCase("is too long", "x".repeat(64), List.of("x".repeat(64), "bytes=64")),
            new LiteTopicNameCase("is too long", "漢".repeat(22), List.of("漢".repeat(22), "bytes=66")),
            new LiteTopicNameCase("has a control character", "a\nb", List.of("a\\u000ab")),
            new LiteTopicNameCase("has a control character", "a\u0000b", List.of("a\\u0000b")),
            new LiteTopicNameCase("has a control character", "del\u007f", List.of("del\\u007f")));

    /** Everything that a message for users must contain. */
    String[] expected() {
        List<String> expected = new ArrayList<>(details);
        expected.add(problem);
        expected.add("63 bytes");
        return expected.toArray(String[]::new);
    }

    /** Clients check this much themselves. */
    boolean isBlank() {
        return name.isBlank();
    }
}
