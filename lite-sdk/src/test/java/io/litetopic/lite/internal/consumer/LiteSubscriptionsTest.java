package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.OffsetOption;
import io.litetopic.lite.internal.consumer.SubscriptionSync.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LiteSubscriptionsTest {

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final List<String> removed = new ArrayList<>();
    private final List<String> lost = new CopyOnWriteArrayList<>();
    private final LiteSubscriptions subscriptions = new LiteSubscriptions(transport, timer, removed::add, lost::add);
    private final ExecutorService otherThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void endThreads() throws InterruptedException {
        otherThread.shutdownNow();
        assertThat(otherThread.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void registersTheEmptySetAtStart() throws Exception {
        subscriptions.start();

        assertThat(transport.syncs).singleElement().satisfies(sync -> {
            assertThat(sync.action()).isEqualTo(Action.REPLACE);
            assertThat(sync.liteTopics()).isEmpty();
        });
    }

    @Test
    void startFailsWithWhatTheServerSaid() {
        transport.failures.add(new LitePluginMissingException("no plugin", null, null));

        assertThatThrownBy(subscriptions::start).isInstanceOf(LitePluginMissingException.class);
    }

    @Test
    void sendsTheWholeSetEvery30Seconds() throws Exception {
        subscriptions.start();
        subscriptions.subscribe("a", null);

        timer.advance(Duration.ofSeconds(60));

        assertThat(transport.syncs)
                .extracting(SubscriptionSync::action)
                .containsExactly(Action.REPLACE, Action.ADD, Action.REPLACE, Action.REPLACE);
        assertThat(transport.syncs.get(3).liteTopics()).containsExactly("a");
    }

    @Test
    void sendsTheWholeSetAgainSoonAfterThatFailed() throws Exception {
        subscriptions.start();
        transport.failures.add(new LiteException("unavailable", true, "id", null));

        timer.advance(Duration.ofSeconds(36));

        assertThat(transport.syncs).hasSize(3);
    }

    @Test
    void addsAndRemovesOneByOneAndOnlyOnce() throws Exception {
        subscriptions.subscribe("a", OffsetOption.MIN_OFFSET);
        subscriptions.subscribe("a", null);
        subscriptions.subscribe("b", null);
        subscriptions.unsubscribe("a");
        subscriptions.unsubscribe("a");
        subscriptions.unsubscribe("never");

        assertThat(transport.syncs)
                .extracting(SubscriptionSync::action)
                .containsExactly(Action.ADD, Action.ADD, Action.REMOVE);
        assertThat(transport.syncs.get(0).offsetOption()).isEqualTo(OffsetOption.MIN_OFFSET);
        assertThat(subscriptions.snapshot()).containsExactly("b");
        assertThat(removed).containsExactly("a");
    }

    @Test
    void setIsUnchangedWhenTheServerRefuses() throws Exception {
        subscriptions.subscribe("a", null);
        transport.failures.add(new LiteSubscriptionQuotaExceededException("quota reached", "id", null));
        assertThatThrownBy(() -> subscriptions.subscribe("b", null))
                .isInstanceOf(LiteSubscriptionQuotaExceededException.class);
        transport.failures.add(new LiteException("unavailable", true, "id", null));
        assertThatThrownBy(() -> subscriptions.unsubscribe("a")).hasMessageContaining("unavailable");

        assertThat(subscriptions.snapshot()).containsExactly("a");
        assertThat(removed).isEmpty();
    }

    @Test
    void sendsTheWholeSetAfterAFailureThatMayHaveChangedTheServersSet() throws Exception {
        transport.failures.add(new LiteException("timed out in the server", true, "id", null));

        assertThatThrownBy(() -> subscriptions.subscribe("a", null)).isInstanceOf(LiteException.class);

        assertThat(transport.syncs).extracting(SubscriptionSync::action).containsExactly(Action.ADD, Action.REPLACE);
    }

    @Test
    void sendsNothingMoreAfterARefusal() {
        transport.failures.add(new LiteSubscriptionQuotaExceededException("quota reached", "id", null));

        assertThatThrownBy(() -> subscriptions.subscribe("a", null)).isInstanceOf(LiteException.class);

        assertThat(transport.syncs).extracting(SubscriptionSync::action).containsExactly(Action.ADD);
    }

    @Test
    void snapshotDoesNotChangeAndCannotBeChanged() throws Exception {
        subscriptions.subscribe("a", null);
        Set<String> snapshot = subscriptions.snapshot();

        subscriptions.subscribe("b", null);

        assertThat(snapshot).containsExactly("a");
        assertThatThrownBy(() -> snapshot.add("c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void acceptsMessagesThatComeBeforeTheAddCallHasReturned() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        transport.heldSyncs.add(answer);
        Future<?> subscribing = otherThread.submit(() -> {
            subscriptions.subscribe("a", null);
            return null;
        });
        await().until(() -> transport.syncs.size() == 1);

        assertThat(subscriptions.accepts("a")).isTrue();
        assertThat(subscriptions.snapshot()).isEmpty();

        answer.complete(null);
        subscribing.get(5, TimeUnit.SECONDS);
        assertThat(subscriptions.snapshot()).containsExactly("a");
    }

    @Test
    void wholeSetWaitsForAChangeThatIsUnderWayAndHoldsItsOutcome() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        transport.heldSyncs.add(answer);
        Future<?> subscribing = otherThread.submit(() -> {
            subscriptions.subscribe("a", null);
            return null;
        });
        await().until(() -> transport.syncs.size() == 1);

        CompletableFuture<Void> sync = subscriptions.syncAll();
        assertThat(transport.syncs).hasSize(1);
        answer.complete(null);
        subscribing.get(5, TimeUnit.SECONDS);

        sync.get(5, TimeUnit.SECONDS);
        assertThat(transport.syncs.get(1).liteTopics()).containsExactly("a");
    }

    @Test
    void changeWaitsForTheWholeSetThatIsUnderWay() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        transport.heldSyncs.add(answer);
        CompletableFuture<Void> sync = subscriptions.syncAll();
        Future<?> subscribing = otherThread.submit(() -> {
            subscriptions.subscribe("a", null);
            return null;
        });
        await().during(Duration.ofMillis(50)).until(() -> transport.syncs.size() == 1);

        answer.complete(null);

        subscribing.get(5, TimeUnit.SECONDS);
        assertThat(sync).isCompleted();
        assertThat(transport.syncs).extracting(SubscriptionSync::action).containsExactly(Action.REPLACE, Action.ADD);
    }

    @Test
    void refusesChangesOnceClosed() {
        subscriptions.close();

        assertThatThrownBy(() -> subscriptions.subscribe("a", null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(transport.syncs).isEmpty();
    }

    @Nested
    class EndedByTheServer {
        @Test
        void leavesTheSetAndIsToldOnce() throws Exception {
            subscribeLongAgo("a");
            subscribeLongAgo("b");

            subscriptions.lost("a");
            subscriptions.lost("a");
            subscriptions.lost("never");
            assertThat(subscriptions.syncAll()).isCompleted();

            assertThat(lost).containsExactly("a");
            assertThat(subscriptions.snapshot()).containsExactly("b");
            assertThat(subscriptions.accepts("a")).isFalse();
            assertThat(lastSync().liteTopics()).containsExactly("b");
            assertThat(removed).isEmpty();
        }

        @Test
        void isToldAgainAfterTheApplicationSubscribedAgain() throws Exception {
            subscribeLongAgo("a");
            subscriptions.lost("a");
            subscribeLongAgo("a");

            subscriptions.lost("a");

            assertThat(lost).containsExactly("a", "a");
            assertThat(subscriptions.snapshot()).isEmpty();
        }

        @Test
        void lateWordAboutAFormerSubscriptionDoesNotEndTheNewOne() throws Exception {
            subscribeLongAgo("a");
            subscriptions.lost("a");
            subscriptions.subscribe("a", null);

            subscriptions.lost("a"); // said twice, and the second time came late
            timer.advance(LiteSubscriptions.LATELY);

            assertThat(lost).containsExactly("a");
            assertThat(subscriptions.snapshot()).containsExactly("a");
            assertThat(lastSync().action()).isEqualTo(Action.REPLACE);
            assertThat(lastSync().liteTopics()).containsExactly("a");
        }

        @Test
        void lossSoonAfterSubscribingIsBelievedWhenTheServerSaysItAgain() throws Exception {
            subscriptions.subscribe("a", null);
            subscriptions.lost("a");
            subscriptions.lost("a");
            assertThat(lost).isEmpty();
            timer.advance(LiteSubscriptions.LATELY);
            assertThat(lastSync().action()).isEqualTo(Action.REPLACE);

            subscriptions.lost("a"); // its answer to the whole set

            assertThat(lost).containsExactly("a");
            assertThat(subscriptions.snapshot()).isEmpty();
        }

        @Test
        void oneWholeSetIsSentForManyDoubts() throws Exception {
            for (int i = 0; i < 100; i++) {
                subscriptions.subscribe("lite-" + i, null);
            }
            for (int i = 0; i < 100; i++) {
                subscriptions.lost("lite-" + i);
            }
            assertThat(transport.syncs).hasSize(100);

            timer.advance(LiteSubscriptions.LATELY);

            assertThat(transport.syncs).hasSize(101);
            assertThat(lastSync().liteTopics()).hasSize(100);
            assertThat(lost).isEmpty();
        }

        @Test
        void wordThatComesWhileTheLiteTopicIsBeingAddedIsCheckedAfterwards() throws Exception {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            Future<?> subscribing = whileUnderWay(answer, () -> subscriptions.subscribe("a", null));
            subscriptions.lost("a");
            assertThat(lost).isEmpty();

            answer.complete(null);
            subscribing.get(5, TimeUnit.SECONDS);

            assertThat(subscriptions.snapshot()).containsExactly("a");
            timer.advance(LiteSubscriptions.LATELY);
            assertThat(lastSync().action()).isEqualTo(Action.REPLACE);
            assertThat(lastSync().liteTopics()).containsExactly("a");
            subscriptions.lost("a");
            assertThat(lost).containsExactly("a");
        }

        @Test
        void wordThatComesWhileAnAddIsRefusedIsNoLoss() throws Exception {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            Future<?> subscribing = whileUnderWay(answer, () -> subscriptions.subscribe("a", null));
            subscriptions.lost("a");

            answer.completeExceptionally(new LiteException("forbidden", false, "id", null));

            assertThatThrownBy(() -> subscribing.get(5, TimeUnit.SECONDS)).hasMessageContaining("forbidden");
            assertThat(lost).isEmpty();
            assertThat(subscriptions.snapshot()).isEmpty();
        }

        @Test
        void wordThatComesWhileTheApplicationUnsubscribesIsNoLoss() throws Exception {
            subscribeLongAgo("a");
            CompletableFuture<Void> answer = new CompletableFuture<>();
            Future<?> unsubscribing = whileUnderWay(answer, () -> subscriptions.unsubscribe("a"));
            subscriptions.lost("a");

            answer.complete(null);
            unsubscribing.get(5, TimeUnit.SECONDS);
            subscriptions.lost("a");

            assertThat(lost).isEmpty();
            assertThat(removed).containsExactly("a");
        }

        @Test
        void lossCountsWhenTheApplicationFailsToUnsubscribe() throws Exception {
            subscribeLongAgo("a");
            CompletableFuture<Void> answer = new CompletableFuture<>();
            Future<?> unsubscribing = whileUnderWay(answer, () -> subscriptions.unsubscribe("a"));
            subscriptions.lost("a");

            answer.completeExceptionally(new LiteException("timed out in the server", true, "id", null));

            assertThatThrownBy(() -> unsubscribing.get(5, TimeUnit.SECONDS)).hasMessageContaining("timed out");
            await().until(() -> !lost.isEmpty());
            assertThat(lost).containsExactly("a");
            assertThat(subscriptions.snapshot()).isEmpty();
        }

        @Test
        void wordThatComesWhileTheWholeSetIsOnItsWayCountsOnce() throws Exception {
            subscribeLongAgo("a");
            CompletableFuture<Void> answer = new CompletableFuture<>();
            transport.heldSyncs.add(answer);
            CompletableFuture<Void> wholeSet = subscriptions.syncAll();
            subscriptions.lost("a");
            Future<?> subscribing = otherThread.submit(() -> {
                subscriptions.subscribe("a", null);
                return null;
            });

            subscriptions.lost("a"); // the server's word about the whole set
            answer.complete(null);
            subscribing.get(5, TimeUnit.SECONDS);

            assertThat(wholeSet).isCompleted();
            assertThat(lost).containsExactly("a");
            assertThat(subscriptions.snapshot()).containsExactly("a");
            assertThat(transport.syncs)
                    .extracting(SubscriptionSync::action)
                    .containsExactly(Action.ADD, Action.REPLACE, Action.ADD);
        }

        @Test
        void nobodyIsToldOnceClosed() throws Exception {
            subscribeLongAgo("a");
            subscriptions.close();

            subscriptions.lost("a");

            assertThat(lost).isEmpty();
        }

        @Test
        void asksForWhatItMayHaveMissedWhenTheServerCanReachItAgain() throws Exception {
            subscriptions.reachable();
            assertThat(transport.syncs).isEmpty();
            subscriptions.subscribe("a", null);

            subscriptions.reachable();

            assertThat(lastSync().action()).isEqualTo(Action.REPLACE);
        }

        /** As long ago as makes it sure that a word of the server is not about a former subscription. */
        private void subscribeLongAgo(String liteTopic) throws Exception {
            subscriptions.subscribe(liteTopic, null);
            timer.advance(LiteSubscriptions.LATELY);
        }
    }

    @Nested
    class WildcardGroup {
        @Test
        void consumerThatNeverSubscribedAcceptsWhatTheServerSends() throws Exception {
            subscriptions.start();

            assertThat(subscriptions.accepts("any")).isTrue();
        }

        @Test
        void refusalOfASubscribeIsPassedOnAndChangesNothing() {
            transport.failures.add(new LiteException("wildcard group, nothing to subscribe to", false, "id", null));

            assertThatThrownBy(() -> subscriptions.subscribe("a", null))
                    .isInstanceOf(LiteException.class)
                    .hasMessageContaining("wildcard group");

            assertThat(subscriptions.accepts("a")).isTrue();
            assertThat(subscriptions.accepts("b")).isTrue();
        }

        @Test
        void unsubscribeDoesNothing() throws Exception {
            subscriptions.unsubscribe("a");

            assertThat(transport.syncs).isEmpty();
            assertThat(subscriptions.accepts("a")).isTrue();
        }

        @Test
        void subscribeWithAnUnknownOutcomeRefusesItsLiteTopicUntilBothSidesAgree() {
            transport.heldSyncs.add(
                    CompletableFuture.failedFuture(new LiteException("timed out in the server", true, "id", null)));
            CompletableFuture<Void> wholeSet = new CompletableFuture<>();
            transport.heldSyncs.add(wholeSet);

            assertThatThrownBy(() -> subscriptions.subscribe("a", null)).isInstanceOf(LiteException.class);
            assertThat(subscriptions.accepts("a")).isFalse();
            assertThat(subscriptions.accepts("b")).isTrue();

            wholeSet.complete(null);
            assertThat(subscriptions.accepts("a")).isTrue();
        }
    }

    @Test
    void lateMessagesAreNotAcceptedAfterTheLastUnsubscribe() throws Exception {
        subscriptions.subscribe("a", null);
        subscriptions.unsubscribe("a");

        assertThat(subscriptions.accepts("a")).isFalse();
        assertThat(subscriptions.accepts("b")).isFalse();
    }

    @Test
    void offsetOptionIsNotSentAgainForALiteTopicThatIsSubscribed() throws Exception {
        subscriptions.subscribe("a", OffsetOption.ofTailN(3));
        subscriptions.subscribe("a", OffsetOption.MIN_OFFSET);

        assertThat(transport.syncs)
                .singleElement()
                .extracting(SubscriptionSync::offsetOption)
                .isEqualTo(OffsetOption.ofTailN(3));
    }

    private SubscriptionSync lastSync() {
        return transport.syncs.get(transport.syncs.size() - 1);
    }

    /** Starts a change on another thread and returns when the server has it, but has not answered. */
    private Future<?> whileUnderWay(CompletableFuture<Void> answer, Change change) {
        int syncsBefore = transport.syncs.size();
        transport.heldSyncs.add(answer);
        Future<?> result = otherThread.submit(() -> {
            change.make();
            return null;
        });
        await().until(() -> transport.syncs.size() > syncsBefore);
        return result;
    }

    private interface Change {
        void make() throws Exception;
    }
}
