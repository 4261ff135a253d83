package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a group, in plain lists: which messages wait, who holds what, who wants what, what is done. Knows nothing of
 * the engine.
 */
final class ModelGroup {
    static final int MAX_ATTEMPTS = 3;
    static final long GRACE = 500;
    static final long QUICK_GRACE = 200;
    static final long LIVENESS = 20_000;
    static final long RECENT = 100;
    static final long RATE_INTERVAL = 1_000;
    static final int RATE_BURST = 3;
    /** No suspend or rate limit lasts longer: a journal has resume times in whole milliseconds, rounded up. */
    static final long MOST_REST = 2_000_000;

    /** What differs between runs. */
    record Variant(
            SubscriptionMode mode,
            long ttl,
            ExpiryPolicy onExpiry,
            long bodyBudget,
            long indexBudget,
            int maxInHandPerLiteTopic,
            boolean limitsRates) {}

    /** One delivery in a client's hand. */
    record Held(Delivery delivery, int slot) {}

    /** What must hold of one lite topic. */
    static final class Topic {
        /** Read and not done, in order. */
        final List<Long> pending = new ArrayList<>();

        final int slot;
        int attempts;
        /** Of a journal, for the message {@link #recordedHead}, which is still to be read. */
        int recordedAttempts;

        long recordedHead;

        @Nullable
        String holder;

        long leaseDeadline;
        long grantedAt;
        boolean whileClientLives;
        int inHand;
        long resumeAt = Long.MIN_VALUE;
        long lastActivity;
        boolean deadLettering;
        boolean expiring;
        boolean isExpiring;
        long rateTime = Long.MIN_VALUE;

        @Nullable
        StartPoint requestedStart;

        long skipBelow;
        boolean waitsForTail;

        Topic(int slot) {
            this.slot = slot;
        }

        long head() {
            return pending.isEmpty() ? -1 : pending.get(0);
        }
    }

    /** What a client wants and holds. */
    static final class Client {
        final Set<String> subscribed = new HashSet<>();
        final Set<String> evicted = new HashSet<>();
        final List<Held> held = new ArrayList<>();
        long lastSeen;
        /** Its filter counts; of one that only a journal knows it is not known. */
        boolean hasFilter;

        long disconnectedAt = Long.MAX_VALUE;
        boolean usesDeadlines;
        long grace;
    }

    final Variant variant;
    final ModelBroker broker;
    long now = 1_000_000;
    final Map<String, Topic> topics = new LinkedHashMap<>();
    final Map<String, Client> clients = new LinkedHashMap<>();
    /** By lite topic. */
    final Map<String, Long> leases = new HashMap<>();

    final List<Set<Long>> doneOffsets = new ArrayList<>();
    final List<Long> readUpTo = new ArrayList<>();
    /** As they were told. */
    final Map<Integer, Long> watermarks = new HashMap<>();
    /** Everything before is done: where the check of the watermark goes on. */
    private final Map<Integer, Long> doneBelow = new HashMap<>();

    private final Map<String, Set<String>> denied = new HashMap<>();
    private final Map<String, LiteTopicFilter> filters = new HashMap<>();
    /** Subscriptions that clients are about to lose. */
    final List<String> expectedLosses = new ArrayList<>();

    final BitSet draining = new BitSet();
    boolean isStopped;
    int restarts;
    int replayed;

    ModelGroup(Variant variant, ModelBroker broker) {
        this.variant = variant;
        this.broker = broker;
        for (int slot = 0; slot < broker.queues.size(); slot++) {
            doneOffsets.add(new HashSet<>());
            readUpTo.add(0L);
        }
    }

    Topic topic(String liteTopic) {
        return Objects.requireNonNull(topics.get(liteTopic), liteTopic);
    }

    Client client(String clientId) {
        return Objects.requireNonNull(clients.get(clientId), clientId);
    }

    Topic topicOrNew(String liteTopic) {
        return topics.computeIfAbsent(liteTopic, name -> new Topic(broker.slotOf(name)));
    }

