package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The journal beside an {@link EngineModel}, a {@link QueueState} per queue. Whatever is taken is looked at at once: it must be what
 * {@link ModelGroup} says. What it said then is kept, since that is what comes back after a crash.
 */
final class ModelJournal {
    /** The queue with which subscriptions are written down. */
    static final int CARRIER = 0;

    private final ModelGroup group;
    private final List<QueueState> states = new ArrayList<>();
    /** Those that are being taken. */
    private final List<@Nullable QueueState> snapshots = new ArrayList<>();
    /** By lite topic. */
    private final Map<String, Recorded> recorded = new HashMap<>();

    private long carriesSince;
    private boolean hasAllSubscriptions;
    int snapshotsTaken;

    /** What the journal must know of a lite topic. */
    private record Recorded(int slot, int attempts, long head, long resumeAtMillis, long lastActivity) {}

    ModelJournal(ModelGroup group) {
        this.group = group;
        for (int slot = 0; slot < group.broker.queues.size(); slot++) {
            states.add(new QueueState());
            snapshots.add(null);
        }
    }

    private long wallMillis() {
        return group.now / 1_000_000;
    }

    // ---- writing ----

    /** What has changed is written down. */
    void take(GroupEngine engine, int slot) {
        StateChanges changes = engine.takeChanges(slot, group.now, wallMillis());
        states.get(slot).apply(changes);
        engine.changesStored(slot);
        QueueState snapshot = snapshots.get(slot);
        if (snapshot != null) {
            snapshot.apply(changes);
        }
        assertThat(engine.hasChanges(slot)).isFalse();
        checkDone(slot);
        recorded.values().removeIf(ofTopic -> ofTopic.slot == slot);
        group.topics.forEach((name, topic) -> {
            if (topic.slot == slot) {
                record(name, topic);
            }
        });
        if (engine.openGaps() == 0) {
            checkLiteTopics(engine, slot);
        }
        if (slot == CARRIER && hasAllSubscriptions && group.variant.mode() != SubscriptionMode.WILDCARD) {
            checkSubscriptions();
        }
    }

    private void record(String name, ModelGroup.Topic topic) {
        boolean awaitsHead = topic.pending.isEmpty() && topic.recordedAttempts > 0;
        int attempts = awaitsHead ? topic.recordedAttempts : topic.pending.isEmpty() ? 0 : topic.attempts;
        long head = awaitsHead ? topic.recordedHead : topic.head();
        recorded.put(name, new Recorded(topic.slot, attempts, head, resumeAtMillis(topic), topic.lastActivity));
    }

    private long resumeAtMillis(ModelGroup.Topic topic) {
        return topic.resumeAt > group.now
                ? wallMillis() + ChangeLog.millisRoundedUp(topic.resumeAt - group.now)
                : LiteTopicState.NONE;
    }

    /** Subscriptions are written down with the carrier from now on. */
    void carry(GroupEngine engine) {
        engine.carrySubscriptionsWith(CARRIER, ++carriesSince, false);
        hasAllSubscriptions = false;
        beginSnapshot(engine, CARRIER);
    }

    /** Those that are written down were restored: they go on where they are. */
    void carryOn(GroupEngine engine) {
        engine.carrySubscriptionsWith(CARRIER, states.get(CARRIER).subscriptionsSince(), true);
        hasAllSubscriptions = true;
    }

    private void beginSnapshot(GroupEngine engine, int slot) {
        engine.beginSnapshot(slot);
        snapshots.set(slot, new QueueState());
    }

    /** Begins a snapshot, or writes its next part. The last one makes it what recovery starts from. */
    void continueSnapshot(GroupEngine engine, int slot) {
        QueueState snapshot = snapshots.get(slot);
        if (snapshot == null) {
            beginSnapshot(engine, slot);
            return;
        }
        StateChanges part = engine.nextSnapshotPart(slot, group.now, wallMillis());
        if (part != null) {
            states.get(slot).apply(part);
            engine.changesStored(slot);
            snapshot.apply(part);
            assertThat(group.doneOffsets.get(slot)).containsAll(doneOf(states.get(slot)));
            recordAgain(slot, part);
            return;
        }
        hasAllSubscriptions |= slot == CARRIER;
        for (int other = 0; other < states.size(); other++) { // lite topics that have moved leave the others
            take(engine, other);
        }
        take(engine, slot);
        assertThat(engine.changesNotTaken()).as("all is taken").isZero();
        QueueState state = states.get(slot);
        assertThat(snapshot.watermark()).isEqualTo(state.watermark());
        assertThat(snapshot.doneRuns()).isEqualTo(state.doneRuns());
        assertThat(meaningOf(snapshot)).isEqualTo(meaningOf(state));
        assertThat(snapshot.subscriptions()).isEqualTo(state.subscriptions());
        states.set(slot, snapshot);
        snapshots.set(slot, null);
        snapshotsTaken++;
    }

    private void recordAgain(int slot, StateChanges part) {
        List<String> named = new ArrayList<>(part.removedLiteTopics());
        part.liteTopics().forEach(state -> named.add(state.name()));
        for (String name : named) {
            recorded.computeIfPresent(name, (key, ofTopic) -> ofTopic.slot == slot ? null : ofTopic);
            ModelGroup.Topic topic = group.topics.get(name);
            if (topic != null && topic.slot == slot) { // otherwise only that it exists
                record(name, topic);
            }
        }
    }

