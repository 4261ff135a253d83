package io.litetopic.benchmarks;

import io.litetopic.proxy.broker.BrokerMessage;
import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Clients that share the lite topics of a {@link DrivenGroup} and always have polls waiting. Work goes in turns: what the engine
 * has answered is prepared for the next turn outside of the measured time, as the proxy does it on other threads.
 */
final class Load {
    private static final int POLLS_PER_CLIENT = 4;
    private static final int SUBSCRIBE_AT_ONCE = 1_000;

    private final DrivenGroup group;
    private final int liteTopics;
    private final int clients;
    private final SplittableRandom random = new SplittableRandom(7);

    // prepared for the next turn
    private final List<String> holders = new ArrayList<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<ReceiptHandle> handles = new ArrayList<>();
    private final List<Poll> polls = new ArrayList<>();
    private final List<BrokerMessage> messages = new ArrayList<>();
    private int slot;

    /** Every lite topic is subscribed to by one of the clients, and each of them has its polls waiting. */
    Load(EngineSettings settings, int liteTopics, int clients) {
        this.group = new DrivenGroup(settings);
        this.liteTopics = liteTopics;
        this.clients = clients;
        for (int client = 0; client < clients; client++) {
            group.clientSeen(clientId(client));
            Set<String> names = new HashSet<>();
            for (int index = client; index < liteTopics; index += clients) {
                names.add(DrivenGroup.name(index));
                if (names.size() == SUBSCRIBE_AT_ONCE) {
                    group.subscribe(clientId(client), names);
                    names = new HashSet<>();
                }
            }
            group.subscribe(clientId(client), names);
            for (int poll = 0; poll < POLLS_PER_CLIENT; poll++) {
                group.poll(DrivenGroup.newPoll(clientId(client)));
            }
        }
        group.dispatch();
    }

    static String clientId(int client) {
        return "192.0.2.1@4711@" + client + "@benchmark";
    }

    DrivenGroup group() {
        return group;
    }

    /** Takes up what the engine has answered: handles come back as text, and each poll is followed by a new one. */
    void prepareReplies() {
        holders.clear();
        deliveries.clear();
        handles.clear();
        polls.clear();
        RecordedEffects effects = group.effects();
        for (int answer = 0; answer < effects.answers().size(); answer++) {
            String clientId = effects.answeredPolls().get(answer).clientId();
            for (Delivery delivery : effects.answers().get(answer)) {
                holders.add(clientId);
                deliveries.add(delivery);
                handles.add(DrivenGroup.returnedHandle(delivery));
            }
            polls.add(DrivenGroup.newPoll(clientId));
        }
        effects.clearAnswers();
    }

    /** Fills the next queue's read with messages of its lite topics, each picked at random. */
    void prepareRead() {
        messages.clear();
        slot = (slot + 1) % Math.min(DrivenGroup.QUEUES, liteTopics);
        int ofQueue = (liteTopics - slot + DrivenGroup.QUEUES - 1) / DrivenGroup.QUEUES;
        for (int message = 0; message < DrivenGroup.READ_MESSAGES; message++) {
            int liteTopic = slot + DrivenGroup.QUEUES * random.nextInt(ofQueue);
            messages.add(group.message(slot, DrivenGroup.name(liteTopic)));
        }
    }

    /** Hands the prepared read to the engine. */
    void answerRead() {
        group.answerRead(slot, messages);
    }

    /** Acks all deliveries of the last turn by their handles. */
    void ackAll() {
        for (int index = 0; index < handles.size(); index++) {
            group.ack(holders.get(index), handles.get(index));
        }
    }

    /** Like {@link #ackAll}, and makes and reads the text of each handle first. */
    void encodeParseAndAckAll() {
        for (int index = 0; index < deliveries.size(); index++) {
            group.ack(holders.get(index), DrivenGroup.returnedHandle(deliveries.get(index)));
        }
    }

    /** Suspends the lite topics of all deliveries of the last turn. */
    void suspendAll(long nanos) {
        for (int index = 0; index < handles.size(); index++) {
            group.suspend(holders.get(index), handles.get(index), nanos);
        }
    }

    /** Every client polls again as often as it was answered. */
    void pollAgain() {
        for (Poll poll : polls) {
            group.poll(poll);
        }
    }

    int repliesPrepared() {
        return handles.size();
    }

    int clients() {
        return clients;
    }
}
