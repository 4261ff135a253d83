package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.Collections;
import java.util.List;

/** The queues that a group owned at one moment. Immutable. */
final class OwnedQueues {
    private final long ownershipChanges;
    private final List<BrokerQueue> queues;

    OwnedQueues(long ownershipChanges, List<BrokerQueue> queues) {
        this.ownershipChanges = ownershipChanges;
        this.queues = Collections.unmodifiableList(queues);
    }

    /** How often queues had come or gone until then. */
    long ownershipChanges() {
        return ownershipChanges;
    }

    List<BrokerQueue> queues() {
        return queues;
    }
}