    private String nameOf(Topic topic) {
        return topics.entrySet().stream()
                .filter(entry -> entry.getValue() == topic)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    // ---- rules ----

    /** Lite topics have weights by name; every second one a rate limit, if the variant has any. */
    LiteTopicRule ruleOf(String liteTopic) {
        LiteTopicRule rule = LiteTopicRule.DEFAULT.withWeight(1 + numberOf(liteTopic));
        return isLimited(liteTopic) ? rule.withRateLimit(1_000_000_000.0 / RATE_INTERVAL, RATE_BURST) : rule;
    }

    private static int numberOf(String liteTopic) {
        return liteTopic.charAt(1) - '0';
    }

    private boolean isLimited(String liteTopic) {
        return variant.limitsRates && numberOf(liteTopic) % 2 == 1;
    }

    boolean rateAllows(Topic topic, String liteTopic) {
        return !isLimited(liteTopic)
                || topic.rateTime == Long.MIN_VALUE
                || topic.rateTime - RATE_INTERVAL * (RATE_BURST - 1) <= now;
    }

    boolean isFiltered(String clientId) {
        return !clientId.equals("c0");
    }

    LiteTopicFilter filterOf(String clientId) {
        return filters.computeIfAbsent(
                clientId, id -> liteTopic -> !denied.getOrDefault(id, Set.of()).contains(liteTopic));
    }

    void permit(String clientId, String liteTopic, boolean permitted) {
        Set<String> names = denied.computeIfAbsent(clientId, id -> new HashSet<>());
        if (permitted) {
            names.remove(liteTopic);
        } else {
            names.add(liteTopic);
        }
        Client client = clients.get(clientId);
        if (client != null && client.hasFilter) {
            loseWhatIsDenied(clientId, client);
        }
    }

    private void loseWhatIsDenied(String clientId, Client client) {
        client.subscribed.removeIf(liteTopic -> {
            boolean isDenied = !filterOf(clientId).accepts(liteTopic);
            if (isDenied) {
                expectedLosses.add(clientId + " " + liteTopic + " " + UnsubscribeReason.NOT_PERMITTED);
            }
            return isDenied;
        });
    }

    boolean isWanted(String clientId, String liteTopic) {
        return variant.mode == SubscriptionMode.WILDCARD
                ? !isFiltered(clientId) || filterOf(clientId).accepts(liteTopic)
                : client(clientId).subscribed.contains(liteTopic);
    }

    // ---- clients ----

    void seen(String clientId) {
        Client client = clients.computeIfAbsent(clientId, id -> new Client());
        client.lastSeen = now;
        if (isFiltered(clientId) && !client.hasFilter) {
            client.hasFilter = true;
            loseWhatIsDenied(clientId, client);
        }
    }

    boolean isValid(String clientId, Held held) {
        String liteTopic = held.delivery.liteTopic();
        Topic topic = topics.get(liteTopic);
        if (topic == null) {
            return false;
        }
        int index = topic.pending.indexOf(held.delivery.message().queueOffset());
        return clientId.equals(topic.holder)
                && clients.containsKey(clientId)
                && Objects.equals(leases.get(liteTopic), held.delivery.leaseId())
                && index >= 0
                && index < topic.inHand;
    }

    List<Topic> heldBy(String clientId) {
        return topics.values().stream()
                .filter(topic -> clientId.equals(topic.holder))
                .toList();
    }

    // ---- messages ----

    /** The engine is given what was read. */
    void arrived(int slot, List<BrokerMessage> messages, long from) {
        for (BrokerMessage message : messages) {
            long offset = message.queueOffset();
            if (doneOffsets.get(slot).contains(offset)) {
                continue;
            }
            Topic topic = topicOrNew(Objects.requireNonNull(message.liteTopic()));
            if (offset < topic.skipBelow) {
                doneOffsets.get(slot).add(offset);
            } else {
                wait(topic, offset);
            }
            long age = Math.max(0, now / 1_000_000 - message.storeTimestampMillis()) * 1_000_000;
            topic.lastActivity = Math.max(topic.lastActivity, now - age);
        }
        readUpTo.set(slot, from + messages.size());
    }

    private static void wait(Topic topic, long offset) {
        if (topic.recordedAttempts > 0 && topic.pending.isEmpty()) {
            topic.attempts = topic.recordedHead == offset ? topic.recordedAttempts : 0;
            topic.recordedAttempts = 0;
        }
        topic.pending.add(offset);
    }

    void done(Topic topic, int index) {
        long offset = topic.pending.remove(index);
        if (!doneOffsets.get(topic.slot).add(offset)) {
            replayed++;
        }
    }

    void failed(Topic topic) {
        release(topic, true);
        if (topic.attempts >= MAX_ATTEMPTS) {
            topic.deadLettering = true;
        }
    }

    /** What is in hand goes back. */
    void release(Topic topic, boolean failed) {
        topic.holder = null;
        topic.inHand = 0;
        topic.lastActivity = now;
        topic.attempts += failed ? 1 : 0;
        if (!failed || topic.attempts < MAX_ATTEMPTS) {
            restartIfRequested(nameOf(topic), topic);
        }
    }

    /** The naive meaning of a start point: what is wanted is what the queue holds from there on, done or not. */
    void restartIfRequested(String liteTopic, Topic topic) {
        StartPoint start = topic.requestedStart;
        if (start == null || topic.holder != null || topic.deadLettering) {
            return;
        }
        topic.requestedStart = null;
        topic.attempts = 0;
        topic.recordedAttempts = 0;
        restarts++;
        long from = start.offset(topic.slot);
        for (long offset : topic.pending) {
            if (offset < from) {
                doneOffsets.get(topic.slot).add(offset);
            }
        }
        topic.pending.clear();
        topic.skipBelow = from > readUpTo.get(topic.slot) ? from : 0;
        for (BrokerMessage message : broker.queues.get(topic.slot)) {
            if (liteTopic.equals(message.liteTopic())
                    && message.queueOffset() >= from
                    && message.queueOffset() < readUpTo.get(topic.slot)) {
                topic.pending.add(message.queueOffset());
            }
        }
        topic.waitsForTail = start.isTail();
    }

    // ---- queues come and go ----

    /** What was read of the queue is void. */
    void queueLost(int slot) {
        for (Topic topic : topics.values()) {
            if (topic.slot != slot) {
                continue;
            }
            topic.pending.clear();
            topic.attempts = 0;
            topic.recordedAttempts = 0;
            topic.deadLettering = false;
            topic.expiring = false;
            topic.isExpiring = false;
            topic.skipBelow = topic.skipBelow > readUpTo.get(slot) ? topic.skipBelow : 0;
            StartPoint start = topic.requestedStart;
            topic.requestedStart = null;
            if (start != null) { // it is made when the queue is away: there is nothing to skip or to repeat
                topic.waitsForTail = start.isTail();
                topic.skipBelow = 0;
            }
            if (topic.holder != null) {
                release(topic, false);
            }
            topic.resumeAt = Long.MIN_VALUE;
            topic.lastActivity = Long.MIN_VALUE / 2;
        }
        draining.clear(slot);
    }

    /** The queue comes back, with this done. */
    void queueAcquired(int slot, long watermark, Set<Long> done) {
        doneOffsets.set(slot, done);
        doneBelow.put(slot, watermark);
        watermarks.put(slot, watermark);
        readUpTo.set(slot, watermark);
    }

    /** Whoever dispatched is no more; who comes next knows what is in the journal. */
    void forgetMemory() {
        topics.clear();
        clients.clear();
        leases.clear();
        draining.clear();
        isStopped = false;
    }

    /** The clients that a journal knows come back; what they hold they have still. */
    void restoreClients(Map<String, Set<String>> subscriptions, Map<String, Client> before) {
        subscriptions.forEach((clientId, names) -> {
            Client client = new Client();
            client.subscribed.addAll(names);
            client.lastSeen = now;
            Client known = before.get(clientId);
            if (known != null) {
                client.held.addAll(known.held);
            }
            clients.put(clientId, client);
        });
    }

    // ---- time ----

    void fireTimers() {
        for (Topic topic : topics.values()) {
            if (topic.holder != null && topic.leaseDeadline <= now) {
                failed(topic);
            }
        }
        Iterator<Map.Entry<String, Client>> all = clients.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Client> entry = all.next();
            Client client = entry.getValue();
            boolean silent = now - client.lastSeen >= LIVENESS;
            boolean graceIsOver =
                    client.disconnectedAt != Long.MAX_VALUE && now - client.disconnectedAt >= client.grace;
            if (silent || graceIsOver) {
                heldBy(entry.getKey()).forEach(this::failed);
                client.disconnectedAt = Long.MAX_VALUE;
            }
            if (silent) {
                all.remove();
            }
        }
    }

