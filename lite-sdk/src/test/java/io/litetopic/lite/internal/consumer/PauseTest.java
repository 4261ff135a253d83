package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.internal.consumer.FakeTransport.Receive;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseTest {

    private final LoopFixture fixture = new LoopFixture();
    private final FakeTransport transport = fixture.transport;
    private final ConsumerLoop loop = fixture.start(LoopFixture.settings(5));

    @Test
    void runsAtTheStart() {
        assertThat(loop.isPaused()).isFalse();
    }

    @Test
    void asksForNothingUntilItIsResumed() {
        Receive longPoll = transport.nextReceive();
        loop.pause();
        assertThat(loop.isPaused()).isTrue();

        fixture.timer.advance(Duration.ofSeconds(15));
        longPoll.deliver();
        fixture.timer.advance(Duration.ofMinutes(5));
        assertThat(transport.waitingReceives()).isZero();

        loop.resume();
        assertThat(loop.isPaused()).isFalse();
        assertThat(transport.nextReceive().max()).isEqualTo(5);
    }

    @Test
    void givesBackWhatWaitsAndLetsRunningCallsEnd() {
        fixture.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"));
        transport.nextReceive().deliver(TestDelivery.of("b", "b1"));

        loop.pause();
        int receives = transport.waitingReceives();
        fixture.workers.runAll();
        fixture.complete("a1", ConsumeResult.SUCCESS);
        fixture.workers.runAll();

        assertThat(fixture.consumed).containsExactly("a1");
        assertThat(transport.calls).containsExactlyInAnyOrder("suspend a2 PT0.01S", "suspend b1 PT0.01S", "ack a1");
        assertThat(transport.waitingReceives()).isEqualTo(receives);
    }

    @Test
    void renewsWhatIsInFlightWhileItIsPaused() {
        fixture.deliver(TestDelivery.of("a", "a1"));

        loop.pause();
        fixture.timer.advance(Duration.ofMinutes(1));

        assertThat(transport.calls).hasSizeGreaterThan(3).containsOnly("change a1 PT30S");
    }

    @Test
    void givesBackWhatCallsUnderWayBring() {
        Receive longPoll = transport.nextReceive();
        loop.pause();

        longPoll.deliver(TestDelivery.of("a", "a1"), TestDelivery.of("a", "a2"), TestDelivery.of("b", "b1"));
        fixture.workers.runAll();

        assertThat(fixture.consumed).isEmpty();
        assertThat(transport.calls).containsExactlyInAnyOrder("suspend a1 PT0.01S", "suspend b1 PT0.01S");
        assertThat(transport.waitingReceives()).isZero();
    }

    @Test
    void handlesALiteTopicAgainAfterThePause() {
        fixture.deliver(TestDelivery.of("a", "a1"));
        loop.pause();
        loop.pause();
        fixture.complete("a1", ConsumeResult.SUCCESS);

        loop.resume();
        fixture.deliver(TestDelivery.of("a", "a2"));

        assertThat(fixture.consumed).containsExactly("a1", "a2");
    }
}
