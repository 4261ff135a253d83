package io.litetopic.proxy.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has changed in the state of one queue of a group, or a part of a snapshot of that state. Applying a change twice, or a part
 * of a snapshot among the changes made while it was taken, gives the same result: see {@link QueueState#apply}. Immutable.
 */
public final class StateChanges {
    private static final long[] NO_RUNS = {};

    private final long watermark;
    private final long[] doneRuns;
    private final List<String> removedLiteTopics;
    private final List<LiteTopicState> liteTopics;
    private final long subscriptionsSince;
    private final List<ClientChange> clients;

    private StateChanges(Builder builder) {
        this.watermark = builder.watermark;
        this.doneRuns = builder.doneRuns;
        this.removedLiteTopics = Collections.unmodifiableList(builder.removedLiteTopics);
        this.liteTopics = Collections.unmodifiableList(builder.liteTopics);
        this.subscriptionsSince = builder.subscriptionsSince;
        this.clients = Collections.unmodifiableList(builder.clients);
    }

    /** Everything of the queue below this offset is done. */
    public long watermark() {
        return watermark;
    }

    /**
     * Offsets, none below {@link #watermark()}, that are done: pairs of the first offset of a run and the number of offsets in it, 1
     * or more; ascending, with at least one offset between two runs. Not to be changed.
     */
    public long[] doneRuns() {
        return doneRuns;
    }

    /** Lite topics of which nothing is remembered any more. To be applied before {@link #liteTopics()}. */
    public List<String> removedLiteTopics() {
        return removedLiteTopics;
    }

    /** Lite topics of which exactly this is to be remembered from now on. */
    public List<LiteTopicState> liteTopics() {
        return liteTopics;
    }

    /**
     * Since when the subscriptions of the group are recorded with this queue, in ms since 1970; {@link LiteTopicState#NONE} if they
     * are recorded with another one. The queue with the latest time has those that count.
     */
    public long subscriptionsSince() {
        return subscriptionsSince;
    }

    /** Changes of subscriptions in their order; empty unless they are recorded with this queue. */
    public List<ClientChange> clients() {
        return clients;
    }

    /** Whether it says nothing beside the watermark. */
    public boolean isEmpty() {
        return doneRuns.length == 0 && removedLiteTopics.isEmpty() && liteTopics.isEmpty() && clients.isEmpty();
    }

    public static Builder builder(long watermark) {
        return new Builder(watermark);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof StateChanges)) {
            return false;
        }
        StateChanges that = (StateChanges) other;
        return watermark == that.watermark
                && Arrays.equals(doneRuns, that.doneRuns)
                && removedLiteTopics.equals(that.removedLiteTopics)
                && liteTopics.equals(that.liteTopics)
                && subscriptionsSince == that.subscriptionsSince
                && clients.equals(that.clients);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                watermark, Arrays.hashCode(doneRuns), removedLiteTopics, liteTopics, subscriptionsSince, clients);
    }

    @Override
    public String toString() {
        return "StateChanges[watermark=" + watermark + ", doneRuns=" + Arrays.toString(doneRuns) + ", removed="
                + removedLiteTopics + ", liteTopics=" + liteTopics + ", subscriptionsSince=" + subscriptionsSince
                + ", clients=" + clients + ']';
    }

    /** Not thread-safe; used once. */
    public static final class Builder {
        private final long watermark;
        private long[] doneRuns = NO_RUNS;
        private final List<String> removedLiteTopics = new ArrayList<>(0);
        private final List<LiteTopicState> liteTopics = new ArrayList<>(0);
        private long subscriptionsSince = LiteTopicState.NONE;
        private final List<ClientChange> clients = new ArrayList<>(0);

        private Builder(long watermark) {
            this.watermark = watermark;
        }

        /** @param runs like {@link StateChanges#doneRuns()}; not to be changed afterwards */
        public Builder doneRuns(long[] runs) {
            doneRuns = runs;
            return this;
        }

        public Builder remove(String liteTopic) {
            removedLiteTopics.add(liteTopic);
            return this;
        }

        public Builder set(LiteTopicState liteTopic) {
            liteTopics.add(liteTopic);
            return this;
        }

        public Builder subscriptionsSince(long millis) {
            subscriptionsSince = millis;
            return this;
        }

        public Builder client(ClientChange change) {
            clients.add(change);
            return this;
        }

        public StateChanges build() {
            return new StateChanges(this);
        }
    }
}
