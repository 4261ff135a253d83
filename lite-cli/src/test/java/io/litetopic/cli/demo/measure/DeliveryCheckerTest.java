package io.litetopic.cli.demo.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.cli.demo.measure.DeliveryChecker.Totals;
import io.litetopic.cli.demo.measure.DeliveryChecker.Verdict;
import org.junit.jupiter.api.Test;

class DeliveryCheckerTest {
    private final DeliveryChecker checker = new DeliveryChecker(2);

    @Test
    void acceptsACompleteOrderedRun() {
        accept(0, 3);
        process(0, 0, 1, 2);

        assertThat(checker.totals()).isEqualTo(new Totals(3, 3, 0, 0, 0));
    }

    @Test
    void countsALoss() {
        accept(0, 3);
        process(0, 0, 2);

        assertThat(checker.totals()).isEqualTo(new Totals(3, 2, 0, 1, 0));
    }

    @Test
    void countsALossAtTheEnd() {
        accept(0, 3);
        process(0, 0, 1);

        assertThat(checker.totals().lost()).isEqualTo(1);
    }

    @Test
    void countsARequestAsLostThatWasBegunButNeverFinished() {
        accept(0, 1);
        checker.begin(0, 0);

        assertThat(checker.totals().lost()).isEqualTo(1);
    }

    @Test
    void countsASwapAsOneOutOfOrder() {
        accept(0, 4);
        process(0, 0, 2, 1, 3);

        assertThat(checker.totals()).isEqualTo(new Totals(4, 4, 1, 0, 0));
    }

    @Test
    void countsADuplicate() {
        accept(0, 2);
        process(0, 0, 0, 1);

        assertThat(checker.totals()).isEqualTo(new Totals(2, 2, 0, 0, 1));
    }

    @Test
    void countsARedeliveryFromAnEarlierRequestAsDuplicatesOnly() {
        accept(0, 4);
        process(0, 0, 1, 2, 1, 2, 3);

        assertThat(checker.totals()).isEqualTo(new Totals(4, 4, 0, 0, 2));
    }

    @Test
    void countsTwoRequestsOfOneTenantInWorkAtOnceAsOutOfOrder() {
        accept(0, 2);

        assertThat(checker.begin(0, 0)).isEqualTo(Verdict.IN_ORDER);
        assertThat(checker.begin(0, 1)).isEqualTo(Verdict.OUT_OF_ORDER);
        checker.end(0, 0);
        checker.end(0, 1);

        assertThat(checker.totals()).isEqualTo(new Totals(2, 2, 1, 0, 0));
    }

    @Test
    void doesNotMixTenants() {
        accept(0, 2);
        accept(1, 2);

        assertThat(checker.begin(0, 0)).isEqualTo(Verdict.IN_ORDER);
        assertThat(checker.begin(1, 0)).isEqualTo(Verdict.IN_ORDER);
        checker.end(1, 0);
        process(1, 1);
        checker.end(0, 0);
        process(0, 1);

        assertThat(checker.totals()).isEqualTo(new Totals(4, 4, 0, 0, 0));
    }

    @Test
    void doesNotMissARequestThatTheBrokerNeverConfirmed() {
        accept(0, 1);
        process(0, 0);

        assertThat(checker.totals().lost()).isZero();
        assertThat(checker.completedPrefix(0)).isEqualTo(1);
    }

    private void accept(int tenant, int requests) {
        for (int sequence = 0; sequence < requests; sequence++) {
            checker.accepted(tenant, sequence);
        }
    }

    private void process(int tenant, int... sequences) {
        for (int sequence : sequences) {
            checker.begin(tenant, sequence);
            checker.end(tenant, sequence);
        }
    }
}
