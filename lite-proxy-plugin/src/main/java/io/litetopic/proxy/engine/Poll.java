package io.litetopic.proxy.engine;

import io.litetopic.proxy.timer.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A receive call that waits for messages. Made by the caller, then owned by the engine until one of
 * {@link EngineEffects#deliver} and {@link EngineEffects#deliverNothing} ends it.
 */
public final class Poll {
    /** {@code invisibleNanos} of a delivery that stays with its client for as long as that lives. */
    public static final long WHILE_CLIENT_LIVES = Long.MAX_VALUE;

    private final String clientId;
    private final int maxMessages;
    private final int maxMessagesPerLiteTopic;
    private final long invisibleNanos;
    private final Object context;

    // engine thread
    final Timer<Poll> timer = new Timer<>(this);
    final List<Delivery> batch = new ArrayList<>();
    private final ArrayDeque<Lease> leases = new ArrayDeque<>(2);
    boolean over;

    /**
     * @param maxMessages 1 or more
     * @param maxMessagesPerLiteTopic 1 or more
     * @param invisibleNanos how long deliveries stay hidden, or {@link #WHILE_CLIENT_LIVES}
     * @param context the caller's own, to find its way back
     */
    public Poll(String clientId, int maxMessages, int maxMessagesPerLiteTopic, long invisibleNanos, Object context) {
        if (maxMessages < 1 || maxMessagesPerLiteTopic < 1 || invisibleNanos < 1) {
            throw new IllegalArgumentException("poll: maxMessages=" + maxMessages + " maxMessagesPerLiteTopic="
                    + maxMessagesPerLiteTopic + " invisibleNanos=" + invisibleNanos);
        }
        this.clientId = clientId;
        this.maxMessages = maxMessages;
        this.maxMessagesPerLiteTopic = maxMessagesPerLiteTopic;
        this.invisibleNanos = invisibleNanos;
        this.context = context;
    }

    public String clientId() {
        return clientId;
    }

    public Object context() {
        return context;
    }

    int maxMessages() {
        return maxMessages;
    }

    int maxMessagesPerLiteTopic() {
        return maxMessagesPerLiteTopic;
    }

    long invisibleNanos() {
        return invisibleNanos;
    }

    void lease(Lease lease) {
        leases.addLast(lease);
    }

    Lease firstLease() {
        return leases.getFirst();
    }

    /** The lite topics of which it has got messages, by lease. */
    ArrayDeque<Lease> leases() {
        return leases;
    }

    boolean isFull() {
        return batch.size() >= maxMessages;
    }
}
