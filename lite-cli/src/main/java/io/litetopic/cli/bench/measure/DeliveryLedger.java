package io.litetopic.cli.bench.measure;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Keeps account of every message of a run: a bit each for sent, accepted and handled, and an offset per lite topic. Messages have
 * numbers from 0 in the order of {@link #nextMessage}; lite topics are indices from 0.
 *
 * <p>The order that counts is that of the queue offsets, since concurrent sends may be stored in another order than they were
 * made. A redelivery of a message that was not handled is no duplicate, and one of a handled message is no disorder. Thread-safe.
 */
public final class DeliveryLedger {
    /**
     * @param sent messages handed to the producer
     * @param accepted messages that the server confirmed
     * @param handled different messages that a listener has handled
     * @param lost accepted messages that no listener has handled
     * @param duplicated deliveries of messages that were handled already
     * @param outOfOrder deliveries of a message after a later one of its lite topic was handled, or beside another one of it
     */
    public record Totals(long sent, long accepted, long handled, long lost, long duplicated, long outOfOrder) {}

    // all guarded by this
    private final BitSet accepted = new BitSet();
    private final BitSet handled = new BitSet();
    private final BitSet maybeTwice = new BitSet();
    private final BitSet inWork = new BitSet(); // by lite topic
    private final long[] lastHandledOffset; // by lite topic
    private int sent;
    private long acceptedCount;
    private long handledCount;
    private long waiting; // accepted and not handled
    private long duplicated;
    private long outOfOrder;

    /** @param liteTopics how many there are at most */
    public DeliveryLedger(int liteTopics) {
        this.lastHandledOffset = new long[liteTopics];
        Arrays.fill(lastHandledOffset, Long.MIN_VALUE);
    }

    /** The number of the next message to send. */
    public synchronized int nextMessage() {
        return sent++;
    }

    /** The server has confirmed the message: from now on it must not get lost. */
    public synchronized void accepted(int message) {
        if (!accepted.get(message)) {
            accepted.set(message);
            acceptedCount++;
            waiting += handled.get(message) ? 0 : 1;
        }
    }

    /** A send has failed and is repeated: the message may be stored twice, so that a second delivery is nobody's fault. */
    public synchronized void maybeStored(int message) {
        maybeTwice.set(message);
    }

    /** All messages from {@code first} up to, without, {@code end} are stored. */
    public synchronized void acceptedRange(int first, int end) {
        for (int message = first; message < end; message++) {
            accepted(message);
        }
    }

    /** A listener gets the message. */
    public synchronized void begin(int message, int liteTopic, long offset) {
        if (inWork.get(liteTopic)) {
            outOfOrder++;
        }
        inWork.set(liteTopic);
        if (handled.get(message)) {
            duplicated += maybeTwice.get(message) ? 0 : 1;
        } else if (offset < lastHandledOffset[liteTopic]) {
            outOfOrder++;
        }
    }

    /** The listener that got the message has handled it for good. */
    public synchronized void handled(int message, int liteTopic, long offset) {
        inWork.clear(liteTopic);
        lastHandledOffset[liteTopic] = Math.max(lastHandledOffset[liteTopic], offset);
        if (!handled.get(message)) {
            handled.set(message);
            handledCount++;
            waiting -= accepted.get(message) ? 1 : 0;
        }
    }

    /** The listener has given the message back, or ended without a result. */
    public synchronized void givenBack(int liteTopic) {
        inWork.clear(liteTopic);
    }

    /** How many different messages are handled. */
    public synchronized long handledCount() {
        return handledCount;
    }

    /** How many messages are accepted and not handled. */
    public synchronized long waiting() {
        return waiting;
    }

    public synchronized Totals totals() {
        return new Totals(sent, acceptedCount, handledCount, waiting, duplicated, outOfOrder);
    }
}
