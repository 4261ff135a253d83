package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.state.QueueState;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A real {@link GroupEngine} beside what must be true of its group ({@link ModelGroup}): each command goes to both, and every
 * effect is checked, and after each step that nothing deliverable was left lying.
 *
 * <p>The broker ({@link ModelBroker}) answers at random times. What is to be written down goes to a {@link ModelJournal}, from which
 * queues that are lost, and the whole engine after a crash, come back.
 */
final class EngineModel implements EngineEffects {
    final SplittableRandom random;
    final ModelBroker broker;
    final ModelGroup group;
    final ModelJournal journal;
    final Set<Poll> waitingPolls = new LinkedHashSet<>();
    private final long seed;
    private final Set<String> known = new HashSet<>();
    private GroupEngine engine;

    int delivered;
    int deadLettered;
    int expired;
    int reread;
    int unsubscribed;
    int takenOver;
    int scanned;
    int cut;
    int skipped;
    int recovered;
    int crashed;

    EngineModel(long seed, int queueCount, ModelGroup.Variant variant) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.broker = new ModelBroker(queueCount);
        this.group = new ModelGroup(variant, broker);
        this.journal = new ModelJournal(group);
        this.engine = newEngine();
        for (int slot = 0; slot < queueCount; slot++) {
            engine.acquireQueue(slot, 0);
        }
        journal.carry(engine);
    }

    private GroupEngine newEngine() {
        ModelGroup.Variant variant = group.variant;
        return new GroupEngine(
                EngineSettings.builder()
                        .ttlNanos(variant.ttl())
                        .maxAttempts(ModelGroup.MAX_ATTEMPTS)
                        .mode(variant.mode())
                        .onExpiry(variant.onExpiry())
                        .bodyCacheBytes(variant.bodyBudget())
                        .indexBytes(variant.indexBudget())
                        .lowIndexMessages(8)
                        .maxInHandPerLiteTopic(variant.maxInHandPerLiteTopic())
                        .rules(group::ruleOf)
                        .recentSubscriptionMillis(0)
                        .disconnectGraceNanos(ModelGroup.GRACE)
                        .quickGraceNanos(ModelGroup.QUICK_GRACE)
                        .livenessTimeoutNanos(ModelGroup.LIVENESS)
                        .recentDeliveryNanos(ModelGroup.RECENT)
                        .subscriptionsPerClient(1_000)
                        .handleSeed(seed + crashed)
                        .build(),
                this);
    }

    private long wallMillis() {
        return group.now / 1_000_000;
    }

    // ---- the broker ----

    void send(String liteTopic) {
        broker.store(liteTopic, group.now);
    }

    void answerRead(int index, int most) {
        ModelBroker.Asked read = broker.reads.remove(index);
        List<BrokerMessage> messages = broker.messages(read, most);
        if (broker.currentReads.remove(read.slot(), read.id())) {
            group.arrived(read.slot(), messages, read.offset());
        } // else it was asked for before the queue was lost
        long next = read.offset() + messages.size();
        engine.onMessages(read.slot(), read.id(), messages, next, 0, broker.end(read.slot()), group.now, wallMillis());
    }

    void failRead(int index) {
        ModelBroker.Asked read = broker.reads.remove(index);
        broker.currentReads.remove(read.slot(), read.id());
        engine.onReadFailed(read.slot(), read.id());
    }

    void answerScan(int index, int most, boolean fails) {
        ModelBroker.Asked scan = broker.scans.remove(index);
        if (fails) {
            engine.onScanFailed(scan.slot(), scan.id());
            return;
        }
        List<BrokerMessage> messages = broker.messages(scan, most);
        scanned++;
        engine.onScanned(scan.slot(), scan.id(), messages, scan.offset() + messages.size(), 0, group.now);
    }

    void answerReread(int index, boolean fails) {
        ModelBroker.Asked asked = broker.rereads.remove(index);
        List<BrokerMessage> messages = fails ? List.of() : broker.messages(asked, 8);
        reread += fails ? 0 : 1;
        engine.onRereadMessages(asked.slot(), asked.offset(), messages, false, group.now);
    }

    void answerDeadLetter(int index) {
        ModelBroker.DeadLetter letter = broker.deadLetters.remove(index);
        String liteTopic = String.valueOf(letter.liteTopic());
        ModelGroup.Topic topic = group.topics.get(liteTopic);
        // Otherwise its queue was lost meanwhile, and the answer comes too late.
        if (topic != null && topic.deadLettering && topic.head() == letter.offset()) {
            topic.deadLettering = false;
            topic.attempts = 0;
            if (!topic.expiring) {
                topic.lastActivity = group.now;
            }
            topic.expiring = false;
            group.done(topic, 0);
            deadLettered++;
        }
        engine.onDeadLettered(letter.slot(), letter.offset(), letter.liteTopic(), group.now);
        if (topic != null && !topic.deadLettering) {
            topic.isExpiring = false;
            group.restartIfRequested(liteTopic, topic);
        }
    }

    // ---- the journal, and queues that come and go ----

    void takeChanges(int slot) {
        journal.take(engine, slot);
    }

    void continueSnapshot(int slot) {
        journal.continueSnapshot(engine, slot);
    }

    void drainQueue(int slot) {
        engine.drainQueue(slot);
        group.draining.set(slot);
    }

    void stopDelivering(boolean stopped) {
        engine.stopDelivering(stopped);
        group.isStopped = stopped;
    }

    /** The queue goes, and comes back as its journal and its committed offset have it. */
    void loseAndAcquireQueue(int slot) {
        if (random.nextBoolean()) {
            takeChanges(slot); // a graceful end
        }
        group.queueLost(slot);
        broker.currentReads.remove(slot);
        engine.loseQueue(slot, group.now);
        acquire(slot);
        recovered++;
        if (slot == ModelJournal.CARRIER) {
            journal.carry(engine);
        }
    }

    private void acquire(int slot) {
        QueueState state = journal.recover(slot);
        group.queueAcquired(slot, state.watermark(), ModelJournal.doneOf(state));
        journal.restoreLiteTopics(slot);
        engine.acquireQueue(slot, state, group.now, wallMillis());
    }

    /** The proxy is killed, or ends in order, and another one takes over from the journal. */
    void crash() {
        if (random.nextInt(3) == 0) {
            for (int slot = 0; slot < broker.queues.size(); slot++) {
                takeChanges(slot);
            }
        }
        crashed++;
        engine = newEngine();
        broker.forgetAsked();
        waitingPolls.clear();
        known.clear();
        Map<String, ModelGroup.Client> before = new HashMap<>(group.clients);
        group.forgetMemory();
        for (int slot = 0; slot < broker.queues.size(); slot++) {
            acquire(slot);
        }
        group.restoreClients(journal.subscriptions(), before);
        engine.restoreSubscriptions(journal.subscriptions(), group.now);
        if (journal.hasSubscriptions() && random.nextBoolean()) {
            journal.carryOn(engine);
        } else {
            journal.carry(engine);
        }
    }

    // ---- clients ----

    private ModelGroup.Client seen(String clientId) {
        group.seen(clientId);
        engine.clientSeen(
                clientId, group.isFiltered(clientId) ? group.filterOf(clientId) : LiteTopicFilter.ALL, group.now);
        assertThat(group.expectedLosses).as("who lost it was told").isEmpty();
        return group.client(clientId);
    }

    void connect(String clientId) {
        ModelGroup.Client client = group.client(clientId);
        if (client.disconnectedAt != Long.MAX_VALUE) {
            for (ModelGroup.Topic topic : group.heldBy(clientId)) {
                if (topic.whileClientLives && client.disconnectedAt - topic.grantedAt < ModelGroup.RECENT) {
                    group.release(topic, false);
                }
            }
            client.disconnectedAt = Long.MAX_VALUE;
        }
        client.lastSeen = group.now;
        engine.clientConnected(clientId, group.now);
    }

    void disconnect(String clientId) {
        ModelGroup.Client client = group.client(clientId);
        if (client.disconnectedAt == Long.MAX_VALUE) {
            client.disconnectedAt = group.now;
            client.grace = client.usesDeadlines ? ModelGroup.QUICK_GRACE : ModelGroup.GRACE;
        }
        engine.clientDisconnected(clientId, group.now);
    }

    void terminate(String clientId) {
        group.clients.remove(clientId);
        group.heldBy(clientId).forEach(topic -> group.release(topic, false));
        engine.clientTerminated(clientId, group.now);
    }

    /** The client's user gets or loses the right to receive from the lite topic. */
    void permit(String clientId, String liteTopic, boolean permitted) {
        if (group.isFiltered(clientId)) {
            group.permit(clientId, liteTopic, permitted);
            engine.recheckFilters(group.now);
            assertThat(group.expectedLosses).as("who lost it was told").isEmpty();
        }
    }

    // ---- subscriptions ----

    void subscribe(String clientId, String liteTopic, @Nullable StartPoint start) {
        ModelGroup.Client client = seen(clientId);
        if (group.variant.mode() == SubscriptionMode.WILDCARD) {
            assertThat(engine.subscribe(clientId, Set.of(liteTopic), start, group.now)
                            .outcome())
                    .isEqualTo(SubscribeResult.Outcome.NOTHING_TO_SUBSCRIBE);
            return;
        }
        if (!group.filterOf(clientId).accepts(liteTopic)) {
            return;
        }
        client.evicted.remove(liteTopic);
        boolean isNew = client.subscribed.add(liteTopic);
        if (group.variant.mode() == SubscriptionMode.EXCLUSIVE) {
            group.clients.forEach((otherId, other) -> {
                if (!otherId.equals(clientId) && other.subscribed.remove(liteTopic)) {
                    other.evicted.add(liteTopic);
                    expectLoss(otherId, liteTopic);
                }
            });
        }
        if (isNew && start != null) {
            boolean exists = group.topics.containsKey(liteTopic);
            ModelGroup.Topic topic = group.topicOrNew(liteTopic);
            topic.lastActivity = exists ? topic.lastActivity : group.now;
            topic.requestedStart = start;
            group.restartIfRequested(liteTopic, topic);
        }
        engine.subscribe(clientId, Set.of(liteTopic), start, group.now);
        assertThat(group.expectedLosses).as("who lost it was told").isEmpty();
    }

    private void expectLoss(String clientId, String liteTopic) {
        group.expectedLosses.add(clientId + " " + liteTopic + " " + UnsubscribeReason.TAKEN_OVER);
    }

    void unsubscribe(String clientId, String liteTopic) {
        ModelGroup.Client client = seen(clientId);
        client.subscribed.remove(liteTopic);
        client.evicted.remove(liteTopic);
        engine.unsubscribe(clientId, Set.of(liteTopic), group.now);
    }

    void subscribeExactly(String clientId, Set<String> names) {
        ModelGroup.Client client = seen(clientId);
        if (group.variant.mode() == SubscriptionMode.WILDCARD) {
            assertThat(engine.subscribeExactly(clientId, Set.of(), null, group.now)
                            .outcome())
                    .isEqualTo(SubscribeResult.Outcome.OK);
            return;
        }
        Set<String> wanted = new LinkedHashSet<>(names);
        wanted.removeIf(name -> !group.filterOf(clientId).accepts(name));
        client.evicted.retainAll(wanted);
        client.subscribed.retainAll(wanted);
        for (String name : wanted) {
            boolean isOthers = group.variant.mode() == SubscriptionMode.EXCLUSIVE
                    && !client.subscribed.contains(name)
                    && (client.evicted.contains(name)
                            || group.clients.values().stream().anyMatch(other -> other.subscribed.contains(name)));
            if (isOthers) {
                client.evicted.add(name);
                expectLoss(clientId, name);
            } else {
                client.subscribed.add(name);
            }
        }
        engine.subscribeExactly(clientId, wanted, null, group.now);
        assertThat(group.expectedLosses).as("who lost it was told").isEmpty();
    }

    // ---- polls and settlements ----

    void poll(String clientId, int max, int perTopic, long invisible, long wait) {
        seen(clientId).usesDeadlines = invisible != Poll.WHILE_CLIENT_LIVES;
        Poll poll = new Poll(clientId, max, perTopic, invisible, "poll");
        waitingPolls.add(poll);
        engine.poll(poll, group.now + wait, group.now);
    }

    void cancelPoll() {
        if (!waitingPolls.isEmpty()) {
            engine.cancelPoll(waitingPolls.iterator().next());
        }
    }

    /** The answer did not reach the client. */
    void returnDelivery(String clientId, ModelGroup.Held held) {
        String liteTopic = held.delivery().liteTopic();
        ModelGroup.Topic topic = group.topics.get(liteTopic);
        if (topic != null
                && topic.holder != null
                && Objects.equals(group.leases.get(liteTopic), held.delivery().leaseId())) {
            group.release(topic, false);
        }
        group.client(clientId).held.remove(held);
        engine.returnDeliveries(List.of(held.delivery()), group.now);
    }

    void ack(String clientId, ModelGroup.Held held) {
        ModelGroup.Client client = group.client(clientId);
        boolean valid = group.isValid(clientId, held);
        client.held.remove(held);
        if (valid) {
            client.lastSeen = group.now;
            ModelGroup.Topic topic = group.topic(held.delivery().liteTopic());
            int index = topic.pending.indexOf(held.delivery().message().queueOffset());
            if (index == 0) {
                topic.attempts = 0;
            }
            group.done(topic, index);
            if (--topic.inHand == 0) {
                group.release(topic, false);
            }
        }
        Settlement settlement = engine.ack(clientId, held.delivery().receiptHandle(), group.now);
        assertThat(settlement).isEqualTo(valid ? Settlement.OK : Settlement.NOT_HELD);
    }

    void suspend(String clientId, ModelGroup.Held held, long duration) {
        boolean valid = group.isValid(clientId, held);
        if (valid) {
            ModelGroup.Client client = group.client(clientId);
            client.lastSeen = group.now;
            String liteTopic = held.delivery().liteTopic();
            long offset = held.delivery().message().queueOffset();
            ModelGroup.Topic topic = group.topic(liteTopic);
            topic.resumeAt = group.now + duration;
            topic.inHand = topic.pending.indexOf(offset);
            client.held.removeIf(other -> other.delivery().liteTopic().equals(liteTopic)
                    && other.delivery().message().queueOffset() >= offset);
            if (topic.inHand == 0) {
                group.release(topic, false);
            }
        }
        Settlement settlement = engine.suspend(clientId, held.delivery().receiptHandle(), duration, group.now);
        if (valid) {
            assertThat(settlement).isEqualTo(Settlement.OK);
        }
    }

    void changeInvisible(String clientId, ModelGroup.Held held, long duration) {
        boolean valid = group.isValid(clientId, held);
        if (valid) {
            group.client(clientId).lastSeen = group.now;
            ModelGroup.Topic topic = group.topic(held.delivery().liteTopic());
            if (topic.whileClientLives
                    && topic.head() == held.delivery().message().queueOffset()) {
                topic.resumeAt = group.now + duration;
                group.failed(topic);
            } else {
                topic.whileClientLives = false;
                topic.leaseDeadline = group.now + duration;
            }
        }
        Settlement settlement =
                engine.changeInvisibleDuration(clientId, held.delivery().receiptHandle(), duration, group.now);
        if (valid) {
            assertThat(settlement).isEqualTo(Settlement.OK);
        }
    }

    // ---- time ----

    void advance(long nanos) {
        long target = group.now + nanos;
        long deadline;
        while ((deadline = engine.nextDeadlineNanos()) <= target) {
            group.now = Math.max(group.now, deadline);
            step();
        }
        group.now = target;
        step();
    }

    /** Fires timers and dispatches, then checks what must hold when nothing more happens. */
    void step() {
        group.fireTimers();
        engine.dispatch(group.now);
        group.checkNothingDeliverableIsLeft(waitingPolls);
        group.checkWatermarks();
        int slot = random.nextInt(broker.queues.size());
        if (engine.inHandOf(slot) != group.inHandOf(slot)) {
            fail("in hand of slot %d: %d, not %d", slot, engine.inHandOf(slot), group.inHandOf(slot));
        }
        // What is to be delivered once more is not known until it is found.
        if (engine.openGaps() == 0 && engine.pendingMessages() != group.pendingMessages()) {
            fail("waiting: %d, not %d: %s", engine.pendingMessages(), group.pendingMessages(), group);
        }
    }

    int leftovers() {
        return engine.leftovers();
    }

    // ---- effects ----

    @Override
    public void deliver(Poll poll, List<Delivery> deliveries) {
        assertThat(waitingPolls.remove(poll)).as("a poll is answered once").isTrue();
        assertThat(deliveries).isNotEmpty().hasSizeLessThanOrEqualTo(poll.maxMessages());
        assertThat(group.isStopped).isFalse();
        Map<String, ArrayDeque<Delivery>> byTopic = new LinkedHashMap<>();
        for (Delivery delivery : deliveries) {
            byTopic.computeIfAbsent(delivery.liteTopic(), name -> new ArrayDeque<>())
                    .add(delivery);
        }
        byTopic.forEach((liteTopic, ofTopic) -> deliver(poll, liteTopic, ofTopic));
    }

    private void deliver(Poll poll, String liteTopic, ArrayDeque<Delivery> deliveries) {
        ModelGroup.Client client = group.client(poll.clientId());
        ModelGroup.Topic topic = group.topic(liteTopic);
        assertThat(group.isWanted(poll.clientId(), liteTopic)).isTrue();
        topic.waitsForTail = false;
        assertThat(topic.holder).as("exclusive").isNull();
        assertThat(topic.deadLettering).isFalse();
        assertThat(topic.resumeAt).as("not before the resume time").isLessThanOrEqualTo(group.now);
        assertThat(group.draining.get(topic.slot)).as("its queue is drained").isFalse();
        assertThat(deliveries)
                .hasSizeLessThanOrEqualTo(
                        Math.min(poll.maxMessagesPerLiteTopic(), group.variant.maxInHandPerLiteTopic()));
        int index = 0;
        for (Delivery delivery : deliveries) {
            assertThat(delivery.message().queueOffset()).as("order").isEqualTo(topic.pending.get(index));
            assertThat(delivery.message().liteTopic()).isEqualTo(liteTopic);
            assertThat(delivery.attempt())
                    .as("attempt of %s", liteTopic)
                    .isEqualTo(index == 0 ? topic.attempts + 1 : 1);
            assertThat(group.rateAllows(topic, liteTopic)).as("rate limit").isTrue();
            topic.rateTime = Math.max(group.now, topic.rateTime) + ModelGroup.RATE_INTERVAL;
            client.held.add(new ModelGroup.Held(delivery, topic.slot));
            group.leases.put(liteTopic, delivery.leaseId());
            index++;
            delivered++;
        }
        topic.holder = poll.clientId();
        topic.inHand = deliveries.size();
        topic.grantedAt = group.now;
        topic.whileClientLives = poll.invisibleNanos() == Poll.WHILE_CLIENT_LIVES;
        topic.leaseDeadline = topic.whileClientLives ? Long.MAX_VALUE : group.now + poll.invisibleNanos();
    }

    @Override
    public void deliverNothing(Poll poll) {
        assertThat(waitingPolls.remove(poll)).as("a poll is answered once").isTrue();
    }

    @Override
    public void read(int slot, long queueOffset, long readId) {
        long next = group.readUpTo.get(slot);
        while (group.doneOffsets.get(slot).contains(next)) { // what is done is not read again
            next++;
        }
        assertThat(queueOffset).isEqualTo(next);
        group.readUpTo.set(slot, next);
        assertThat(broker.currentReads).as("one read at a time").doesNotContainKey(slot);
        broker.currentReads.put(slot, readId);
        broker.reads.add(new ModelBroker.Asked(slot, queueOffset, readId));
    }

    @Override
    public void reread(int slot, long queueOffset) {
        broker.rereads.add(new ModelBroker.Asked(slot, queueOffset, 0));
    }

    @Override
    public void scan(int slot, long queueOffset, long scanId) {
        broker.scans.add(new ModelBroker.Asked(slot, queueOffset, scanId));
    }

    @Override
    public void watermarkAdvanced(int slot, long queueOffset) {
        assertThat(queueOffset).isGreaterThan(group.watermarks.getOrDefault(slot, 0L));
        group.watermarks.put(slot, queueOffset);
    }

    @Override
    public void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason) {
        assertThat(liteTopic)
                .isEqualTo(broker.queues.get(slot).get((int) queueOffset).liteTopic());
        ModelGroup.Topic topic = group.topic(Objects.requireNonNull(liteTopic));
        if (reason == DeadLetterReason.EXPIRED) {
            assertThat(group.variant.onExpiry()).isEqualTo(ExpiryPolicy.DEAD_LETTER);
            if (!topic.isExpiring) {
                group.checkExpiry(topic);
                topic.isExpiring = true; // all that waits now goes, whatever comes meanwhile
            }
            topic.attempts = 0;
            topic.deadLettering = true;
            topic.expiring = true;
            expired++;
        }
        if (reason == DeadLetterReason.ATTEMPTS_EXHAUSTED && topic.attempts >= ModelGroup.MAX_ATTEMPTS) {
            topic.deadLettering = true; // already, unless its attempts were used up before a crash
        }
        if (reason == DeadLetterReason.CLIENT_REQUEST) {
            topic.deadLettering = true;
        }
        assertThat(topic.deadLettering).isTrue();
        broker.deadLetters.add(new ModelBroker.DeadLetter(slot, queueOffset, liteTopic));
    }

    @Override
    public String liteTopicCreated(String liteTopic) {
        assertThat(known.add(liteTopic)).isTrue();
        return liteTopic;
    }

    @Override
    public void liteTopicRemoved(String liteTopic) {
        assertThat(known.remove(liteTopic)).isTrue();
        ModelGroup.Topic topic = group.topics.get(liteTopic);
        assertThat(topic == null || topic.pending.isEmpty()).isTrue();
        assertThat(group.clients.values()).noneMatch(client -> client.subscribed.contains(liteTopic));
        group.topics.remove(liteTopic);
    }

    @Override
    public void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason) {
        if (reason == UnsubscribeReason.EXPIRED) {
            assertThat(group.client(clientId).subscribed.remove(liteTopic)).isTrue();
            unsubscribed++;
        } else {
            assertThat(group.expectedLosses.remove(clientId + " " + liteTopic + " " + reason))
                    .as("%s loses %s: %s", clientId, liteTopic, reason)
                    .isTrue();
            takenOver++;
        }
    }

    @Override
    public void messagesSkipped(String liteTopic, int messages) {
        ModelGroup.Topic topic = group.topic(liteTopic);
        skipped += messages;
        // Others are those before a start point, which the model has settled when it was asked for.
        for (int i = 0; topic.waitsForTail && i < messages; i++) {
            topic.attempts = 0;
            group.done(topic, 0);
        }
    }

    @Override
    public void messagesExpired(String liteTopic, int messages) {
        ModelGroup.Topic topic = group.topic(liteTopic);
        assertThat(group.variant.onExpiry()).isEqualTo(ExpiryPolicy.DELETE);
        group.checkExpiry(topic);
        if (engine.openGaps() == 0) {
            assertThat(topic.pending).hasSize(messages);
        }
        expired += messages;
        topic.attempts = 0;
        for (int i = 0; i < messages; i++) {
            group.done(topic, 0);
        }
    }

    @Override
    public void indexCut(String liteTopic, long messages) {
        cut++;
    }

    @Override
    public void indexFull(boolean full, long pendingMessages) {
        assertThat(group.variant.indexBudget()).as("room for the index").isLessThan(10_000);
    }

    @Override
    public boolean isResponsibleFor(String liteTopic) {
        return true;
    }

    @Override
    public void messagesLost(
            int slot, long fromOffset, long toOffsetExclusive, long messages, @Nullable String liteTopic) {
        throw new AssertionError("nothing is deleted here: " + Arrays.asList(slot, fromOffset, toOffsetExclusive));
    }
}
