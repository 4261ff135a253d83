package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.MessageView;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.client.apis.message.MessageId;

/** A delivery whose message id, body and name in assertions are the same. */
record TestDelivery(
        String id, String liteTopic, int attempt, boolean isCorrupted, String proxy, long offset, Duration late)
        implements Delivery {

    static TestDelivery of(String liteTopic, String id) {
        return new TestDelivery(id, liteTopic, 1, false, "p1", Math.abs((long) id.hashCode()), Duration.ZERO);
    }

    TestDelivery withAttempt(int attempt) {
        return new TestDelivery(id, liteTopic, attempt, isCorrupted, proxy, offset, late);
    }

    TestDelivery at(long offset) {
        return new TestDelivery(id, liteTopic, attempt, isCorrupted, proxy, offset, late);
    }

    TestDelivery late(Duration late) {
        return new TestDelivery(id, liteTopic, attempt, isCorrupted, proxy, offset, late);
    }

    TestDelivery corrupted() {
        return new TestDelivery(id, liteTopic, attempt, true, proxy, offset, late);
    }

    TestDelivery from(String proxy) {
        return new TestDelivery(id, liteTopic, attempt, isCorrupted, proxy, offset, late);
    }

    @Override
    public MessageView message() {
        return new View(this);
    }

    /** Lite topics {@code q1.a} and {@code q1.b} are in queue {@code q1}. */
    @Override
    public String queue() {
        return liteTopic.split("\\.")[0];
    }

    @Override
    public int bodyBytes() {
        return id.length();
    }

    @Override
    public String toString() {
        return id;
    }

    /** Where a call about it goes, if that is not the only proxy of most tests. */
    String at() {
        return proxy.equals("p1") ? "" : " at " + proxy;
    }

    private record Id(String value) implements MessageId {
        @Override
        public String getVersion() {
            return "test";
        }

        @Override
        public String toString() {
            return value;
        }
    }

    private record View(TestDelivery delivery) implements MessageView {
        @Override
        public MessageId getMessageId() {
            return new Id(delivery.id);
        }

        @Override
        public String getTopic() {
            return "bind-topic";
        }

        @Override
        public ByteBuffer getBody() {
            return ByteBuffer.wrap(delivery.id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        @Override
        public Map<String, String> getProperties() {
            return Map.of("__LITE_TOPIC", delivery.liteTopic, "__SHARDINGKEY", delivery.liteTopic);
        }

        @Override
        public Optional<String> getTag() {
            return Optional.empty();
        }

        @Override
        public Collection<String> getKeys() {
            return List.of();
        }

        @Override
        public Optional<String> getMessageGroup() {
            return Optional.of(delivery.liteTopic);
        }

        @Override
        public Optional<String> getLiteTopic() {
            return Optional.of(delivery.liteTopic);
        }

        @Override
        public long getQueueOffset() {
            return delivery.offset;
        }

        @Override
        public Optional<Long> getDeliveryTimestamp() {
            return Optional.empty();
        }

        @Override
        public Optional<Integer> getPriority() {
            return Optional.empty();
        }

        @Override
        public String getBornHost() {
            return "127.0.0.1";
        }

        @Override
        public long getBornTimestamp() {
            return 0;
        }

        @Override
        public int getDeliveryAttempt() {
            return delivery.attempt;
        }
    }
}
