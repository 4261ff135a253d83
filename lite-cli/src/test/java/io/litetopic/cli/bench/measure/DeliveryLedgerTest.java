package io.litetopic.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.cli.bench.measure.DeliveryLedger.Totals;
import org.junit.jupiter.api.Test;

class DeliveryLedgerTest {
    private static final int LITE_TOPIC = 1;

    private final DeliveryLedger ledger = new DeliveryLedger(2);

    @Test
    void hasNothingToSayWhenEachMessageIsHandledOnceInOrder() {
        for (int offset = 10; offset < 13; offset++) {
            int message = accepted();

            handle(message, offset);
        }

        assertThat(ledger.totals()).isEqualTo(new Totals(3, 3, 3, 0, 0, 0));
        assertThat(ledger.waiting()).isZero();
    }

    @Test
    void countsAcceptedMessagesThatNobodyHandledAsLost() {
        handle(accepted(), 0);
        accepted();
        ledger.nextMessage(); // sent, never confirmed: may be lost

        assertThat(ledger.totals().lost()).isEqualTo(1);
        assertThat(ledger.totals().sent()).isEqualTo(3);
    }

    @Test
    void countsADeliveryAfterTheMessageWasHandledAsDuplicate() {
        int message = accepted();
        handle(message, 0);

        ledger.begin(message, LITE_TOPIC, 0);

        assertThat(ledger.totals().duplicated()).isEqualTo(1);
        assertThat(ledger.totals().outOfOrder()).isZero();
    }

    @Test
    void doesNotCountTheSecondDeliveryOfAMessageThatMayBeStoredTwice() {
        int message = accepted();
        ledger.maybeStored(message);
        handle(message, 0);

        ledger.begin(message, LITE_TOPIC, 1);

        assertThat(ledger.totals().duplicated()).isZero();
    }

    @Test
    void doesNotCountTheRedeliveryOfAMessageThatWasGivenBack() {
        int message = accepted();
        ledger.begin(message, LITE_TOPIC, 0);
        ledger.givenBack(LITE_TOPIC);

        ledger.begin(message, LITE_TOPIC, 0);

        assertThat(ledger.totals()).isEqualTo(new Totals(1, 1, 0, 1, 0, 0));
    }

    @Test
    void countsAMessageThatComesAfterALaterOne() {
        int first = accepted();
        int second = accepted();
        handle(second, 6);

        ledger.begin(first, LITE_TOPIC, 5);

        assertThat(ledger.totals().outOfOrder()).isEqualTo(1);
    }

    @Test
    void countsAMessageThatComesWhileAnotherOfItsLiteTopicIsInWork() {
        ledger.begin(accepted(), LITE_TOPIC, 5);
        ledger.begin(accepted(), LITE_TOPIC, 6);

        assertThat(ledger.totals().outOfOrder()).isEqualTo(1);
    }

    @Test
    void keepsLiteTopicsApart() {
        ledger.begin(accepted(), 0, 5);
        ledger.begin(accepted(), 1, 4);

        assertThat(ledger.totals().outOfOrder()).isZero();
    }

    @Test
    void acceptsRanges() {
        int first = ledger.nextMessage();
        ledger.nextMessage();
        ledger.acceptedRange(first, first + 2);

        assertThat(ledger.waiting()).isEqualTo(2);
    }

    private int accepted() {
        int message = ledger.nextMessage();
        ledger.accepted(message);
        return message;
    }

    private void handle(int message, long offset) {
        ledger.begin(message, LITE_TOPIC, offset);
        ledger.handled(message, LITE_TOPIC, offset);
    }
}
