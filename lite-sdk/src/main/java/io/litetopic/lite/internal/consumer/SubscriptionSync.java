package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.OffsetOption;
import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One change of the set of lite topics that the server keeps for this client. */
public final class SubscriptionSync {

    /** What to do with the names. */
    public enum Action {
        /** Add them. */
        ADD,
        /** Remove them. */
        REMOVE,
        /** Make them the whole set. */
        REPLACE
    }

    private final Action action;
    private final Set<String> liteTopics;
    private final @Nullable OffsetOption offsetOption;

    private SubscriptionSync(Action action, Set<String> liteTopics, @Nullable OffsetOption offsetOption) {
        this.action = action;
        this.liteTopics = liteTopics;
        this.offsetOption = offsetOption;
    }

    static SubscriptionSync add(String liteTopic, @Nullable OffsetOption offsetOption) {
        return new SubscriptionSync(Action.ADD, Collections.singleton(liteTopic), offsetOption);
    }

    static SubscriptionSync remove(String liteTopic) {
        return new SubscriptionSync(Action.REMOVE, Collections.singleton(liteTopic), null);
    }

    /** The caller hands over the set and changes it no more. */
    static SubscriptionSync replace(Set<String> liteTopics) {
        return new SubscriptionSync(Action.REPLACE, Collections.unmodifiableSet(liteTopics), null);
    }

    public Action action() {
        return action;
    }

    public Set<String> liteTopics() {
        return liteTopics;
    }

    public @Nullable OffsetOption offsetOption() {
        return offsetOption;
    }

    /** What is done, for an error message that starts with "cannot". */
    @Override
    public String toString() {
        switch (action) {
            case ADD:
                return "subscribe to " + liteTopics;
            case REMOVE:
                return "unsubscribe from " + liteTopics;
            case REPLACE:
                return "register this consumer with its " + liteTopics.size() + " lite topics";
        }
        throw new AssertionError(action);
    }
}
