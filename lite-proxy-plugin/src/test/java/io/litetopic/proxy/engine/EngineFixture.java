package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.state.QueueState;
import io.litetopic.proxy.state.StateChanges;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link GroupEngine} in virtual time beside a broker that is a list of messages per queue. A test sends, receives, settles and
 * lets time pass in single steps, and looks at what was recorded. The n-th message of lite topic {@code a} is called {@code a-n},
 * from 0 on.
 *
 * <p>{@link #run()} dispatches and answers what the engine asks for until nothing is left to answer; every step that may move
 * something ends with it.
 */
final class EngineFixture implements EngineEffects {
    private static final long WALL_START_MILLIS = 1_700_000_000_000L;

    /** One delivery. */
    record Received(String clientId, String name, int attempt, long atNanos) {}

    /** That a client lost a subscription. */
    record Told(String clientId, String liteTopic, UnsubscribeReason reason) {}

    /** A message of the dead letter queue. */
    record Letter(String name, DeadLetterReason reason) {}

    /** Messages that the broker deleted before they were delivered. */
    record Lost(int slot, long fromOffset, long toOffsetExclusive) {}

    private record Asked(int slot, long offset, long id) {}

    private record StoringLetter(
            int slot, long offset, @Nullable String liteTopic, DeadLetterReason reason) {}

    /** A client that always waits for messages and acks what it gets. */
    private record Server(String clientId, int maxMessages, int maxMessagesPerLiteTopic) {}

    private final EngineSettings.Builder settings;
    GroupEngine engine;
    private final long startNanos;
    long now;

    // the broker
    private final List<List<BrokerMessage>> queues = new ArrayList<>();
    private final long[] minOffsets;
    private final boolean[] saidEnd;
    private final Map<String, Integer> sent = new HashMap<>();
    int messagesPerRead = 1_000;
    int bodyBytes = 100;
    boolean answersReads = true;
    boolean failsReads;
    boolean answersScans = true;
    boolean failsEveryThirdScan;
    boolean storesLetters = true;
    private final ArrayDeque<Asked> reads = new ArrayDeque<>();
    private final ArrayDeque<Asked> rereads = new ArrayDeque<>();
    private final ArrayDeque<Asked> scans = new ArrayDeque<>();
    private final ArrayDeque<StoringLetter> letters = new ArrayDeque<>();

    // clients
    private final Map<String, Map<String, Delivery>> held = new LinkedHashMap<>();
    private final Set<String> silent = new LinkedHashSet<>();
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final Map<String, Poll> servedPolls = new HashMap<>();
    private final Set<Poll> waiting = new LinkedHashSet<>();

    /** By slot. */
    final List<QueueState> journal = new ArrayList<>();

    // what happened
    final List<Received> received = new ArrayList<>();
    final List<Told> told = new ArrayList<>();
    final List<Letter> deadLetters = new ArrayList<>();
    final List<Lost> lost = new ArrayList<>();
    final List<String> created = new ArrayList<>();
    final List<String> removed = new ArrayList<>();
    final Map<String, Integer> expired = new HashMap<>();
    final Map<String, Integer> skipped = new HashMap<>();
    final Map<String, Long> cut = new LinkedHashMap<>();
    final List<Boolean> indexFull = new ArrayList<>();
    private final Map<Integer, Long> watermarks = new HashMap<>();
    int scansAnswered;
    int readsAnswered;

    /** With one queue. */
    EngineFixture(EngineSettings.Builder settings) {
        this(settings, 1, 1_000_000_000_000L);
    }

    EngineFixture(EngineSettings.Builder settings, int queueCount, long startNanos) {
        this.settings = settings;
        this.startNanos = startNanos;
        this.now = startNanos;
        this.minOffsets = new long[queueCount];
        this.saidEnd = new boolean[queueCount];
        this.engine = new GroupEngine(settings.build(), this);
        for (int slot = 0; slot < queueCount; slot++) {
            queues.add(new ArrayList<>());
            journal.add(new QueueState());
            engine.acquireQueue(slot, 0);
        }
        run();
    }

    // ---- the broker ----

    /** Stores one message, which the next {@link #run()} reads. */
    void store(String liteTopic) {
        storeAged(liteTopic, Duration.ZERO);
    }

    /** Stores a message that says it is that old. */
    void storeAged(String liteTopic, Duration age) {
        storeIn(slotOf(liteTopic), liteTopic, age);
    }

    /** Stores one message in this queue, as a producer does that knows another number of queues. */
    void storeIn(int slot, String liteTopic, Duration age) {
        int number = sent.merge(liteTopic, 1, Integer::sum) - 1;
        List<BrokerMessage> queue = queues.get(slot);
        long storedAt = wallMillis() - age.toMillis();
        queue.add(new BrokerMessage(queue.size(), liteTopic, storedAt, bodyBytes, liteTopic + "-" + number));
    }

    void send(String liteTopic) {
        send(liteTopic, 1);
    }

    void send(String liteTopic, int messages) {
        for (int i = 0; i < messages; i++) {
            store(liteTopic);
        }
        run();
    }

    /** The broker deletes what is older, as its retention does. */
    void deleteBelow(int slot, long offset) {
        minOffsets[slot] = offset;
    }

    /** The queue goes, and comes back at its watermark. */
    void loseAndAcquireQueue(int slot) {
        engine.loseQueue(slot, now);
        engine.acquireQueue(slot, watermark(slot));
        saidEnd[slot] = false;
        run();
    }

    // ---- the journal ----

    /** Subscriptions are written down with this queue from now on, beginning with a snapshot. */
    void carryWith(int slot) {
        engine.carrySubscriptionsWith(slot, journal.get(slot).subscriptionsSince() + 1_000, false);
        engine.beginSnapshot(slot);
        StateChanges part;
        while ((part = engine.nextSnapshotPart(slot, now, wallMillis())) != null) {
            journal.get(slot).apply(part);
        }
        engine.changesStored(slot);
    }

    /** What has changed in the queue's state since this was last called. */
    StateChanges takeChanges(int slot) {
        StateChanges changes = engine.takeChanges(slot, now, wallMillis());
        journal.get(slot).apply(changes);
        engine.changesStored(slot);
        return changes;
    }

    /** The changes of all queues are written down. */
    void writeDown() {
        for (int slot = 0; slot < queues.size(); slot++) {
            takeChanges(slot);
        }
    }

    /** Like {@link #writeDown}, while some queues are lost. */
    void writeDownOwned() {
        for (int slot = 0; slot < queues.size(); slot++) {
            if (engine.ownsQueue(slot)) {
                takeChanges(slot);
            }
        }
    }

    /** The proxy is killed. Clients have still what they hold, and nobody dispatches until {@link #recover}. */
    void crash() {
        engine = new GroupEngine(settings.handleSeed(engine.lastReadId()).build(), this, engine.lastReadId());
        reads.clear();
        rereads.clear();
        scans.clear();
        letters.clear();
        waiting.clear();
        Arrays.fill(saidEnd, false);
    }

    /** Another proxy goes on where the journal and the committed offsets end, with the subscriptions of this queue's journal. */
    void recover(int carrier) {
        for (int slot = 0; slot < queues.size(); slot++) {
            acquireFromJournal(slot);
        }
        QueueState state = journal.get(carrier);
        engine.restoreSubscriptions(state.subscriptions(), now);
        engine.carrySubscriptionsWith(carrier, state.subscriptionsSince(), true);
        run();
    }

    void acquireFromJournal(int slot) {
        QueueState state = journal.get(slot);
        state.raiseWatermark(watermark(slot));
        watermarks.put(slot, state.watermark());
        saidEnd[slot] = false;
        engine.acquireQueue(slot, state, now, wallMillis());
    }

    int slotOf(String liteTopic) {
        return Math.floorMod(liteTopic.hashCode(), queues.size());
    }

    /** One past the last offset of the queue. */
    long end(int slot) {
        return queues.get(slot).size();
    }

    long watermark(int slot) {
        return watermarks.getOrDefault(slot, 0L);
    }

    // ---- time ----

    long wallMillis() {
        return WALL_START_MILLIS + (now - startNanos) / 1_000_000;
    }

    void advance(Duration duration) {
        advance(duration.toNanos());
    }

    /** Lets time pass, and calls the engine whenever it wants to be called. */
    void advance(long nanos) {
        long target = Math.addExact(now, nanos);
        int callsWithoutProgress = 0;
        long deadline;
        while ((deadline = engine.nextDeadlineNanos()) <= target) {
            callsWithoutProgress = deadline > now ? 0 : callsWithoutProgress + 1;
            assertThat(callsWithoutProgress)
                    .as("calls at %d for a deadline of %d", now, deadline)
                    .isLessThan(100);
            now = Math.max(now, deadline);
            run();
        }
        now = target;
        run();
    }

    /** Answers one read of each queue though {@link #answersReads} is false. */
    void readOnce() {
        answersReads = true;
        answerReads();
        answersReads = false;
        run();
    }

    /** Dispatches, and answers what is asked for, until nothing happens any more. */
    void run() {
        int rounds = 0;
        boolean progress = true;
        while (progress) {
            assertThat(rounds++).as("rounds until nothing happens").isLessThan(200_000);
            held.keySet().stream().filter(id -> !silent.contains(id)).forEach(id -> engine.clientHeartbeat(id, now));
            engine.dispatch(now);
            progress = answerReads();
            progress |= answerRereads();
            progress |= answerScans();
            progress |= storeLetters();
            progress |= serve();
        }
    }

    private boolean answerReads() {
        List<Asked> open = take(reads);
        boolean progress = false;
        for (Asked read : open) {
            int slot = read.slot;
            boolean hasMore = read.offset < end(slot) || read.offset < minOffsets[slot];
            if (!answersReads || (!hasMore && saidEnd[slot])) {
                reads.addLast(read);
                continue;
            }
            if (failsReads) {
                engine.onReadFailed(slot, read.id); // it is repeated when the engine is called again
                continue;
            }
            List<BrokerMessage> messages = messagesFrom(slot, read.offset, messagesPerRead);
            long next = Math.max(read.offset, minOffsets[slot]) + messages.size();
            saidEnd[slot] = next >= end(slot);
            readsAnswered++;
            engine.onMessages(slot, read.id, messages, next, minOffsets[slot], end(slot), now, wallMillis());
            progress = true;
        }
        return progress;
    }

    private boolean answerRereads() {
        List<Asked> open = take(rereads);
        for (Asked reread : open) {
            boolean isGone = reread.offset < minOffsets[reread.slot];
            List<BrokerMessage> messages = isGone ? List.of() : messagesFrom(reread.slot, reread.offset, 8);
            engine.onRereadMessages(reread.slot, reread.offset, messages, isGone, now);
        }
        return !open.isEmpty();
    }

    private boolean answerScans() {
        if (!answersScans) {
            return false;
        }
        List<Asked> open = take(scans);
        for (Asked scan : open) {
            List<BrokerMessage> messages = messagesFrom(scan.slot, scan.offset, messagesPerRead);
            long next = Math.max(scan.offset, minOffsets[scan.slot]) + messages.size();
            scansAnswered++;
            if (failsEveryThirdScan && scansAnswered % 3 == 0) {
                engine.onScanFailed(scan.slot, scan.id);
                continue;
            }
            engine.onScanned(scan.slot, scan.id, messages, next, minOffsets[scan.slot], now);
        }
        return !open.isEmpty();
    }

    private boolean storeLetters() {
        if (!storesLetters) {
            return false;
        }
        List<StoringLetter> open = take(letters);
        for (StoringLetter letter : open) {
            BrokerMessage message = queues.get(letter.slot).get((int) letter.offset);
            deadLetters.add(new Letter((String) message.payload(), letter.reason));
            engine.onDeadLettered(letter.slot, letter.offset, letter.liteTopic, now);
        }
        return !open.isEmpty();
    }

    private boolean serve() {
        boolean progress = false;
        for (Server server : servers.values()) {
            Poll poll = servedPolls.get(server.clientId);
            if (poll != null && waiting.contains(poll)) {
                continue;
            }
            for (Delivery delivery : List.copyOf(heldBy(server.clientId).values())) {
                ack(server.clientId, delivery);
            }
            Poll next = new Poll(
                    server.clientId, server.maxMessages, server.maxMessagesPerLiteTopic, Poll.WHILE_CLIENT_LIVES, "");
            servedPolls.put(server.clientId, next);
            wait(next);
            progress = true;
        }
        return progress;
    }

    private static <T> List<T> take(ArrayDeque<T> asked) {
        List<T> all = List.copyOf(asked);
        asked.clear();
        return all;
    }

    private List<BrokerMessage> messagesFrom(int slot, long offset, int most) {
        List<BrokerMessage> queue = queues.get(slot);
        int from = (int) Math.max(offset, minOffsets[slot]);
        return List.copyOf(queue.subList(Math.min(from, queue.size()), Math.min(queue.size(), from + most)));
    }

    // ---- clients ----

    private Map<String, Delivery> heldBy(String clientId) {
        return held.computeIfAbsent(clientId, id -> new LinkedHashMap<>());
    }

    /** The client connects, or shows again that it lives. */
    void seen(String clientId) {
        seen(clientId, LiteTopicFilter.ALL);
    }

    void seen(String clientId, LiteTopicFilter filter) {
        heldBy(clientId);
        engine.clientSeen(clientId, filter, now);
    }

    SubscribeResult.Outcome subscribe(String clientId, String... liteTopics) {
        return subscribe(clientId, null, liteTopics);
    }

    SubscribeResult.Outcome subscribe(String clientId, @Nullable StartPoint start, String... liteTopics) {
        return subscribe(clientId, start, Arrays.asList(liteTopics));
    }

    SubscribeResult.Outcome subscribe(String clientId, @Nullable StartPoint start, List<String> liteTopics) {
        seen(clientId);
        SubscribeResult result = engine.subscribe(clientId, new LinkedHashSet<>(liteTopics), start, now);
        run();
        return result.outcome();
    }

    /** Names of the lite topics that exist for the group. */
    Set<String> liteTopics() {
        Set<String> names = new TreeSet<>();
        engine.forEachLiteTopic(names::add);
        return names;
    }

    /** Sends the client's complete set, as clients do every 30 s. */
    SubscribeResult.Outcome subscribeExactly(String clientId, String... liteTopics) {
        seen(clientId);
        SubscribeResult result = engine.subscribeExactly(clientId, Set.of(liteTopics), null, now);
        run();
        return result.outcome();
    }

    SubscribeResult.Outcome unsubscribe(String clientId, String... liteTopics) {
        SubscribeResult result = engine.unsubscribe(clientId, Set.of(liteTopics), now);
        run();
        return result.outcome();
    }

    void disconnect(String clientId) {
        engine.clientDisconnected(clientId, now);
        run();
    }

    void connect(String clientId) {
        engine.clientConnected(clientId, now);
        run();
    }

    void terminate(String clientId) {
        engine.clientTerminated(clientId, now);
        held.remove(clientId);
        run();
    }

    /** The client shows no sign of life any more. */
    void fallSilent(String clientId) {
        silent.add(clientId);
    }

    /** From now on the client always waits for messages and acks what it gets. */
    void serve(String clientId, int maxMessages, int maxMessagesPerLiteTopic) {
        servers.put(clientId, new Server(clientId, maxMessages, maxMessagesPerLiteTopic));
        run();
    }

    void stopServing(String clientId) {
        servers.remove(clientId);
        Poll poll = servedPolls.remove(clientId);
        if (poll != null) {
            engine.cancelPoll(poll);
        }
    }

    /** Waits for messages for an hour. */
    private void wait(Poll poll) {
        waiting.add(poll);
        engine.poll(poll, now + Duration.ofHours(1).toNanos(), now);
    }

    Poll startPoll(String clientId, int maxMessages, int maxMessagesPerLiteTopic) {
        Poll poll = new Poll(clientId, maxMessages, maxMessagesPerLiteTopic, Poll.WHILE_CLIENT_LIVES, "");
        wait(poll);
        return poll;
    }

    boolean isWaiting(Poll poll) {
        return waiting.contains(poll);
    }

    /** What the client gets at once, up to 32 messages, one per lite topic. */
    List<String> receive(String clientId) {
        return receive(clientId, 32, 1);
    }

    List<String> receive(String clientId, int maxMessages, int maxMessagesPerLiteTopic) {
        return receive(clientId, maxMessages, maxMessagesPerLiteTopic, Poll.WHILE_CLIENT_LIVES);
    }

    List<String> receive(String clientId, int maxMessages, int maxMessagesPerLiteTopic, long invisibleNanos) {
        int before = received.size();
        Poll poll = new Poll(clientId, maxMessages, maxMessagesPerLiteTopic, invisibleNanos, "");
        wait(poll);
        run();
        engine.cancelPoll(poll);
        return received.subList(before, received.size()).stream()
                .filter(r -> r.clientId.equals(clientId))
                .map(Received::name)
                .toList();
    }

    /** What the client gets at once in several calls, one message per lite topic. */
    List<String> receiveAll(String clientId, int messages) {
        List<String> all = new ArrayList<>();
        List<String> some = receive(clientId, messages, 1);
        while (!some.isEmpty()) {
            all.addAll(some);
            some = receive(clientId, messages, 1);
        }
        return all;
    }

    /** What the client gets, in order, when it acks all at once; until there is nothing at this time. */
    List<String> receiveAndAckAll(String clientId, int maxMessages, int maxMessagesPerLiteTopic) {
        List<String> all = new ArrayList<>();
        List<String> some = receive(clientId, maxMessages, maxMessagesPerLiteTopic);
        while (!some.isEmpty()) {
            all.addAll(some);
            ackAll(clientId);
            some = receive(clientId, maxMessages, maxMessagesPerLiteTopic);
        }
        return all;
    }

    List<String> receiveAndAckAll(String clientId) {
        return receiveAndAckAll(clientId, 32, 8);
    }

    /** The delivery of the message that the client has got last. */
    Delivery delivery(String clientId, String name) {
        Delivery delivery = heldBy(clientId).get(name);
        assertThat(delivery).as("%s has got %s", clientId, name).isNotNull();
        return delivery;
    }

    Settlement ack(String clientId, String name) {
        return ack(clientId, delivery(clientId, name));
    }

    private Settlement ack(String clientId, Delivery delivery) {
        heldBy(clientId).remove((String) delivery.message().payload());
        return engine.ack(clientId, delivery.receiptHandle(), now);
    }

    void ackAll(String clientId) {
        for (Delivery delivery : List.copyOf(heldBy(clientId).values())) {
            assertThat(ack(clientId, delivery)).isEqualTo(Settlement.OK);
        }
        run();
    }

    Settlement suspend(String clientId, String name, Duration duration) {
        Settlement settlement =
                engine.suspend(clientId, delivery(clientId, name).receiptHandle(), duration.toNanos(), now);
        heldBy(clientId).remove(name);
        return settlement;
    }

    /** The client gives the message back, to get it again after the duration. */
    Settlement giveBack(String clientId, String name, Duration duration) {
        return engine.changeInvisibleDuration(
                clientId, delivery(clientId, name).receiptHandle(), duration.toNanos(), now);
    }

    // ---- what happened ----

    /** Names of all messages that were delivered, in order. */
    List<String> receivedNames() {
        return received.stream().map(Received::name).toList();
    }

    /** When the messages of a lite topic were delivered, in time since the given one. */
    List<Duration> timesOf(String liteTopic, long sinceNanos) {
        return received.stream()
                .filter(r -> r.name.startsWith(liteTopic + "-"))
                .map(r -> Duration.ofNanos(r.atNanos - sinceNanos))
                .toList();
    }

    /** Attempts of the last delivery of the message. */
    int attemptOf(String name) {
        return received.stream()
                .filter(r -> r.name.equals(name))
                .reduce((first, second) -> second)
                .orElseThrow()
                .attempt;
    }

    /** The names of the messages {@code from} to {@code to}, exclusive, of a lite topic. */
    static List<String> names(String liteTopic, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> liteTopic + "-" + i).toList();
    }

    /** Those of the names that are messages of the lite topic. */
    static List<String> only(String liteTopic, List<String> names) {
        return names.stream().filter(name -> name.startsWith(liteTopic + "-")).collect(Collectors.toList());
    }

    /** The memory of bodies is at most this. */
    long bodyBytesAtMost() {
        return engine.leftovers() - engine.indexBytes() - engine.pendingOutsideIndex();
    }

    // ---- effects ----

    @Override
    public void deliver(Poll poll, List<Delivery> deliveries) {
        assertThat(waiting.remove(poll)).as("a poll is answered once").isTrue();
        for (Delivery delivery : deliveries) {
            String name = (String) delivery.message().payload();
            received.add(new Received(poll.clientId(), name, delivery.attempt(), now));
            heldBy(poll.clientId()).put(name, delivery);
        }
    }

    @Override
    public void deliverNothing(Poll poll) {
        assertThat(waiting.remove(poll)).as("a poll is answered once").isTrue();
    }

    @Override
    public void read(int slot, long queueOffset, long readId) {
        reads.addLast(new Asked(slot, queueOffset, readId));
    }

    @Override
    public void reread(int slot, long queueOffset) {
        rereads.addLast(new Asked(slot, queueOffset, 0));
    }

    @Override
    public void scan(int slot, long queueOffset, long scanId) {
        scans.addLast(new Asked(slot, queueOffset, scanId));
    }

    @Override
    public void watermarkAdvanced(int slot, long queueOffset) {
        assertThat(queueOffset).as("watermark").isGreaterThan(watermark(slot));
        watermarks.put(slot, queueOffset);
    }

    @Override
    public void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason) {
        letters.addLast(new StoringLetter(slot, queueOffset, liteTopic, reason));
    }

    @Override
    public String liteTopicCreated(String liteTopic) {
        created.add(liteTopic);
        return liteTopic;
    }

    @Override
    public void liteTopicRemoved(String liteTopic) {
        removed.add(liteTopic);
    }

    @Override
    public void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason) {
        told.add(new Told(clientId, liteTopic, reason));
    }

    @Override
    public void messagesExpired(String liteTopic, int messages) {
        expired.merge(liteTopic, messages, Integer::sum);
    }

    @Override
    public boolean isResponsibleFor(String liteTopic) {
        return true;
    }

    @Override
    public void messagesLost(
            int slot, long fromOffset, long toOffsetExclusive, long messages, @Nullable String liteTopic) {
        lost.add(new Lost(slot, fromOffset, toOffsetExclusive));
    }

    @Override
    public void messagesSkipped(String liteTopic, int messages) {
        skipped.merge(liteTopic, messages, Integer::sum);
    }

    @Override
    public void indexCut(String liteTopic, long messages) {
        cut.merge(liteTopic, messages, Long::sum);
    }

    @Override
    public void indexFull(boolean full, long pendingMessages) {
        indexFull.add(full);
    }
}
