package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A naive model of one group beside a real {@link GroupEngine}: it remembers, per lite topic and in plain lists, what must be
 * true, and checks every effect and, after each step, that nothing deliverable was left lying.
 *
 * <p>The broker is a list of messages per queue; reads and re-reads are answered at random times.
 */
final class EngineModel implements EngineEffects {
    static final int MAX_ATTEMPTS = 3;
    static final long GRACE = 500;
    static final long QUICK_GRACE = 200;
    static final long LIVENESS = 20_000;
    static final long RECENT = 100;

    /** What differs between runs. */
    record Variant(
            SubscriptionMode mode,
            long ttl,
            ExpiryPolicy onExpiry,
            long bodyBudget,
            long indexBudget,
            int maxInHandPerLiteTopic,
            boolean limitsRates) {}

    static final long RATE_INTERVAL = 1_000;
    static final int RATE_BURST = 3;

    final GroupEngine engine;
    final SplittableRandom random;
    final Variant variant;
    private final long ttl;
    long now = 1_000_000;

    final List<List<BrokerMessage>> queues = new ArrayList<>();
    private final List<Set<Long>> doneOffsets = new ArrayList<>();
    private final List<Long> readUpTo = new ArrayList<>();
    private final Map<Integer, Long> watermarks = new HashMap<>();
    /** Everything before is done: where the check of the watermark goes on. */
    private final Map<Integer, Long> doneBelow = new HashMap<>();

    private final List<Read> reads = new ArrayList<>();
    private final List<Read> rereads = new ArrayList<>();
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    final Map<String, Topic> topics = new LinkedHashMap<>();
    final Map<String, Client> clients = new LinkedHashMap<>();
    private final Map<Integer, Long> currentReads = new HashMap<>();
    final Set<Poll> waitingPolls = new LinkedHashSet<>();
    private final Set<String> known = new HashSet<>();
    int delivered;
    int deadLettered;
    int expired;
    int reread;
    int unsubscribed;
    int takenOver;
    int scanned;
    int cut;
    int skipped;
    int replayed;
    int restarts;
    private final List<Read> scans = new ArrayList<>();
    private final Map<String, Set<String>> denied = new HashMap<>();
    private final Map<String, LiteTopicFilter> filters = new HashMap<>();
    private final List<String> expectedLosses = new ArrayList<>();

    record Read(int slot, long offset, long id) {}

    record DeadLetter(int slot, long offset, @Nullable String liteTopic) {}

    /** One delivery in a client's hand. */
    record Held(Delivery delivery, int slot) {}

    /** What must hold of one lite topic. */
    static final class Topic {
        /** Read and not done, in order. */
        final List<Long> pending = new ArrayList<>();

        final int slot;
        int attempts;

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
    }

    /** What a client wants and holds. */
    static final class Client {
        final Set<String> subscribed = new HashSet<>();
        final Set<String> evicted = new HashSet<>();
        final List<Held> held = new ArrayList<>();
        long lastSeen;
        long disconnectedAt = Long.MAX_VALUE;
        boolean usesDeadlines;
        long grace;
    }

    EngineModel(long seed, int queueCount, Variant variant) {
        this.random = new SplittableRandom(seed);
        this.variant = variant;
        this.ttl = variant.ttl;
        this.engine = new GroupEngine(
                EngineSettings.builder()
                        .ttlNanos(ttl)
                        .maxAttempts(MAX_ATTEMPTS)
                        .mode(variant.mode)
                        .onExpiry(variant.onExpiry)
                        .bodyCacheBytes(variant.bodyBudget)
                        .indexBytes(variant.indexBudget)
                        .lowIndexMessages(8)
                        .maxInHandPerLiteTopic(variant.maxInHandPerLiteTopic)
                        .rules(this::ruleOf)
                        .recentSubscriptionMillis(0)
                        .disconnectGraceNanos(GRACE)
                        .quickGraceNanos(QUICK_GRACE)
                        .livenessTimeoutNanos(LIVENESS)
                        .recentDeliveryNanos(RECENT)
                        .subscriptionsPerClient(1_000)
                        .handleSeed(seed)
                        .build(),
                this);
        for (int slot = 0; slot < queueCount; slot++) {
            queues.add(new ArrayList<>());
            doneOffsets.add(new HashSet<>());
            readUpTo.add(0L);
            engine.acquireQueue(slot, 0);
        }
    }