    // ---- checks ----

    /** Every message is settled. */
    boolean isAllDone() {
        for (int slot = 0; slot < broker.queues.size(); slot++) {
            if (doneOffsets.get(slot).size() < broker.end(slot)) {
                return false;
            }
        }
        return broker.deadLetters.isEmpty() && topics.values().stream().allMatch(topic -> topic.pending.isEmpty());
    }

    int inHandOf(int slot) {
        int inHand = 0;
        for (Topic topic : topics.values()) {
            inHand += topic.slot == slot ? topic.inHand : 0;
        }
        return inHand;
    }

    void checkNothingDeliverableIsLeft(Set<Poll> waiting) {
        if (isStopped || !broker.rereads.isEmpty() || !broker.scans.isEmpty()) {
            return; // bodies or positions are on their way
        }
        for (Poll poll : waiting) {
            if (!clients.containsKey(poll.clientId())) {
                fail("a poll of a client that is gone still waits: %s", poll.clientId());
            }
            topics.forEach((liteTopic, topic) -> {
                boolean isDue = isWanted(poll.clientId(), liteTopic)
                        && !topic.pending.isEmpty()
                        && topic.holder == null
                        && topic.resumeAt <= now
                        && !topic.waitsForTail
                        && !topic.deadLettering
                        && !draining.get(topic.slot)
                        && rateAllows(topic, liteTopic);
                if (isDue) {
                    fail("%s of %s is deliverable while its client waits: %s", liteTopic, poll.clientId(), this);
                }
            });
        }
    }

