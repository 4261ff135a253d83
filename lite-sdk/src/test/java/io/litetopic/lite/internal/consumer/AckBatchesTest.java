package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AckBatchesTest {

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final AckBatches acks = new AckBatches(transport, timer);
    private final List<CompletableFuture<Void>> results = new ArrayList<>();

    @Test
    void acksGoAtOnceWhileFewCallsAreUnderWay() {
        ack("p1", 5);

        assertThat(transport.ackBatches).containsExactly(1, 1, 1, 1, 1);
        assertThat(results).allSatisfy(result -> assertThat(result).isCompleted());
    }

    @Test
    void acksThatComeDuringTwoCallsGoTogetherWhenOneHasEnded() {
        transport.holdAckBatches();
        ack("p1", 7);
        assertThat(transport.ackBatches).containsExactly(1, 1);

        transport.nextAckBatch().complete(null);

        assertThat(transport.ackBatches).containsExactly(1, 1, 5);
        assertThat(results.get(0)).isCompleted();
        assertThat(results.get(1)).isNotDone();
    }

    @Test
    void callHasAnUpperSize() {
        transport.holdAckBatches();
        ack("p1", AckBatches.MAX_CALLS + AckBatches.MAX_ENTRIES + 1);

        transport.nextAckBatch().complete(null);
        transport.nextAckBatch().complete(null);

        assertThat(transport.ackBatches).containsExactly(1, 1, AckBatches.MAX_ENTRIES, 1);
    }

    @Test
    void callsThatHangHoldUpNobodyForLong() {
        transport.holdAckBatches();
        ack("p1", 4);

        timer.advance(AckBatches.LONGEST_WAIT);

        assertThat(transport.ackBatches).containsExactly(1, 1, 2);
        ack("p1", 1);
        timer.advance(AckBatches.LONGEST_WAIT);
        assertThat(transport.ackBatches).containsExactly(1, 1, 2, 1);
    }

    @Test
    void eachProxyHasItsOwnCalls() {
        transport.holdAckBatches();
        ack("p1", 3);
        ack("p2", 1);

        assertThat(transport.ackBatches).containsExactly(1, 1, 1);
    }

    @Test
    void failureOfACallIsThatOfAllItsAcksAndTheNextGoes() {
        transport.holdAckBatches();
        ack("p1", 4);
        transport.nextAckBatch().complete(null);

        transport.nextAckBatch().complete(null);
        transport.nextAckBatch().completeExceptionally(new IllegalStateException("no answer"));

        assertThat(results.get(2)).isCompletedExceptionally();
        assertThat(results.get(3)).isCompletedExceptionally();
        ack("p1", 1);
        assertThat(transport.ackBatches).containsExactly(1, 1, 2, 1);
    }

    @Test
    void acksThatWaitAreSentWhenTheConsumerCloses() {
        transport.holdAckBatches();
        ack("p1", 4);

        acks.flush();

        assertThat(transport.ackBatches).containsExactly(1, 1, 2);
    }

    private void ack(String proxy, int number) {
        for (int i = 0; i < number; i++) {
            results.add(acks.ack(TestDelivery.of("topic", "m-" + results.size()).from(proxy)));
        }
    }
}