    /** Lite topics have weights by name; every second one a rate limit, if the variant has any. */
    private LiteTopicRule ruleOf(String liteTopic) {
        int number = liteTopic.charAt(1) - '0';
        LiteTopicRule rule = LiteTopicRule.DEFAULT.withWeight(1 + number);
        return isLimited(liteTopic) ? rule.withRateLimit(1_000_000_000.0 / RATE_INTERVAL, RATE_BURST) : rule;
    }

    private boolean isLimited(String liteTopic) {
        return variant.limitsRates && (liteTopic.charAt(1) - '0') % 2 == 1;
    }

    // ---- what the outside does ----

    void send(String liteTopic) {
        int slot = Math.floorMod(liteTopic.hashCode(), queues.size());
        List<BrokerMessage> queue = queues.get(slot);
        queue.add(new BrokerMessage(queue.size(), liteTopic, now / 1_000_000, 10, liteTopic + "#" + queue.size()));
    }

    void answerRead(int index, int count) {
        Read read = reads.remove(index);
        List<BrokerMessage> queue = queues.get(read.slot);
        int from = (int) read.offset;
        List<BrokerMessage> messages = List.copyOf(queue.subList(from, Math.min(queue.size(), from + count)));
        if (currentReads.remove(read.slot, read.id)) {
            for (BrokerMessage message : messages) {
                Topic topic = topics.computeIfAbsent(name(message), n -> new Topic(read.slot));
                if (message.queueOffset() < topic.skipBelow) {
                    doneOffsets.get(read.slot).add(message.queueOffset());
                } else {
                    topic.pending.add(message.queueOffset());
                }
                topic.lastActivity = Math.max(
                        topic.lastActivity,
                        now - Math.max(0, now / 1_000_000 - message.storeTimestampMillis()) * 1_000_000);
            }
            readUpTo.set(read.slot, read.offset + messages.size());
        } // else it was asked for before the queue was lost
        engine.onMessages(
                read.slot, read.id, messages, read.offset + messages.size(), 0, queue.size(), now, now / 1_000_000);
    }

    void answerScan(int index, int count, boolean fail) {
        Read read = scans.remove(index);
        if (fail) {
            engine.onScanFailed(read.slot, read.id);
            return;
        }
        List<BrokerMessage> queue = queues.get(read.slot);
        int from = (int) read.offset;
        List<BrokerMessage> messages = List.copyOf(queue.subList(from, Math.min(queue.size(), from + count)));
        scanned++;
        engine.onScanned(read.slot, read.id, messages, read.offset + messages.size(), 0, now);
    }

    void failRead(int index) {
        Read read = reads.remove(index);
        currentReads.remove(read.slot, read.id);
        engine.onReadFailed(read.slot, read.id);
    }

    void answerReread(int index, boolean fail) {
        Read read = rereads.remove(index);
        List<BrokerMessage> queue = queues.get(read.slot);
        int from = (int) read.offset;
        List<BrokerMessage> messages =
                fail ? List.of() : List.copyOf(queue.subList(from, Math.min(queue.size(), from + 8)));
        reread += fail ? 0 : 1;
        engine.onRereadMessages(read.slot, read.offset, messages, false, now);
    }

    void answerDeadLetter(int index) {
        DeadLetter letter = deadLetters.remove(index);
        Topic topic = topics.get(String.valueOf(letter.liteTopic));
        // Otherwise its queue was lost meanwhile, and the answer comes too late.
        if (topic != null && topic.deadLettering && topic.pending.get(0) == letter.offset) {
            topic.deadLettering = false;
            topic.attempts = 0;
            if (!topic.expiring) {
                topic.lastActivity = now;
            }
            topic.expiring = false;
            done(topic, 0);
            deadLettered++;
        }
        engine.onDeadLettered(letter.slot, letter.offset, letter.liteTopic, now);
        if (topic != null && !topic.deadLettering) {
            topic.isExpiring = false;
            restartIfRequested(String.valueOf(letter.liteTopic), topic);
        }
    }

