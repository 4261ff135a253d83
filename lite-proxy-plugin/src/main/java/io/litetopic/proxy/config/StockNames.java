package io.litetopic.proxy.config;

import java.util.Optional;
import org.apache.rocketmq.common.topic.TopicValidator;

/** Which topic and group names the stock broker accepts, and which of them belong to it. */
final class StockNames {
    private static final String CHARACTERS = "letters, digits and the characters % | _ - only";
    /** The broker also keeps %RETRY% and %DLQ% topics named after the group, and those are limited like topics. */
    private static final int GROUP_MAX_LENGTH = 120;

    private static final int TOPIC_MAX_LENGTH = 127;

    private StockNames() {}

    /** Why {@code name} cannot be a bind topic, or empty if it can. */
    static Optional<String> violationOfTopic(String name) {
        if (TopicValidator.isSystemTopic(name)) {
            return Optional.of("is a system topic of the broker; choose another topic");
        }
        return violation(name, TOPIC_MAX_LENGTH, "topic");
    }

    /** Why {@code name} cannot be a lite group, or empty if it can. */
    static Optional<String> violationOfGroup(String name) {
        if (name.startsWith("CID_RMQ_SYS_")) {
            return Optional.of("is a system group of the broker; choose another group");
        }
        return violation(name, GROUP_MAX_LENGTH, "group");
    }

    private static Optional<String> violation(String name, int maxLength, String kind) {
        if (name.trim().isEmpty()) {
            return Optional.of("is no " + kind + " name: it is blank; write 1 to " + maxLength + " characters");
        }
        if (name.length() > maxLength) {
            return Optional.of("is no " + kind + " name: it has " + name.length() + " characters; write " + maxLength
                    + " at most");
        }
        if (name.startsWith("%")) {
            return Optional.of("is no " + kind + " name: names that begin with % are the broker's own; rename it");
        }
        if (TopicValidator.isTopicOrGroupIllegal(name)) {
            return Optional.of("is no " + kind + " name: the broker allows " + CHARACTERS + "; rename it");
        }
        return Optional.empty();
    }
}