    void checkWatermarks() {
        for (int slot = 0; slot < broker.queues.size(); slot++) {
            long expected = doneBelow.getOrDefault(slot, 0L);
            while (doneOffsets.get(slot).contains(expected)) {
                expected++;
            }
            doneBelow.put(slot, expected);
            long watermark = watermarks.getOrDefault(slot, 0L);
            // After a start point, what is not wanted any more has to be found first, and may be wanted again
            // meanwhile.
            boolean mayLag = restarts > 0 && !isAllDone();
            if (watermark > expected || (watermark < expected && !mayLag)) {
                fail(
                        "watermark of slot %d is %d, not %d, at %s: %s",
                        slot,
                        watermark,
                        expected,
                        broker.queues.get(slot).get((int) Math.min(watermark, expected)),
                        this);
            }
        }
    }

    void checkExpiry(Topic topic) {
        assertThat(topic.holder).as("not while leased").isNull();
        assertThat(topic.resumeAt).as("not while suspended").isLessThanOrEqualTo(now);
        assertThat(now - Math.max(topic.lastActivity, topic.resumeAt)).isGreaterThanOrEqualTo(variant.ttl);
    }

    long pendingMessages() {
        long pending = 0;
        for (Topic topic : topics.values()) {
            pending += topic.pending.size();
        }
        return pending;
    }

    /** What is not settled. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(variant.toString());
        topics.forEach((name, topic) -> {
            if (!topic.pending.isEmpty()) {
                text.append(String.format(
                        "%n%s slot=%d pending=%d from %d holder=%s resumeAt=%d deadLettering=%s tail=%s",
                        name,
                        topic.slot,
                        topic.pending.size(),
                        topic.head(),
                        topic.holder,
                        topic.resumeAt,
                        topic.deadLettering,
                        topic.waitsForTail));
            }
        });
        for (int slot = 0; slot < broker.queues.size(); slot++) {
            text.append(String.format(
                    "%nslot %d messages=%d done=%d readUpTo=%d",
                    slot, broker.end(slot), doneOffsets.get(slot).size(), readUpTo.get(slot)));
        }
        return text.append(String.format("%nnow=%d", now)).toString();
    }
}