    /** The queue goes, and comes back at its watermark. */
    void loseAndAcquireQueue(int slot) {
        for (Topic topic : topics.values()) {
            if (topic.slot == slot) {
                topic.pending.clear();
                topic.attempts = 0;
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
            }
        }
        currentReads.remove(slot);
        engine.loseQueue(slot, now);
        long watermark = watermarks.getOrDefault(slot, 0L);
        doneOffsets.get(slot).removeIf(offset -> offset >= watermark);
        doneBelow.merge(slot, watermark, Math::min);
        readUpTo.set(slot, watermark);
        engine.acquireQueue(slot, watermark);
    }

    void connect(String clientId) {
        Client client = client(clientId);
        if (client.disconnectedAt != Long.MAX_VALUE) {
            for (Topic topic : topics.values()) {
                if (clientId.equals(topic.holder)
                        && topic.whileClientLives
                        && client.disconnectedAt - topic.grantedAt < RECENT) {
                    release(topic, false);
                }
            }
            client.disconnectedAt = Long.MAX_VALUE;
        }
        client.lastSeen = now;
        engine.clientConnected(clientId, now);
    }

    void returnDelivery(String clientId, Held held) {
        Topic topic = topics.get(held.delivery.liteTopic());
        if (topic != null
                && topic.holder != null
                && Objects.equals(leases.get(held.delivery.liteTopic()), held.delivery.leaseId())) {
            release(topic, false);
        }
        client(clientId).held.remove(held);
        engine.returnDeliveries(List.of(held.delivery), now);
    }

    void cancelPoll() {
        if (!waitingPolls.isEmpty()) {
            engine.cancelPoll(waitingPolls.iterator().next());
        }
    }

    LiteTopicFilter filterOf(String clientId) {
        return filters.computeIfAbsent(
                clientId, id -> liteTopic -> !denied.getOrDefault(id, Set.of()).contains(liteTopic));
    }

    private void seen(String clientId, boolean filtered) {
        seen(clientId);
        engine.clientSeen(clientId, filtered ? filterOf(clientId) : LiteTopicFilter.ALL, now);
    }

    private boolean isFiltered(String clientId) {
        return !clientId.equals("c0");
    }

    /** The client's user gets or loses the right to receive from the lite topic. */
    void permit(String clientId, String liteTopic, boolean permitted) {
        if (!isFiltered(clientId)) {
            return;
        }
        Set<String> names = denied.computeIfAbsent(clientId, id -> new HashSet<>());
        if (permitted) {
            names.remove(liteTopic);
        } else {
            names.add(liteTopic);
        }
        Client client = clients.get(clientId);
        if (client != null && !permitted && client.subscribed.remove(liteTopic)) {
            expectedLosses.add(clientId + " " + liteTopic + " " + UnsubscribeReason.NOT_PERMITTED);
        }
        engine.recheckFilters(now);
        assertThat(expectedLosses).isEmpty();
    }

    void subscribe(String clientId, String liteTopic, @Nullable StartPoint start) {
        seen(clientId, isFiltered(clientId));
        if (variant.mode == SubscriptionMode.WILDCARD) {
            assertThat(engine.subscribe(clientId, Set.of(liteTopic), start, now).outcome())
                    .isEqualTo(SubscribeResult.Outcome.NOTHING_TO_SUBSCRIBE);
            return;
        }
        if (!filterOf(clientId).accepts(liteTopic)) {
            return;
        }
        Client client = client(clientId);
        client.evicted.remove(liteTopic);
        boolean isNew = client.subscribed.add(liteTopic);
        if (variant.mode == SubscriptionMode.EXCLUSIVE) {
            clients.forEach((otherId, other) -> {
                if (!otherId.equals(clientId) && other.subscribed.remove(liteTopic)) {
                    other.evicted.add(liteTopic);
                    expectedLosses.add(otherId + " " + liteTopic + " " + UnsubscribeReason.TAKEN_OVER);
                }
            });
        }
        Topic topic = topics.get(liteTopic);
        if (isNew && start != null) {
            if (topic == null) {
                topic = new Topic(Math.floorMod(liteTopic.hashCode(), queues.size()));
                topic.lastActivity = now;
                topics.put(liteTopic, topic);
            }
            topic.requestedStart = start;
            restartIfRequested(liteTopic, topic);
        }
        engine.subscribe(clientId, Set.of(liteTopic), start, now);
        assertThat(expectedLosses).as("who lost it was told").isEmpty();
    }

