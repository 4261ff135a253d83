package io.litetopic.proxy.engine;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The broker beside an {@link EngineModel}: a list of messages per queue, and what was asked of it and is not answered yet. */
final class ModelBroker {
    final List<List<BrokerMessage>> queues = new ArrayList<>();
    final List<Asked> reads = new ArrayList<>();
    final List<Asked> rereads = new ArrayList<>();
    final List<Asked> scans = new ArrayList<>();
    final List<DeadLetter> deadLetters = new ArrayList<>();
    /** By slot: number of the read whose answer counts. Others were asked for before the queue was lost. */
    final Map<Integer, Long> currentReads = new HashMap<>();

    record Asked(int slot, long offset, long id) {}

    record DeadLetter(int slot, long offset, @Nullable String liteTopic) {}

    ModelBroker(int queueCount) {
        for (int slot = 0; slot < queueCount; slot++) {
            queues.add(new ArrayList<>());
        }
    }

    void store(String liteTopic, long now) {
        List<BrokerMessage> queue = queues.get(slotOf(liteTopic));
        queue.add(new BrokerMessage(queue.size(), liteTopic, now / 1_000_000, 10, liteTopic + "#" + queue.size()));
    }

    int slotOf(String liteTopic) {
        return Math.floorMod(liteTopic.hashCode(), queues.size());
    }

    long end(int slot) {
        return queues.get(slot).size();
    }

    List<BrokerMessage> messages(Asked from, int most) {
        List<BrokerMessage> queue = queues.get(from.slot);
        int offset = (int) from.offset;
        return List.copyOf(queue.subList(offset, Math.min(queue.size(), offset + most)));
    }

    /** Who has asked is no more. */
    void forgetAsked() {
        reads.clear();
        rereads.clear();
        scans.clear();
        deadLetters.clear();
        currentReads.clear();
    }
}
