package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.ConsumeResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** The listener is called on threads of the application. */
class ConsumptionExecutorTest {

    private static final ConsumerSettings SETTINGS =
            ConsumerSettings.of("bind-topic", "workers", 5, 100, 10_000).with(0, 5);

    private final LoopFixture fixture = new LoopFixture();
    private final FakeTransport transport = fixture.transport;
    private final List<String> consumed = new ArrayList<>();
    private final AsyncMessageListener listener = ListenerCalls.blocking(message -> {
        consumed.add(message.getMessageId().toString());
        return ConsumeResult.SUCCESS;
    });
    private boolean full;
    private int refusals;
    private final Executor executor = task -> {
        if (full) {
            refusals++;
            throw new RejectedExecutionException("full");
        }
        fixture.workers.execute(task);
    };

    @Test
    void asksForAsManyMessagesAsItMayHandleAtATime() {
        fixture.start(SETTINGS, listener, executor);

        assertThat(transport.nextReceive().max()).isEqualTo(5);
    }

    @Test
    void messageThatIsRefusedGoesBackUnseen() {
        fixture.start(SETTINGS, listener, executor);
        full = true;

        transport.nextReceive().deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));

        assertThat(consumed).isEmpty();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
    }

    @Test
    void asksAgainAfterAPauseThatGrowsWhenItIsRefused() {
        fixture.start(SETTINGS, listener, executor);
        full = true;

        for (long pauseMillis : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
            fixture.timer.advance(Duration.ofMillis(pauseMillis - 1));
            assertThat(transport.waitingReceives()).isZero();
            fixture.timer.advance(Duration.ofMillis(1));
            assertThat(transport.waitingReceives()).isEqualTo(1);
        }
        assertThat(refusals).isEqualTo(6);
    }

    @Test
    void pausesShortlyAgainOnceTheExecutorHasTakenSomething() {
        fixture.start(SETTINGS, listener, executor);
        full = true;
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        fixture.timer.advance(Duration.ofMillis(100));
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));
        fixture.timer.advance(Duration.ofMillis(200));
        full = false;
        fixture.deliver(TestDelivery.of("a", "a1"));
        assertThat(consumed).containsExactly("a1");

        full = true;
        transport.nextReceive().deliver(TestDelivery.of("a", "a2"));
        int receives = transport.waitingReceives();
        fixture.timer.advance(Duration.ofMillis(99));
        assertThat(transport.waitingReceives()).isEqualTo(receives);
        fixture.timer.advance(Duration.ofMillis(1));

        assertThat(transport.waitingReceives()).isEqualTo(receives + 1);
    }

    @Test
    void laterMessageGoesBackIfTheExecutorRefusesToGoOnWithItsLiteTopic() {
        fixture.start(LoopFixture.settings(100).with(0, 100), fixture::leaveInFlight, executor);
        fixture.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));
        full = true;

        fixture.complete("a1", ConsumeResult.SUCCESS);

        assertThat(fixture.consumed).containsExactly("a1");
        assertThat(transport.calls).containsExactly("ack a1", "suspend a2 PT0.01S");
    }

    @Test
    void messageThatGetsNoThreadInTimeGoesBackUnseenAndNothingIsAskedForInItsPlace() {
        fixture.start(SETTINGS, listener, executor);
        transport
                .nextReceive()
                .deliver(
                        TestDelivery.of("a", "a1"),
                        TestDelivery.of("b", "b1"),
                        TestDelivery.of("c", "c1"),
                        TestDelivery.of("d", "d1"),
                        TestDelivery.of("e", "e1"));
        fixture.workers.runNext();

        fixture.passWorkerWait();

        assertThat(consumed).containsExactly("a1");
        assertThat(transport.calls)
                .containsExactlyInAnyOrder(
                        "ack a1",
                        "suspend b1 PT0.01S",
                        "suspend c1 PT0.01S",
                        "suspend d1 PT0.01S",
                        "suspend e1 PT0.01S");
        assertThat(transport.nextReceive().max()).isEqualTo(1);
        assertThat(transport.waitingReceives()).isZero();
    }

    @Test
    void closeDoesNotWaitForAnExecutorThatNeverStarts() throws Exception {
        ConsumerLoop loop = fixture.start(SETTINGS, listener, executor);
        transport.nextReceive().deliver(TestDelivery.of("a", "a1"));

        loop.stop();

        assertThat(loop.awaitCalls(Duration.ZERO)).isTrue();
        assertThat(transport.calls).containsExactly("suspend a1 PT0.01S");
        fixture.workers.runAll();
        assertThat(consumed).isEmpty();
    }
}
