package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartOffsetsTest {
    private static final BrokerQueue LONG = BrokerQueue.of("chat", "broker-a", 0);
    private static final BrokerQueue SHORT = BrokerQueue.of("chat", "broker-a", 1);

    private final InMemoryBroker broker = new InMemoryBroker(LONG, SHORT);

    @BeforeEach
    void store() {
        for (int i = 0; i < 5; i++) {
            broker.append(LONG, "room", "payload", 1_000 + i);
        }
        broker.append(SHORT, "hall", "payload", 1_000);
        broker.deleteBefore(LONG, 2);
    }

    @Test
    void earliestIsTheFirstMessageThatTheBrokerStillHas() {
        assertThat(offsets(StartOption.EARLIEST)).isEqualTo(Map.of(LONG, 2L, SHORT, 0L));
    }

    @Test
    void latestIsTheEnd() {
        assertThat(offsets(StartOption.LATEST)).isEqualTo(Map.of(LONG, 5L, SHORT, 1L));
    }

    @Test
    void timestampIsTheFirstMessageStoredThenOrLater() {
        assertThat(offsets(StartOption.timestamp(1_003))).isEqualTo(Map.of(LONG, 3L, SHORT, 1L));
        assertThat(offsets(StartOption.timestamp(0))).isEqualTo(Map.of(LONG, 2L, SHORT, 0L));
    }

    @Test
    void offsetCountsInEveryQueueThatReachesThatFar() {
        assertThat(offsets(StartOption.offset(3))).isEqualTo(Map.of(LONG, 3L, SHORT, 1L));
        assertThat(offsets(StartOption.offset(0))).isEqualTo(Map.of(LONG, 2L, SHORT, 0L));
    }

    @Test
    void tailMayLookAtAllThatThereIs() {
        assertThat(offsets(StartOption.tail(1))).isEqualTo(Map.of(LONG, 2L, SHORT, 0L));
    }

    @Test
    void failsIfOneQueueDoes() {
        broker.failOffsets("broker is away");

        assertThatThrownBy(() -> offsets(StartOption.LATEST)).hasMessageContaining("broker is away");
    }

    private Map<BrokerQueue, Long> offsets(StartOption option) {
        return new StartOffsets(broker).of(List.of(LONG, SHORT), option).join();
    }
}
