package io.litetopic.proxy.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LiteTopicRegistryTest {
    private final LiteTopicRegistry registry = new LiteTopicRegistry(2, Long.MAX_VALUE);

    @Test
    void refusesOnlyTheSendThatWouldCreateOneTooMany() {
        assertThat(registry.sendStarts("a")).isTrue();
        assertThat(registry.sendStarts("b")).isTrue();

        assertThat(registry.sendStarts("c")).isFalse();
        assertThat(registry.sendStarts("a")).as("exists").isTrue();
    }

    @Test
    void refusedSendFreesItsPlace() {
        registry.sendStarts("a");
        registry.sendEnded("a", false);

        assertThat(registry.count()).isZero();
    }

    @Test
    void countsFromTheSendUntilTheLastGroupForgets() {
        registry.sendStarts("a");
        registry.sendEnded("a", true);
        assertThat(registry.count()).as("stored, not read yet").isEqualTo(1);

        registry.groupKnows("a");
        registry.groupKnows("a");
        registry.groupForgets("a");
        assertThat(registry.count()).isEqualTo(1);

        registry.groupForgets("a");
        assertThat(registry.count()).isZero();
    }

    @Test
    void groupMayReadTheMessageBeforeTheSenderHasItsAnswer() {
        registry.sendStarts("a");
        registry.groupKnows("a");
        registry.sendEnded("a", true);
        registry.groupForgets("a");

        assertThat(registry.count()).isZero();
    }

    @Test
    void nameThatNobodyReadsFreesItsPlaceAfterAWhileOnceTheQuotaIsFull() {
        AtomicLong now = new AtomicLong();
        LiteTopicRegistry ageing = new LiteTopicRegistry(2, Long.MAX_VALUE, now::get);
        ageing.sendStarts("failed");
        ageing.sendEnded("failed", true);
        ageing.groupKnows("read");

        now.addAndGet(TimeUnit.MINUTES.toNanos(4));
        assertThat(ageing.sendStarts("new")).as("may still be read").isFalse();

        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(ageing.sendStarts("new")).isTrue();
        assertThat(ageing.sendStarts("another"))
                .as("what is read or under way stays")
                .isFalse();
    }

    @Test
    void nameThatNobodyReadsFreesItsPlaceNoLaterThanItsMessagesExpire() {
        AtomicLong now = new AtomicLong();
        LiteTopicRegistry ageing = new LiteTopicRegistry(1, TimeUnit.SECONDS.toNanos(30), now::get);
        ageing.sendStarts("failed");
        ageing.sendEnded("failed", true);

        now.addAndGet(TimeUnit.SECONDS.toNanos(30));

        assertThat(ageing.sendStarts("new")).isTrue();
    }

    @Test
    void allGroupsGetTheSameInstanceOfAName() {
        registry.sendStarts("a");

        String first = registry.groupKnows(new String("a".toCharArray()));
        String second = registry.groupKnows(new String("a".toCharArray()));

        assertThat(second).isSameAs(first).isEqualTo("a");
    }

    @Test
    void nameThatIsSentAgainWaitsToBeReadFromItsLastSendOn() {
        AtomicLong now = new AtomicLong();
        LiteTopicRegistry ageing = new LiteTopicRegistry(2, Long.MAX_VALUE, now::get);
        ageing.sendStarts("repeated");
        ageing.sendEnded("repeated", true);
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        ageing.sendStarts("once");
        ageing.sendEnded("once", true);
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        ageing.sendStarts("repeated");
        ageing.sendEnded("repeated", true);

        now.addAndGet(TimeUnit.MINUTES.toNanos(4));

        assertThat(ageing.sendStarts("new"))
                .as("in the place of the one sent once")
                .isTrue();
        assertThat(ageing.sendStarts("newer")).isFalse();
    }

    @Test
    void oneOfManyRacingSendersGetsTheLastPlace() throws Exception {
        int senders = 64;
        ExecutorService pool = Executors.newFixedThreadPool(senders);
        try {
            for (int round = 0; round < 50; round++) {
                registry.sendStarts("first");
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Boolean>> sends = new ArrayList<>();
                for (int sender = 0; sender < senders; sender++) {
                    String name = "racer-" + sender;
                    sends.add(pool.submit(() -> {
                        start.await();
                        return registry.sendStarts(name);
                    }));
                }
                start.countDown();
                List<String> accepted = new ArrayList<>();
                for (int sender = 0; sender < senders; sender++) {
                    if (sends.get(sender).get()) {
                        accepted.add("racer-" + sender);
                    }
                }

                assertThat(accepted).hasSize(1);
                registry.sendEnded(accepted.get(0), false);
                registry.sendEnded("first", false);
                assertThat(registry.count()).isZero();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void holdsWhileManySendersRaceForTheLastPlaces() throws Exception {
        int senders = 64;
        LiteTopicRegistry contended = new LiteTopicRegistry(100, Long.MAX_VALUE);
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(senders);
        try {
            List<Future<Integer>> accepted = new ArrayList<>();
            for (int sender = 0; sender < senders; sender++) {
                int id = sender;
                accepted.add(pool.submit(() -> {
                    start.await();
                    int created = 0;
                    for (int i = 0; i < 50; i++) {
                        String name = id + "-" + i;
                        if (contended.sendStarts(name)) {
                            contended.sendEnded(name, true);
                            created++;
                        }
                    }
                    return created;
                }));
            }
            start.countDown();
            int total = 0;
            for (Future<Integer> future : accepted) {
                total += future.get();
            }
            assertThat(total).isEqualTo(100);
            assertThat(contended.count()).isEqualTo(100);
        } finally {
            pool.shutdownNow();
        }
    }
}
