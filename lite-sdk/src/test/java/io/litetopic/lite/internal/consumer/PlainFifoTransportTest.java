package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageView;
import io.litetopic.lite.internal.consumer.FakeTransport.Receive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The loop over a server without plugin, in virtual time. Lite topics {@code q1.a} and {@code q1.b} are in queue {@code q1}. */
class PlainFifoTransportTest {

    private final FakeTransport server = new FakeTransport();
    private final ManualTimer timer = new ManualTimer();
    private final HandCrankedWorkers workers = new HandCrankedWorkers();
    private final List<String> consumed = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final PlainFifoTransport plain = new PlainFifoTransport(server, timer);
    private Function<MessageView, ConsumeResult> listener = message -> ConsumeResult.SUCCESS;
    private final ConsumerLoop loop = new ConsumerLoop(
            ConsumerSettings.of("bind-topic", "workers", 5, 1_000, 100_000),
            ListenerCalls.blocking(message -> {
                consumed.add(message.getMessageId() + "#" + message.getDeliveryAttempt());
                return listener.apply(message);
            }),
            plain,
            timer,
            workers,
            queue -> true,
            proxy -> CompletableFuture.completedFuture(null));

    @BeforeEach
    void start() {
        loop.start();
    }

    @Test
    void handlesAWholeQueueInOrderAndDifferentQueuesSideBySide() {
        deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"), TestDelivery.of("q2.c", "3"));

        assertThat(workers.waiting()).isEqualTo(2);
        workers.runAll();
        assertThat(consumed).containsExactly("1#1", "2#1", "3#1");
        assertThat(server.calls).containsExactly("ack 1", "ack 2", "ack 3");
    }

    @Test
    void showsTheLiteTopicAndHidesThePropertiesThatCarryIt() {
        List<MessageView> views = new ArrayList<>();
        listener = message -> {
            views.add(message);
            return ConsumeResult.SUCCESS;
        };

        deliver(TestDelivery.of("q1.a", "1"));
        workers.runAll();

        assertThat(views.get(0).getLiteTopic()).hasValue("q1.a");
        assertThat(views.get(0).getProperties()).isEmpty();
    }

