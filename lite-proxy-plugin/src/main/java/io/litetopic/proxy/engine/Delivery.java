package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;

/** One message handed to a client. Immutable. */
public final class Delivery {
    private final String liteTopic;
    private final BrokerMessage message;
    private final long leaseId;
    private final long position;
    private final int attempt;

    Delivery(String liteTopic, BrokerMessage message, long leaseId, long position, int attempt) {
        this.liteTopic = liteTopic;
        this.message = message;
        this.leaseId = leaseId;
        this.position = position;
        this.attempt = attempt;
    }

    public String liteTopic() {
        return liteTopic;
    }

    public BrokerMessage message() {
        return message;
    }

    /** 1 for the first delivery. */
    public int attempt() {
        return attempt;
    }

    long leaseId() {
        return leaseId;
    }

    public ReceiptHandle receiptHandle() {
        return new ReceiptHandle(liteTopic, leaseId, position);
    }
}