    /** The naive meaning of a start point: what is wanted is what the queue holds from there on, done or not. */
    private void restartIfRequested(String liteTopic, Topic topic) {
        StartPoint start = topic.requestedStart;
        if (start == null || topic.holder != null || topic.deadLettering) {
            return;
        }
        topic.requestedStart = null;
        topic.attempts = 0;
        restarts++;
        long from = start.offset(topic.slot);
        for (long offset : topic.pending) {
            if (offset < from) {
                doneOffsets.get(topic.slot).add(offset);
            }
        }
        topic.pending.clear();
        topic.skipBelow = from > readUpTo.get(topic.slot) ? from : 0;
        for (BrokerMessage message : queues.get(topic.slot)) {
            if (name(message).equals(liteTopic)
                    && message.queueOffset() >= from
                    && message.queueOffset() < readUpTo.get(topic.slot)) {
                topic.pending.add(message.queueOffset());
            }
        }
        topic.waitsForTail = start.isTail();
    }

    void unsubscribe(String clientId, String liteTopic) {
        seen(clientId, isFiltered(clientId));
        client(clientId).subscribed.remove(liteTopic);
        client(clientId).evicted.remove(liteTopic);
        engine.unsubscribe(clientId, Set.of(liteTopic), now);
    }

    void subscribeExactly(String clientId, Set<String> names) {
        seen(clientId, isFiltered(clientId));
        if (variant.mode == SubscriptionMode.WILDCARD) {
            assertThat(engine.subscribeExactly(clientId, Set.of(), null, now).outcome())
                    .isEqualTo(SubscribeResult.Outcome.OK);
            return;
        }
        Set<String> wanted = new LinkedHashSet<>(names);
        wanted.removeIf(name -> !filterOf(clientId).accepts(name));
        Client client = client(clientId);
        client.evicted.retainAll(wanted);
        client.subscribed.retainAll(wanted);
        for (String name : wanted) {
            boolean isOthers = variant.mode == SubscriptionMode.EXCLUSIVE
                    && !client.subscribed.contains(name)
                    && (client.evicted.contains(name)
                            || clients.values().stream().anyMatch(c -> c.subscribed.contains(name)));
            if (isOthers) {
                client.evicted.add(name);
                expectedLosses.add(clientId + " " + name + " " + UnsubscribeReason.TAKEN_OVER);
            } else {
                client.subscribed.add(name);
            }
        }
        engine.subscribeExactly(clientId, wanted, null, now);
        assertThat(expectedLosses).as("who lost it was told").isEmpty();
    }

    void poll(String clientId, int max, int perTopic, long invisible, long wait) {
        seen(clientId, isFiltered(clientId));
        client(clientId).usesDeadlines = invisible != Poll.WHILE_CLIENT_LIVES;
        Poll poll = new Poll(clientId, max, perTopic, invisible, "poll");
        waitingPolls.add(poll);
        engine.poll(poll, now + wait, now);
    }

    void ack(String clientId, Held held) {
        Client client = client(clientId);
        boolean valid = isValid(clientId, held);
        client.held.remove(held);
        if (valid) {
            client.lastSeen = now;
            Topic topic = topic(held.delivery.liteTopic());
            int index = topic.pending.indexOf(held.delivery.message().queueOffset());
            if (index == 0) {
                topic.attempts = 0;
            }
            done(topic, index);
            if (--topic.inHand == 0) {
                release(topic, false);
            }
        }
        Settlement settlement = engine.ack(clientId, held.delivery.receiptHandle(), now);
        assertThat(settlement).isEqualTo(valid ? Settlement.OK : Settlement.NOT_HELD);
    }