    @Nested
    class Suspend {
        @Test
        void holdsTheQueueForExactlyItsTimeAndIsNoAttempt() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofMillis(500)));
            seen.add("2");
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));
            workers.runAll();

            timer.advance(Duration.ofMillis(499));
            workers.runAll();
            assertThat(consumed).containsExactly("1#1");

            timer.advance(Duration.ofMillis(1));
            workers.runAll();
            assertThat(consumed).containsExactly("1#1", "1#1", "2#1");
            assertThat(server.calls).containsExactly("ack 1", "ack 2");
        }

        @Test
        void holdsNoOtherQueueAndNoWorker() {
            listener = message -> message.getLiteTopic().orElseThrow().startsWith("q1")
                    ? ConsumeResultSuspend.of(Duration.ofHours(1))
                    : ConsumeResult.SUCCESS;
            deliver(TestDelivery.of("q1.a", "1"));
            workers.runAll();

            deliver(TestDelivery.of("q2.a", "2"), TestDelivery.of("q3.a", "3"));
            workers.runAll();

            assertThat(consumed).containsExactly("1#1", "2#1", "3#1");
            assertThat(askedFor()).isEqualTo(5);
        }

        @Test
        void leavesTheServerAloneWhileTheLeaseLastsLongEnough() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofSeconds(5)));
            deliver(TestDelivery.of("q1.a", "1"));
            workers.runAll();

            assertThat(server.calls).isEmpty();
        }

        @Test
        void hidesTheQueueFromOthersUntilAfterItsTime() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofHours(1)));
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));

            workers.runAll();

            assertThat(server.calls).containsExactly("change 1 PT1H30S", "change 2 PT1H30S");
            timer.advance(Duration.ofHours(1).minusSeconds(1));
            assertThat(server.calls).hasSize(2);
        }

        @Test
        void isCutAtWhatAStockServerCanKeep() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofDays(2)));
            deliver(TestDelivery.of("q1.a", "1"));
            workers.runAll();

            assertThat(server.calls).containsExactly("change 1 PT11H59M30S");
            timer.advance(PlainFifoTransport.MAX_REST);
            workers.runAll();
            assertThat(consumed).containsExactly("1#1", "1#1");
        }

        @Test
        void goesOnWithTheLeaseRenewedWhenNoWorkerIsFreeAtItsEnd() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofSeconds(1)));
            deliver(TestDelivery.of("q1.a", "1"));
            workers.runAll();
            deliver(
                    TestDelivery.of("q2.a", "2"),
                    TestDelivery.of("q3.a", "3"),
                    TestDelivery.of("q4.a", "4"),
                    TestDelivery.of("q5.a", "5"),
                    TestDelivery.of("q6.a", "6"));

            timer.advance(Duration.ofSeconds(60));
            assertThat(server.calls).contains("change 1 PT30S");
            listener = message -> ConsumeResult.SUCCESS;
            workers.runAll();

            assertThat(consumed).endsWith("1#1");
            assertThat(server.calls).endsWith("ack 1");
        }

        @Test
        void isNotOverForAQueueThatTheServerDeliversAgain() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofSeconds(5)));
            deliver(TestDelivery.of("q1.a", "1"));
            workers.runAll();

            deliver(TestDelivery.of("q1.a", "1").withAttempt(2));
            workers.runAll();
            assertThat(consumed).containsExactly("1#1");

            timer.advance(Duration.ofSeconds(5));
            workers.runAll();
            assertThat(consumed).containsExactly("1#1", "1#2");
        }
    }

    @Nested
    class Failure {
        @Test
        void isTriedAgainHereAndCountsForTheFailedMessageOnly() {
            listener = firstTime(ConsumeResult.FAILURE);
            seen.add("2");
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));
            workers.runAll();

            timer.advance(Duration.ofSeconds(1));
            workers.runAll();

            assertThat(consumed).containsExactly("1#1", "1#2", "2#1");
            assertThat(server.calls).containsExactly("ack 1", "ack 2");
        }

        @Test
        void becomesADeadLetterAfterTheLastAttemptAndTheQueueGoesOn() {
            server.stockFacts = StockFacts.of(true, 2, Set.of("FIFO"));
            listener = message ->
                    message.getMessageId().toString().equals("1") ? ConsumeResult.FAILURE : ConsumeResult.SUCCESS;
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));
            workers.runAll();

            timer.advance(Duration.ofSeconds(1));
            workers.runAll();

            assertThat(consumed).containsExactly("1#1", "1#2", "2#1");
            assertThat(server.calls).containsExactly("dead letter 1", "ack 2");
        }

        @Test
        void waitsWithItsQueueUntilTheDeadLetterIsStored() {
            server.stockFacts = StockFacts.of(true, 1, Set.of("FIFO"));
            listener = firstTime(ConsumeResult.FAILURE);
            seen.add("2");
            server.failures.add(FakeTransport.noAnswer("p1"));
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));
            workers.runAll();
            assertThat(consumed).containsExactly("1#1");

            timer.advance(Duration.ofMillis(100));
            workers.runAll();

            assertThat(consumed).containsExactly("1#1", "2#1");
            assertThat(server.calls).containsExactly("dead letter 1", "dead letter 1", "ack 2");
        }
    }

    @Nested
    class Close {
        @Test
        void givesBackWhatRestsForTheTimeThatIsLeft() {
            listener = firstTime(ConsumeResultSuspend.of(Duration.ofSeconds(5)));
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));
            workers.runAll();
            timer.advance(Duration.ofSeconds(2));

            loop.stop();

            assertThat(server.calls).containsExactly("change 1 PT3S", "change 2 PT3S");
            timer.advance(Duration.ofHours(1));
            assertThat(consumed).containsExactly("1#1");
        }

        @Test
        void givesBackEveryMessageThatTheListenerHasNotSeen() {
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));

            loop.stop();

            assertThat(server.calls).containsExactly("change 1 PT0.01S", "change 2 PT0.01S");
        }

        @Test
        void waitsForReceiveCallsThatTheBrokerWouldAnswerToNobodyAndGivesBackWhatTheyBring() throws Exception {
            loop.stop();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(plain::close);
            assertThat(server.stopped).isFalse();

            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));

            closing.get(10, TimeUnit.SECONDS);
            assertThat(consumed).isEmpty();
            assertThat(server.calls).containsExactly("change 1 PT0.01S", "change 2 PT0.01S");
            assertThat(server.closed).isTrue();
        }

        @Test
        void tellsTheServerOfASuspendThatCameDuringIt() {
            listener = message -> {
                loop.stop();
                return ConsumeResultSuspend.of(Duration.ofSeconds(7));
            };
            deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));

            workers.runAll();

            assertThat(server.calls).contains("change 2 PT0.01S", "change 1 PT7S");
        }
    }

    @Test
    void whatItsServerHasLostIsLeftToTheServer() {
        listener = firstTime(ConsumeResultSuspend.of(Duration.ofHours(1)));
        server.failures.add(new DeliveryGoneException("expired", "request-1", null));
        deliver(TestDelivery.of("q1.a", "1"));
        workers.runAll();

        timer.advance(Duration.ofHours(1));
        workers.runAll();

        assertThat(consumed).containsExactly("1#1");
    }

    @Test
    void refusesAProxyThatHasThePluginNow() {
        server.withoutPlugin.add("p1");
        assertThat(plain.syncSubscription("p1", SubscriptionSync.replace(new HashSet<>())))
                .isCompleted();

        server.withoutPlugin.clear();

        assertThatThrownBy(plain.syncSubscription("p1", SubscriptionSync.replace(new HashSet<>()))::join)
                .hasMessageContaining("has the plugin now")
                .hasMessageContaining("build it again");
    }

    private Function<MessageView, ConsumeResult> firstTime(ConsumeResult result) {
        return message -> seen.add(message.getMessageId().toString()) ? result : ConsumeResult.SUCCESS;
    }

    private void deliver(TestDelivery... deliveries) {
        server.nextReceive().deliver(deliveries);
    }

    private int askedFor() {
        int sum = 0;
        while (server.waitingReceives() > 0) {
            Receive receive = server.nextReceive();
            sum += receive.max();
        }
        return sum;
    }
}
