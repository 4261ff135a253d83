package io.litetopic.proxy.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MailboxMovesTest {
    /** The table as the design page has it: state, event, next state. Everything else is illegal. */
    private static final Map<String, MailboxState> LEGAL = Map.ofEntries(
            Map.entry("IDLE FILLED", MailboxState.READY),
            Map.entry("READY OFFERED", MailboxState.LEASED),
            Map.entry("READY EMPTIED", MailboxState.IDLE),
            Map.entry("READY SUSPEND_REQUESTED", MailboxState.SUSPENDED),
            Map.entry("READY GIVEN_UP", MailboxState.DEAD_LETTERING),
            Map.entry("LEASED LEASE_ENDED", MailboxState.READY),
            Map.entry("LEASED EMPTIED", MailboxState.IDLE),
            Map.entry("LEASED SUSPEND_REQUESTED", MailboxState.SUSPENDED),
            Map.entry("LEASED GIVEN_UP", MailboxState.DEAD_LETTERING),
            Map.entry("SUSPENDED RESUMED", MailboxState.READY),
            Map.entry("SUSPENDED EMPTIED", MailboxState.IDLE),
            Map.entry("DEAD_LETTERING DEAD_LETTERED", MailboxState.READY),
            Map.entry("DEAD_LETTERING SUSPEND_REQUESTED", MailboxState.SUSPENDED),
            Map.entry("DEAD_LETTERING EMPTIED", MailboxState.IDLE));

    static Stream<Arguments> everyStateWithEveryEvent() {
        return Arrays.stream(MailboxState.values())
                .flatMap(state -> Arrays.stream(MailboxEvent.values()).map(event -> Arguments.of(state, event)));
    }

    @ParameterizedTest
    @MethodSource("everyStateWithEveryEvent")
    void movesAsDesignedOrThrows(MailboxState state, MailboxEvent event) {
        MailboxState expected = LEGAL.get(state + " " + event);

        if (expected == null) {
            assertThatThrownBy(() -> MailboxMoves.next(state, event))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(state.name())
                    .hasMessageContaining(event.name());
        } else {
            assertThat(MailboxMoves.next(state, event)).isEqualTo(expected);
        }
    }
}