    void suspend(String clientId, Held held, long duration) {
        Client client = client(clientId);
        boolean valid = isValid(clientId, held);
        if (valid) {
            client.lastSeen = now;
            Topic topic = topic(held.delivery.liteTopic());
            topic.resumeAt = now + duration;
            topic.inHand = topic.pending.indexOf(held.delivery.message().queueOffset());
            client.held.removeIf(h -> h.delivery.liteTopic().equals(held.delivery.liteTopic())
                    && h.delivery.message().queueOffset()
                            >= held.delivery.message().queueOffset());
            if (topic.inHand == 0) {
                release(topic, false);
            }
        }
        Settlement settlement = engine.suspend(clientId, held.delivery.receiptHandle(), duration, now);
        if (valid) {
            assertThat(settlement).isEqualTo(Settlement.OK);
        }
    }

    void changeInvisible(String clientId, Held held, long duration) {
        boolean valid = isValid(clientId, held);
        if (valid) {
            client(clientId).lastSeen = now;
            Topic topic = topic(held.delivery.liteTopic());
            if (topic.whileClientLives
                    && topic.pending.get(0) == held.delivery.message().queueOffset()) {
                topic.resumeAt = now + duration;
                failed(topic);
            } else {
                topic.whileClientLives = false;
                topic.leaseDeadline = now + duration;
            }
        }
        Settlement settlement = engine.changeInvisibleDuration(clientId, held.delivery.receiptHandle(), duration, now);
        if (valid) {
            assertThat(settlement).isEqualTo(Settlement.OK);
        }
    }

    void disconnect(String clientId) {
        Client client = client(clientId);
        if (client.disconnectedAt == Long.MAX_VALUE) {
            client.disconnectedAt = now;
            client.grace = client.usesDeadlines ? QUICK_GRACE : GRACE;
        }
        engine.clientDisconnected(clientId, now);
    }

    void terminate(String clientId) {
        clients.remove(clientId);
        topics.values().stream().filter(t -> clientId.equals(t.holder)).forEach(t -> release(t, false));
        engine.clientTerminated(clientId, now);
    }

    void advance(long nanos) {
        long target = now + nanos;
        long deadline;
        while ((deadline = engine.nextDeadlineNanos()) <= target) {
            now = Math.max(now, deadline);
            step();
        }
        now = target;
        step();
    }

    /** Fires timers and dispatches, then checks what must hold when nothing more happens. */
    void step() {
        fireModelTimers();
        engine.dispatch(now);
        checkNothingDeliverableIsLeft();
        checkWatermarks();
    }

    int readsUnderWay() {
        return reads.size();
    }

    int rereadsUnderWay() {
        return rereads.size();
    }

    int deadLettersUnderWay() {
        return deadLetters.size();
    }

    /** What is not settled, for the message of a failure. */
    String describe() {
        StringBuilder text = new StringBuilder(variant.toString());
        topics.forEach((name, topic) -> {
            if (!topic.pending.isEmpty()) {
                text.append('\n').append(name).append(" slot=").append(topic.slot);
                text.append(" pending=")
                        .append(topic.pending.size())
                        .append(" from ")
                        .append(topic.pending.get(0));
                text.append(" holder=")
                        .append(topic.holder)
                        .append(" resumeAt=")
                        .append(topic.resumeAt);
                text.append(" deadLettering=")
                        .append(topic.deadLettering)
                        .append(" tail=")
                        .append(topic.waitsForTail);
            }
        });
        for (int slot = 0; slot < queues.size(); slot++) {
            text.append("\nslot ")
                    .append(slot)
                    .append(" messages=")
                    .append(queues.get(slot).size());
            text.append(" done=")
                    .append(doneOffsets.get(slot).size())
                    .append(" readUpTo=")
                    .append(readUpTo.get(slot));
        }
        text.append("\nengine pending=").append(engine.pendingMessages()).append(" outside=");
        return text.append(engine.pendingOutsideIndex())
                .append(" now=")
                .append(now)
                .toString();
    }

