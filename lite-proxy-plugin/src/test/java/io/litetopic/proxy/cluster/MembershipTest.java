package io.litetopic.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.runtime.InMemoryBroker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final BrokerQueue QUEUE = BrokerQueue.of("chat", "broker-a", 0);

    private final InMemoryBroker broker = new InMemoryBroker(QUEUE);
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    @Test
    void proxyThatStartsTakesPartSoonAfterItListens() {
        AtomicInteger refusals = new AtomicInteger(10);
        MemberProbe probe = new MemberProbe() {
            @Override
            public CompletableFuture<Answer> probe(String address) {
                return CompletableFuture.completedFuture(
                        refusals.getAndDecrement() > 0 ? Answer.REFUSES : Answer.ANSWERS);
            }

            @Override
            public void close() {}
        };
        String id = MemberId.of("host", "host:8081");

        try (Membership membership =
                new Membership("chat", id, broker, probe, "127.0.0.1:8081", scheduler, ClusterTimings.DEFAULT)) {
            membership.start();

            await().atMost(Duration.ofSeconds(6))
                    .untilAsserted(
                            () -> assertThat(membership.claimed(List.of(QUEUE))).containsExactly(QUEUE));
        }
    }
}