    /** Suspends that are over may be in one and not in the other. */
    private Map<String, String> meaningOf(QueueState state) {
        Map<String, String> meaning = new HashMap<>();
        for (LiteTopicState topic : state.liteTopics()) {
            boolean isSuspended = topic.resumeAtMillis() > wallMillis();
            if (isSuspended || topic.attempts() > 0 || group.variant.ttl() != EngineSettings.NO_TTL) {
                meaning.put(
                        topic.name(),
                        (isSuspended ? topic.resumeAtMillis() : 0) + " " + topic.attempts() + " "
                                + topic.attemptsOfOffset() + " " + topic.lastActivityMillis());
            }
        }
        return meaning;
    }

    // ---- checks of what was written ----

    /** What a start point does not want is done for the model at once, for the engine when it is found. */
    private void checkDone(int slot) {
        Set<Long> written = doneOf(states.get(slot));
        assertThat(group.doneOffsets.get(slot)).containsAll(written);
        if (group.restarts == 0) {
            assertThat(written).containsAll(group.doneOffsets.get(slot));
        }
    }

    private void checkLiteTopics(GroupEngine engine, int slot) {
        Map<String, LiteTopicState> written = new HashMap<>();
        states.get(slot).liteTopics().forEach(state -> written.put(state.name(), state));
        Set<String> existing = new HashSet<>();
        engine.forEachLiteTopic(existing::add);
        group.topics.forEach((name, topic) -> {
            LiteTopicState state = written.get(name);
            if (topic.slot != slot || topic.pending.isEmpty()) {
                return;
            }
            boolean isRecorded = topic.attempts > 0 || topic.resumeAt > group.now;
            if (group.variant.ttl() != EngineSettings.NO_TTL || isRecorded) {
                assertThat(state).as("%s in the journal of slot %d", name, slot).isNotNull();
            }
            if (state != null) {
                assertThat(state.attempts()).as("attempts of %s", name).isEqualTo(topic.attempts);
                assertThat(state.attemptsOfOffset())
                        .isEqualTo(topic.attempts == 0 ? LiteTopicState.NONE : topic.head());
                if (isRecorded && topic.resumeAt > group.now) {
                    long resumeAt = resumeAtMillis(topic); // of a time that is not a whole millisecond
                    assertThat(state.resumeAtMillis()).isBetween(resumeAt - 1, resumeAt + 1);
                }
            }
        });
        for (String name : written.keySet()) {
            assertThat(existing)
                    .as("lite topics that exist, in the journal of slot %d", slot)
                    .contains(name);
        }
    }

    private void checkSubscriptions() {
        Map<String, Set<String>> expected = new HashMap<>();
        group.clients.forEach((id, client) -> {
            if (!client.subscribed.isEmpty()) {
                expected.put(id, client.subscribed);
            }
        });
        assertThat(states.get(CARRIER).subscriptions())
                .as("subscriptions in the journal")
                .isEqualTo(expected);
    }

    static Set<Long> doneOf(QueueState state) {
        Set<Long> done = new HashSet<>();
        LongStream.range(0, state.watermark()).forEach(done::add);
        long[] runs = state.doneRuns();
        for (int i = 0; i < runs.length; i += 2) {
            LongStream.range(runs[i], runs[i] + runs[i + 1]).forEach(done::add);
        }
        return done;
    }

    // ---- recovery ----

    /** What a new owner of the queue finds; its snapshots begin anew. */
    QueueState recover(int slot) {
        snapshots.set(slot, null);
        QueueState state = states.get(slot);
        state.raiseWatermark(group.watermarks.getOrDefault(slot, 0L));
        return state;
    }

    /** Lite topics of the queue become what was written down of them. */
    void restoreLiteTopics(int slot) {
        recorded.forEach((name, ofTopic) -> {
            if (ofTopic.slot == slot) {
                restore(name, ofTopic, states.get(slot));
            }
        });
    }

    private void restore(String name, Recorded ofTopic, QueueState state) {
        long resumeAtMillis = state.liteTopics().stream()
                .filter(liteTopic -> liteTopic.name().equals(name))
                .mapToLong(LiteTopicState::resumeAtMillis)
                .findFirst()
                .orElse(LiteTopicState.NONE);
        boolean isSuspended = resumeAtMillis > wallMillis();
        // Whole milliseconds, counted from when it was written down.
        assertThat(Math.abs(Math.max(ofTopic.resumeAtMillis, wallMillis()) - Math.max(resumeAtMillis, wallMillis())))
                .as("resume time of %s in %s, not %d", name, state, ofTopic.resumeAtMillis)
                .isLessThanOrEqualTo(1);
        ModelGroup.Topic topic = group.topicOrNew(name);
        topic.lastActivity = Math.min(group.now, ofTopic.lastActivity);
        topic.recordedAttempts = ofTopic.attempts;
        topic.recordedHead = ofTopic.head;
        if (isSuspended) {
            topic.resumeAt = group.now + (resumeAtMillis - wallMillis()) * 1_000_000;
        }
    }

    boolean hasSubscriptions() {
        return states.get(CARRIER).subscriptionsSince() != LiteTopicState.NONE;
    }

    Map<String, Set<String>> subscriptions() {
        return states.get(CARRIER).subscriptions();
    }
}