    boolean isAllDone() {
        for (int slot = 0; slot < queues.size(); slot++) {
            if (doneOffsets.get(slot).size() < queues.get(slot).size()) {
                return false;
            }
        }
        return deadLetters.isEmpty() && topics.values().stream().allMatch(t -> t.pending.isEmpty());
    }

    // ---- the model's own time ----

    private void fireModelTimers() {
        for (Map.Entry<String, Topic> entry : topics.entrySet()) {
            Topic topic = entry.getValue();
            if (topic.holder != null && topic.leaseDeadline <= now) {
                failed(topic);
            }
        }
        Iterator<Map.Entry<String, Client>> all = clients.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Client> entry = all.next();
            String clientId = entry.getKey();
            Client client = entry.getValue();
            boolean silent = now - client.lastSeen >= LIVENESS;
            boolean graceIsOver =
                    client.disconnectedAt != Long.MAX_VALUE && now - client.disconnectedAt >= client.grace;
            if (silent || graceIsOver) {
                topics.values().stream().filter(t -> clientId.equals(t.holder)).forEach(this::failed);
                client.disconnectedAt = Long.MAX_VALUE;
            }
            if (silent) {
                all.remove();
            }
        }
    }

    private void failed(Topic topic) {
        release(topic, true);
        if (topic.attempts >= MAX_ATTEMPTS) {
            topic.deadLettering = true;
        }
    }

    private void release(Topic topic, boolean failed) {
        topic.holder = null;
        topic.inHand = 0;
        topic.lastActivity = now;
        topic.attempts += failed ? 1 : 0;
        if (topic.attempts < MAX_ATTEMPTS) {
            restartIfRequested(nameOf(topic), topic);
        }
    }

    private String nameOf(Topic topic) {
        return topics.entrySet().stream()
                .filter(entry -> entry.getValue() == topic)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private void seen(String clientId) {
        Client client = clients.computeIfAbsent(clientId, id -> new Client());
        client.lastSeen = now;
    }

    private boolean isValid(String clientId, Held held) {
        Topic topic = topics.get(held.delivery.liteTopic());
        if (topic == null) {
            return false;
        }
        int index = topic.pending.indexOf(held.delivery.message().queueOffset());
        return clientId.equals(topic.holder)
                && clients.containsKey(clientId)
                && Objects.equals(leases.get(held.delivery.liteTopic()), held.delivery.leaseId())
                && index >= 0
                && index < topic.inHand;
    }

    private final Map<String, Long> leases = new HashMap<>();

    private void done(Topic topic, int index) {
        long offset = topic.pending.remove(index);
        if (!doneOffsets.get(topic.slot).add(offset)) {
            replayed++;
        }
    }

    // ---- checks ----

    private void checkNothingDeliverableIsLeft() {
        if (!rereads.isEmpty() || !scans.isEmpty()) {
            return; // bodies or positions are on their way
        }
        for (Poll poll : waitingPolls) {
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
                        && rateAllows(topic, liteTopic);
                if (isDue) {
                    fail("%s of %s is deliverable while its client waits", liteTopic, poll.clientId());
                }
            });
        }
    }

    private boolean isWanted(String clientId, String liteTopic) {
        return variant.mode == SubscriptionMode.WILDCARD
                ? !isFiltered(clientId) || filterOf(clientId).accepts(liteTopic)
                : client(clientId).subscribed.contains(liteTopic);
    }

    private boolean rateAllows(Topic topic, String liteTopic) {
        return !isLimited(liteTopic)
                || topic.rateTime == Long.MIN_VALUE
                || topic.rateTime - RATE_INTERVAL * (RATE_BURST - 1) <= now;
    }

    private void checkWatermarks() {
        for (int slot = 0; slot < queues.size(); slot++) {
            long expected = doneBelow.getOrDefault(slot, 0L);
            while (doneOffsets.get(slot).contains(expected)) {
                expected++;
            }
            doneBelow.put(slot, expected);
            if (restarts == 0 || isAllDone()) {
                long watermark = watermarks.getOrDefault(slot, 0L);
                int at = slot;
                if (watermark == expected) {
                    continue;
                }
                assertThat(watermark)
                        .as(() -> "watermark of slot " + at + " at "
                                + queues.get(at).get((int) watermark).liteTopic() + ": " + describe())
                        .isEqualTo(expected);
            } else { // what is not wanted any more has to be found first, and may be wanted again meanwhile
                int at = slot;
                long most = expected;
                if (watermarks.getOrDefault(slot, 0L) <= expected) {
                    continue;
                }
                assertThat(watermarks.getOrDefault(slot, 0L))
                        .as(() -> "watermark of slot " + at + " passed "
                                + queues.get(at).get((int) most).liteTopic() + ": " + describe())
                        .isLessThanOrEqualTo(expected);
            }
        }
        long pending = 0;
        for (Topic topic : topics.values()) {
            pending += topic.pending.size();
        }
        // What is to be delivered once more is not known until it is found.
        if (engine.openGaps() == 0) {
            assertThat(engine.pendingMessages()).isEqualTo(pending);
        }
    }

    private static String name(BrokerMessage message) {
        return Objects.requireNonNull(message.liteTopic());
    }

    private Topic topic(String liteTopic) {
        return Objects.requireNonNull(topics.get(liteTopic), liteTopic);
    }

    Client client(String clientId) {
        return Objects.requireNonNull(clients.get(clientId), clientId);
    }

    // ---- effects ----

    @Override
    public void deliver(Poll poll, List<Delivery> deliveries) {
        assertThat(waitingPolls.remove(poll)).as("a poll is answered once").isTrue();
        assertThat(deliveries).isNotEmpty().hasSizeLessThanOrEqualTo(poll.maxMessages());
        Client client = client(poll.clientId());
        Map<String, ArrayDeque<Delivery>> byTopic = new LinkedHashMap<>();
        deliveries.forEach(d ->
                byTopic.computeIfAbsent(d.liteTopic(), t -> new ArrayDeque<>()).add(d));
        byTopic.forEach((liteTopic, ofTopic) -> {
            Topic topic = topic(liteTopic);
            assertThat(isWanted(poll.clientId(), liteTopic)).isTrue();
            topic.waitsForTail = false;
            assertThat(topic.holder).as("exclusive").isNull();
            assertThat(topic.deadLettering).isFalse();
            assertThat(topic.resumeAt).as("not before the resume time").isLessThanOrEqualTo(now);
            assertThat(ofTopic)
                    .hasSizeLessThanOrEqualTo(Math.min(poll.maxMessagesPerLiteTopic(), variant.maxInHandPerLiteTopic));
            int index = 0;
            for (Delivery delivery : ofTopic) {
                assertThat(delivery.message().queueOffset()).as("order").isEqualTo(topic.pending.get(index));
                assertThat(delivery.message().liteTopic()).isEqualTo(liteTopic);
                assertThat(delivery.attempt()).isEqualTo(index == 0 ? topic.attempts + 1 : 1);
                assertThat(rateAllows(topic, liteTopic)).as("rate limit").isTrue();
                topic.rateTime = Math.max(now, topic.rateTime) + RATE_INTERVAL;
                client.held.add(new Held(delivery, topic.slot));
                leases.put(liteTopic, delivery.leaseId());
                index++;
                delivered++;
            }
            topic.holder = poll.clientId();
            topic.inHand = ofTopic.size();
            topic.grantedAt = now;
            topic.whileClientLives = poll.invisibleNanos() == Poll.WHILE_CLIENT_LIVES;
            topic.leaseDeadline =
                    poll.invisibleNanos() == Poll.WHILE_CLIENT_LIVES ? Long.MAX_VALUE : now + poll.invisibleNanos();
        });
    }

    @Override
    public void deliverNothing(Poll poll) {
        assertThat(waitingPolls.remove(poll)).as("a poll is answered once").isTrue();
    }

    @Override
    public void read(int slot, long queueOffset, long readId) {
        assertThat(queueOffset).isEqualTo(readUpTo.get(slot));
        assertThat(currentReads).as("one read at a time").doesNotContainKey(slot);
        currentReads.put(slot, readId);
        reads.add(new Read(slot, queueOffset, readId));
    }

    @Override
    public void reread(int slot, long queueOffset) {
        rereads.add(new Read(slot, queueOffset, 0));
    }

    @Override
    public void watermarkAdvanced(int slot, long queueOffset) {
        assertThat(queueOffset).isGreaterThan(watermarks.getOrDefault(slot, 0L));
        watermarks.put(slot, queueOffset);
    }

    @Override
    public void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason) {
        assertThat(liteTopic).isEqualTo(queues.get(slot).get((int) queueOffset).liteTopic());
        if (reason == DeadLetterReason.EXPIRED) {
            Topic topic = topic(Objects.requireNonNull(liteTopic));
            assertThat(variant.onExpiry).isEqualTo(ExpiryPolicy.DEAD_LETTER);
            if (!topic.isExpiring) {
                checkExpiry(topic);
                topic.isExpiring = true; // all that waits now goes, whatever comes meanwhile
            }
            topic.attempts = 0;
            topic.deadLettering = true;
            topic.expiring = true;
            expired++;
        }
        if (reason == DeadLetterReason.CLIENT_REQUEST) {
            topic(Objects.requireNonNull(liteTopic)).deadLettering = true;
        }
        assertThat(topic(Objects.requireNonNull(liteTopic)).deadLettering).isTrue();
        deadLetters.add(new DeadLetter(slot, queueOffset, liteTopic));
    }

    @Override
    public String liteTopicCreated(String liteTopic) {
        assertThat(known.add(liteTopic)).isTrue();
        return liteTopic;
    }

    @Override
    public void scan(int slot, long queueOffset, long scanId) {
        scans.add(new Read(slot, queueOffset, scanId));
    }

    int scansUnderWay() {
        return scans.size();
    }

    @Override
    public void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason) {
        if (reason == UnsubscribeReason.EXPIRED) {
            assertThat(client(clientId).subscribed.remove(liteTopic)).isTrue();
            unsubscribed++;
        } else {
            assertThat(expectedLosses.remove(clientId + " " + liteTopic + " " + reason))
                    .as("%s loses %s: %s", clientId, liteTopic, reason)
                    .isTrue();
            takenOver++;
        }
    }

    @Override
    public void messagesSkipped(String liteTopic, int messages) {
        Topic topic = topic(liteTopic);
        skipped += messages;
        // Others are those before a start point, which the model has settled when it was asked for.
        for (int i = 0; topic.waitsForTail && i < messages; i++) {
            done(topic, 0);
        }
    }

    @Override
    public void indexCut(String liteTopic, long messages) {
        cut++;
    }

    @Override
    public void liteTopicRemoved(String liteTopic) {
        assertThat(known.remove(liteTopic)).isTrue();
        Topic topic = topics.get(liteTopic);
        assertThat(topic == null || topic.pending.isEmpty()).isTrue();
        assertThat(clients.values()).noneMatch(c -> c.subscribed.contains(liteTopic));
        topics.remove(liteTopic);
    }

    @Override
    public void messagesExpired(String liteTopic, int messages) {
        Topic topic = topic(liteTopic);
        assertThat(variant.onExpiry).isEqualTo(ExpiryPolicy.DELETE);
        checkExpiry(topic);
        if (engine.openGaps() == 0) {
            assertThat(topic.pending).hasSize(messages);
        }
        expired += messages;
        topic.attempts = 0;
        for (int i = 0; i < messages; i++) {
            done(topic, 0);
        }
    }

    private void checkExpiry(Topic topic) {
        assertThat(topic.holder).as("not while leased").isNull();
        assertThat(topic.resumeAt).as("not while suspended").isLessThanOrEqualTo(now);
        assertThat(now - Math.max(topic.lastActivity, topic.resumeAt)).isGreaterThanOrEqualTo(ttl);
    }

    @Override
    public void messagesLost(int slot, long fromOffset, long toOffsetExclusive) {
        throw new AssertionError("nothing is deleted here: " + Arrays.asList(slot, fromOffset, toOffsetExclusive));
    }

    @Override
    public void indexFull(boolean full, long pendingMessages) {
        assertThat(variant.indexBudget).as("room for the index").isLessThan(10_000);
    }
}
