package io.litetopic.proxy.state;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * State of one queue of a group: what the changes of its journal add up to. Not thread-safe.
 *
 * <p>Starts empty; {@link #apply} is the only way on. Watermark and done offsets only grow.
 */
public final class QueueState {
    private long watermark;
    /** First offset of each run, and one past its last. No two touch. */
    private final TreeMap<Long, Long> done = new TreeMap<>();

    private final Map<String, LiteTopicState> liteTopics = new HashMap<>();
    private long subscriptionsSince = LiteTopicState.NONE;
    private final Map<String, Set<String>> subscriptions = new HashMap<>();

    /** Adds what a record of the journal says. */
    public void apply(StateChanges changes) {
        long[] runs = changes.doneRuns();
        for (int i = 0; i < runs.length; i += 2) {
            addDone(runs[i], runs[i] + runs[i + 1]);
        }
        raiseWatermark(changes.watermark());
        changes.removedLiteTopics().forEach(liteTopics::remove);
        changes.liteTopics().forEach(state -> liteTopics.put(state.name(), state));
        if (changes.subscriptionsSince() > subscriptionsSince) {
            subscriptionsSince = changes.subscriptionsSince();
            subscriptions.clear();
        }
        if (changes.subscriptionsSince() == subscriptionsSince) {
            changes.clients().forEach(this::apply);
        }
    }

    private void apply(ClientChange change) {
        if (change.startsEmpty()) {
            subscriptions.remove(change.clientId());
        }
        if (change.added().isEmpty() && !subscriptions.containsKey(change.clientId())) {
            return;
        }
        Set<String> names = subscriptions.computeIfAbsent(change.clientId(), id -> new LinkedHashSet<>());
        names.addAll(change.added());
        change.removed().forEach(names::remove);
        if (names.isEmpty()) {
            subscriptions.remove(change.clientId());
        }
    }

    private void addDone(long from, long to) {
        Map.Entry<Long, Long> before = done.floorEntry(from);
        long start = from;
        long end = to;
        if (before != null && before.getValue() >= from) {
            start = before.getKey();
            end = Math.max(end, before.getValue());
        }
        Map.Entry<Long, Long> next;
        while ((next = done.ceilingEntry(start)) != null && next.getKey() <= end) {
            end = Math.max(end, next.getValue());
            done.remove(next.getKey());
        }
        done.put(start, end);
    }

    /** Everything below {@code offset} is done, whoever says so. */
    public void raiseWatermark(long offset) {
        watermark = Math.max(watermark, offset);
        Map.Entry<Long, Long> first;
        while ((first = done.firstEntry()) != null && first.getKey() <= watermark) {
            done.remove(first.getKey());
            watermark = Math.max(watermark, first.getValue());
        }
    }

    /**
     * The queue ends at {@code maxOffset}: what is recorded of later offsets is of messages that do not exist any more.
     *
     * @return how many offsets were done beyond, the watermark's included; 0 if none
     */
    public long truncate(long maxOffset) {
        long beyond = Math.max(0, watermark - maxOffset);
        watermark = Math.min(watermark, maxOffset);
        Map.Entry<Long, Long> last;
        while ((last = done.lastEntry()) != null && last.getValue() > maxOffset) {
            done.remove(last.getKey());
            beyond += last.getValue() - Math.max(maxOffset, last.getKey());
            if (last.getKey() < maxOffset) {
                done.put(last.getKey(), maxOffset);
            }
        }
        return beyond;
    }

    public long watermark() {
        return watermark;
    }

    /** Like {@link StateChanges#doneRuns()}: a copy. */
    public long[] doneRuns() {
        long[] runs = new long[done.size() * 2];
        int i = 0;
        for (Map.Entry<Long, Long> run : done.entrySet()) {
            runs[i++] = run.getKey();
            runs[i++] = run.getValue() - run.getKey();
        }
        return runs;
    }

    /** Lite topics of which something is remembered. Live view. */
    public Collection<LiteTopicState> liteTopics() {
        return Collections.unmodifiableCollection(liteTopics.values());
    }

    /** See {@link StateChanges#subscriptionsSince()}. */
    public long subscriptionsSince() {
        return subscriptionsSince;
    }

    /** Lite topics by client id. Live view. */
    public Map<String, Set<String>> subscriptions() {
        return Collections.unmodifiableMap(subscriptions);
    }

    @Override
    public String toString() {
        return "QueueState[watermark=" + watermark + ", doneRuns=" + Arrays.toString(doneRuns()) + ", liteTopics="
                + liteTopics.values() + ", subscriptionsSince=" + subscriptionsSince + ", subscriptions="
                + subscriptions + ']';
    }
}
