package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimpleReceiverTest {

    private static final Duration INVISIBLE = Duration.ofSeconds(10);
    private static final Duration AWAIT = Duration.ofSeconds(5);

    private final FakeTransport transport = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final LiteSubscriptions subscriptions = new LiteSubscriptions(transport, timer, topic -> {}, topic -> {});
    private final SimpleReceiver receiver = new SimpleReceiver(transport, timer, subscriptions, "workers");

    @BeforeEach
    void subscribe() throws Exception {
        subscriptions.start();
        for (String liteTopic : List.of("a", "b", "c")) {
            subscriptions.subscribe(liteTopic, null);
        }
        transport.syncs.clear();
        transport.syncProxies.clear();
    }

    @Test
    void asksAsTheApplicationDoes() {
        receiver.start();

        CompletableFuture<List<Delivery>> received = receiver.receive(3, INVISIBLE, AWAIT);

        FakeTransport.Receive call = transport.nextReceive();
        assertThat(call.max()).isEqualTo(3);
        assertThat(call.invisibleDuration()).isEqualTo(INVISIBLE);
        assertThat(call.longPollingTimeout()).isEqualTo(AWAIT);
        call.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("b", "b1"));
        assertThat(ids(received)).containsExactly("a1", "b1");
    }

    @Test
    void returnsNothingWhenTheAwaitDurationIsOver() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        timer.advance(AWAIT);
        assertThat(received).isNotDone();
        transport.nextReceive().deliver();

        assertThat(ids(received)).isEmpty();
        assertThat(transport.waitingReceives()).isZero();
    }

    @Test
    void goesOnWithAFurtherLongPoll() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, Duration.ofSeconds(40));

        FakeTransport.Receive first = transport.nextReceive();
        assertThat(first.longPollingTimeout()).isEqualTo(Receiver.LONG_POLL);
        timer.advance(Receiver.LONG_POLL);
        first.deliver();
        FakeTransport.Receive second = transport.nextReceive();
        second.deliver(TestDelivery.of("a", "a1"));

        assertThat(ids(received)).containsExactly("a1");
    }

    @Test
    void doesNotHammerAProxyThatDoesNotWait() {
        receiver.start();
        assertThat(receiver.receive(1, INVISIBLE, AWAIT)).isNotDone();

        transport.nextReceive().deliver();

        assertThat(transport.waitingReceives()).isZero();
        timer.advance(Duration.ofMillis(5));
        assertThat(transport.waitingReceives()).isOne();
    }

    @Test
    void givesUpOnAProxyThatDoesNotAnswerInTime() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        timer.advance(AWAIT.plus(SimpleReceiver.LATE_ANSWER));
        assertThat(ids(received)).isEmpty();
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

        assertThat(ids(receiver.receive(1, INVISIBLE, AWAIT)))
                .as("what came late is for the next call")
                .containsExactly("a1");
        assertThat(transport.calls).isEmpty();
    }

    @Test
    void givesBackWhatNobodyWants() {
        receiver.start();
        CompletableFuture<List<Delivery>> cancelled = receiver.receive(1, INVISIBLE, AWAIT);
        FakeTransport.Receive call = transport.nextReceive();
        assertThat(cancelled.cancel(false)).isTrue();

        call.deliver(TestDelivery.of("a", "a1"));
        assertThat(transport.calls).isEmpty();
        timer.advance(SimpleReceiver.SPARE);

        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void givesBackWhatCameForALiteTopicThatIsNotSubscribedAnyMore() throws Exception {
        receiver.start();
        subscriptions.unsubscribe("a");
        CompletableFuture<List<Delivery>> received = receiver.receive(3, INVISIBLE, AWAIT);

        transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

        assertThat(received).isNotDone();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void keepsDamagedMessagesAndThoseBehindThemFromTheApplication() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(5, INVISIBLE, AWAIT);

        transport
                .nextReceive()
                .deliver(
                        TestDelivery.of("a", "a1").corrupted(), TestDelivery.of("a", "a2"), TestDelivery.of("b", "b1"));

        assertThat(ids(received)).containsExactly("b1");
        assertThat(transport.calls).as("they come again by themselves").isEmpty();
    }

    @Test
    void callsWithDifferentInvisibleDurationsShareNothing() {
        receiver.start();
        CompletableFuture<List<Delivery>> shortOne = receiver.receive(1, Duration.ofSeconds(1), AWAIT);
        CompletableFuture<List<Delivery>> longOne = receiver.receive(1, INVISIBLE, AWAIT);

        FakeTransport.Receive first = transport.nextReceive();
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

        assertThat(first.invisibleDuration()).isEqualTo(Duration.ofSeconds(1));
        assertThat(shortOne).isNotDone();
        assertThat(ids(longOne)).containsExactly("a1");
    }

    @Test
    void tellsTheApplicationWhatAServerRefusesForGood() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        transport.nextReceive().fail(new LiteException("forbidden", false, "request-1", null));

        assertThatThrownBy(() -> received.get()).hasRootCauseMessage("forbidden [request-id=request-1]");
    }

    @Test
    void waitsOutARefusalThatMayPass() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        transport.nextReceive().fail(new LiteException("too many requests", true, "request-1", null));
        assertThat(transport.waitingReceives()).isZero();
        timer.advance(Duration.ofMillis(100));
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

        assertThat(ids(received)).containsExactly("a1");
    }

    @Test
    void sendsTheSubscriptionsAgainBeforeItReceivesFromAServerThatHasForgottenThem() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        transport.nextReceive().fail(new ClientUnknownException("unknown client", "request-1", null));

        assertThat(transport.syncs)
                .singleElement()
                .satisfies(sync -> assertThat(sync.liteTopics()).containsExactlyInAnyOrder("a", "b", "c"));
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        assertThat(ids(received)).containsExactly("a1");
    }

    @Test
    void failsWithTheReasonIfNoProxyCouldBeReached() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);
        transport.dead.add("p1");

        transport.nextReceive().fail(FakeTransport.noAnswer("p1"));
        timer.advance(AWAIT);

        assertThatThrownBy(() -> received.get())
                .hasCauseInstanceOf(LiteException.class)
                .hasMessageContaining("no answer of p1")
                .hasMessageContaining("try again");
        transport.dead.clear();
        timer.advance(Duration.ofSeconds(1));
        CompletableFuture<List<Delivery>> next = receiver.receive(1, INVISIBLE, AWAIT);
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        assertThat(ids(next)).containsExactly("a1");
    }

    @Test
    void rejoinsAProxyThatBreaksAgainAndAgainMoreAndMoreSlowly() {
        receiver.start();
        assertThat(receiver.receive(1, INVISIBLE, AWAIT)).isNotDone();

        transport.nextReceive().fail(FakeTransport.noAnswer("p1"));
        transport.nextReceive().fail(FakeTransport.noAnswer("p1"));

        assertThat(transport.waitingReceives()).isZero();
        timer.advance(Duration.ofMillis(200));
        assertThat(transport.waitingReceives()).isOne();
    }

    @Test
    void asksAllProxiesForOneAndTakesTheFirstAnswer() {
        transport.proxies = Set.of("p1", "p2");
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(10, INVISIBLE, AWAIT);
        assertThat(transport.receives).extracting(FakeTransport.Receive::proxy).containsExactlyInAnyOrder("p1", "p2");
        assertThat(transport.receives).extracting(FakeTransport.Receive::max).containsExactly(1, 1);

        transport.nextReceive("p2").deliver(TestDelivery.of("a", "a1").from("p2"));

        assertThat(ids(received)).containsExactly("a1");
        CompletableFuture<List<Delivery>> next = receiver.receive(10, INVISIBLE, AWAIT);
        FakeTransport.Receive more = transport.nextReceive("p2");
        assertThat(more.max()).as("the other one is asked for one already").isEqualTo(9);
        assertThat(more.longPollingTimeout()).isEqualTo(Receiver.SHORT_POLL);
        transport.nextReceive("p1").deliver(TestDelivery.of("b", "b1"));
        assertThat(ids(next)).containsExactly("b1");
        more.deliver(TestDelivery.of("a", "a2").from("p2"));
        assertThat(ids(receiver.receive(10, INVISIBLE, AWAIT))).containsExactly("a2");
    }

    @Test
    void asksOneThatHadMessagesAloneUnlessItDoesNotAnswer() {
        transport.proxies = Set.of("p1", "p2");
        receiver.start();
        CompletableFuture<List<Delivery>> first = receiver.receive(1, INVISIBLE, AWAIT);
        transport.nextReceive("p1").deliver(TestDelivery.of("a", "a1"));
        assertThat(ids(first)).containsExactly("a1");
        transport.nextReceive("p2").deliver();
        timer.advance(Duration.ofSeconds(1));

        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);
        assertThat(transport.receives)
                .singleElement()
                .extracting(FakeTransport.Receive::proxy)
                .isEqualTo("p1");
        timer.advance(SimpleReceiver.HEAD_START);
        transport.nextReceive("p2").deliver(TestDelivery.of("b", "b1").from("p2"));

        assertThat(ids(received)).containsExactly("b1");
    }

    @Test
    void followsTheRoute() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);
        transport.proxies = Set.of("p2");

        receiver.routeChanged(Set.of("p2"));
        transport
                .nextReceive("p1")
                .fail(FakeTransport.noAnswer("p1")); // which the transport does with calls to one that left

        assertThat(transport.syncProxies).containsExactly("p2");
        transport.nextReceive("p2").deliver(TestDelivery.of("a", "a1").from("p2"));
        assertThat(ids(received)).containsExactly("a1");
    }

    @Test
    void closeFailsWhoeverWaits() {
        receiver.start();
        CompletableFuture<List<Delivery>> received = receiver.receive(1, INVISIBLE, AWAIT);

        receiver.close();

        assertThatThrownBy(() -> received.get())
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("consumer is closed");
        assertThatThrownBy(() -> receiver.receive(1, INVISIBLE, AWAIT).get())
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    private static List<String> ids(CompletableFuture<List<Delivery>> deliveries) {
        assertThat(deliveries).isCompleted();
        return deliveries.join().stream().map(Delivery::toString).toList();
    }
}
