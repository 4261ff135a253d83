package io.litetopic.cli.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.measure.Latencies;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandOverScenarioTest {
    private static final long EVENT = TimeUnit.SECONDS.toNanos(10);

    @Test
    void countsFromTheLastOfTheOneThatGoesToTheFirstOfTheOther() {
        List<HandOverEvent> history = List.of(
                begin(0, EVENT - millis(30)),
                end(0, EVENT - millis(10)),
                begin(1, EVENT + millis(490)),
                end(1, EVENT + millis(500)),
                begin(1, EVENT + millis(600)));

        Latencies gaps = HandOverScenario.gaps(history, 1, EVENT, false).summary("gap");

        assertThat(gaps.count()).isEqualTo(1);
        assertThat(gaps.maxMillis()).isBetween(499.0, 501.0);
    }

    @Test
    void leavesLiteTopicsOutThatHadGoneBefore() {
        List<HandOverEvent> history = List.of(
                begin(0, EVENT - millis(3_000)), end(0, EVENT - millis(2_900)), begin(1, EVENT - millis(2_800)));

        assertThat(HandOverScenario.gaps(history, 1, EVENT, false).count()).isZero();
    }

    @Test
    void whatTheKilledConsumerHadInWorkIsNoOverlap() {
        DeliveryLedger ledger = new DeliveryLedger(1);
        List<HandOverEvent> history =
                List.of(begin(0, EVENT), begin(1, EVENT + millis(500)), end(1, EVENT + millis(520)));

        HandOverScenario.account(ledger, history, true);

        assertThat(ledger.totals().outOfOrder()).isZero();
        assertThat(ledger.handledCount()).isEqualTo(1);
    }

    @Test
    void beginAtTheOtherWhileTheFirstWorksIsAnOverlap() {
        DeliveryLedger ledger = new DeliveryLedger(1);
        List<HandOverEvent> history = List.of(begin(0, EVENT), begin(1, EVENT + millis(1)), end(0, EVENT + millis(2)));

        HandOverScenario.account(ledger, history, true);

        assertThat(ledger.totals().outOfOrder()).isEqualTo(1);
    }

    @Test
    void sendsEventsAsLines() {
        HandOverEvent event = new HandOverEvent(1, true, 2, 3, 4, 5);

        assertThat(HandOverEvent.parse(event.toLine())).isEqualTo(event);
    }

    private static HandOverEvent begin(int node, long nanos) {
        return new HandOverEvent(node, true, 0, 0, 0, nanos);
    }

    private static HandOverEvent end(int node, long nanos) {
        return new HandOverEvent(node, false, 0, 0, 0, nanos);
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
