package io.litetopic.benchmarks;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.engine.DeadLetterReason;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineEffects;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.UnsubscribeReason;
import io.litetopic.proxy.registry.LiteTopicRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the reads that an engine asks for and the answers it gives, and keeps the bind topic's registry. Holds nothing else, so
 * what an engine reaches through it is what the proxy would hold too. Effects that no benchmark means to cause throw.
 */
final class RecordedEffects implements EngineEffects {
    private static final long NO_READ = -1;

    private final LiteTopicRegistry registry = new LiteTopicRegistry(Integer.MAX_VALUE, Long.MAX_VALUE);
    private final long[] readIds;
    private final List<Poll> answeredPolls = new ArrayList<>();
    private final List<List<Delivery>> answers = new ArrayList<>();

    RecordedEffects(int queues) {
        this.readIds = new long[queues];
        Arrays.fill(readIds, NO_READ);
    }

    LiteTopicRegistry registry() {
        return registry;
    }

    /** Polls that were answered since {@link #clearAnswers}, in order. Live. */
    List<Poll> answeredPolls() {
        return answeredPolls;
    }

    /** What each of {@link #answeredPolls} got. Live. */
    List<List<Delivery>> answers() {
        return answers;
    }

    void clearAnswers() {
        answeredPolls.clear();
        answers.clear();
    }

    /** Ends the read of the queue that is under way. */
    long takeRead(int slot) {
        long readId = readIds[slot];
        if (readId == NO_READ) {
            throw new IllegalStateException("the engine reads no further: slot=" + slot);
        }
        readIds[slot] = NO_READ;
        return readId;
    }

    @Override
    public void deliver(Poll poll, List<Delivery> deliveries) {
        answeredPolls.add(poll);
        answers.add(deliveries);
    }

    @Override
    public void read(int slot, long queueOffset, long readId) {
        readIds[slot] = readId;
    }

    @Override
    public void watermarkAdvanced(int slot, long queueOffset) {
        // the proxy writes it down now and then; that is not the engine's cost
    }

    @Override
    public String liteTopicCreated(String liteTopic) {
        return registry.groupKnows(liteTopic);
    }

    @Override
    public void liteTopicRemoved(String liteTopic) {
        registry.groupForgets(liteTopic);
    }

    @Override
    public void deliverNothing(Poll poll) {
        throw unexpected("a poll of " + poll.clientId() + " ended empty");
    }

    @Override
    public void reread(int slot, long queueOffset) {
        throw unexpected("a body is read again");
    }

    @Override
    public void scan(int slot, long queueOffset, long scanId) {
        throw unexpected("a queue is scanned");
    }

    @Override
    public void deadLetter(
            int slot,
            long queueOffset,
            @Nullable String liteTopic,
            @Nullable BrokerMessage message,
            DeadLetterReason reason) {
        throw unexpected("a dead letter: " + reason);
    }

    @Override
    public void unsubscribed(String clientId, String liteTopic, UnsubscribeReason reason) {
        throw unexpected("unsubscribed: " + reason);
    }

    @Override
    public void messagesExpired(String liteTopic, int messages) {
        throw unexpected("messages expired");
    }

    @Override
    public boolean isResponsibleFor(String liteTopic) {
        return true;
    }

    @Override
    public void messagesLost(
            int slot, long fromOffset, long toOffsetExclusive, long messages, @Nullable String liteTopic) {
        throw unexpected("messages lost");
    }

    @Override
    public void messagesSkipped(String liteTopic, int messages) {
        throw unexpected("messages skipped");
    }

    @Override
    public void indexCut(String liteTopic, long messages) {
        throw unexpected("the index was cut");
    }

    @Override
    public void indexFull(boolean full, long pendingMessages) {
        throw unexpected("the index is full: " + pendingMessages);
    }

    private static IllegalStateException unexpected(String what) {
        return new IllegalStateException("not meant to happen in a benchmark: " + what);
    }
}
