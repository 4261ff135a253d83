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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiteSubscriptionsTest {

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final List<String> removed = new ArrayList<>();
    private final LiteSubscriptions subscriptions = new LiteSubscriptions(transport, timer, removed::add);
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
        transport.failures.add(new LiteException("unavailable", true, null, null));

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
        transport.failures.add(new LiteException("unavailable", true, null, null));
        assertThatThrownBy(() -> subscriptions.unsubscribe("a")).hasMessageContaining("unavailable");

        assertThat(subscriptions.snapshot()).containsExactly("a");
        assertThat(removed).isEmpty();
    }

    @Test
    void sendsTheWholeSetAfterAFailureThatMayHaveChangedTheServersSet() throws Exception {
        transport.failures.add(new LiteException("deadline exceeded", true, null, null));

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
}
