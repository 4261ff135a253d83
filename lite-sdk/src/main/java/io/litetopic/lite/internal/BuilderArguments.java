package io.litetopic.lite.internal;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/** Checks what the builders of consumers are given. */
final class BuilderArguments {

    private static final Pattern CONSUMER_GROUP = Pattern.compile("[%a-zA-Z0-9_-]+");

    private BuilderArguments() {}

    static String bindTopic(String bindTopic) {
        if (bindTopic == null || bindTopic.trim().isEmpty()) {
            throw new IllegalArgumentException("bindTopic is blank [bindTopic=" + bindTopic
                    + "]; pass the name of a topic that carries lite topics");
        }
        return bindTopic;
    }

    static String consumerGroup(String consumerGroup) {
        requireNonNull(consumerGroup, "consumerGroup should not be null");
        if (!CONSUMER_GROUP.matcher(consumerGroup).matches()) {
            throw new IllegalArgumentException("consumerGroup has characters that are not allowed [consumerGroup="
                    + consumerGroup + ", allowed=" + CONSUMER_GROUP.pattern() + "]; use letters, digits, %, _ and -");
        }
        return consumerGroup;
    }
}
