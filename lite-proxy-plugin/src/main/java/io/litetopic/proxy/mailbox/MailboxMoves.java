package io.litetopic.proxy.mailbox;

import static io.litetopic.proxy.mailbox.MailboxEvent.DEAD_LETTERED;
import static io.litetopic.proxy.mailbox.MailboxEvent.EMPTIED;
import static io.litetopic.proxy.mailbox.MailboxEvent.FILLED;
import static io.litetopic.proxy.mailbox.MailboxEvent.GIVEN_UP;
import static io.litetopic.proxy.mailbox.MailboxEvent.LEASE_ENDED;
import static io.litetopic.proxy.mailbox.MailboxEvent.OFFERED;
import static io.litetopic.proxy.mailbox.MailboxEvent.RESUMED;
import static io.litetopic.proxy.mailbox.MailboxEvent.SUSPEND_REQUESTED;
import static io.litetopic.proxy.mailbox.MailboxState.DEAD_LETTERING;
import static io.litetopic.proxy.mailbox.MailboxState.IDLE;
import static io.litetopic.proxy.mailbox.MailboxState.LEASED;
import static io.litetopic.proxy.mailbox.MailboxState.READY;
import static io.litetopic.proxy.mailbox.MailboxState.SUSPENDED;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every legal move of a mailbox. Anything else is a bug of the engine and throws. */
public final class MailboxMoves {
    private static final Map<MailboxState, Map<MailboxEvent, MailboxState>> TABLE = table();

    private MailboxMoves() {}

    public static MailboxState next(MailboxState from, MailboxEvent event) {
        MailboxState to = nextOrNull(from, event);
        if (to == null) {
            throw new IllegalStateException("illegal mailbox move: " + event + " while " + from);
        }
        return to;
    }

    public static @Nullable MailboxState nextOrNull(MailboxState from, MailboxEvent event) {
        Map<MailboxEvent, MailboxState> moves = TABLE.get(from);
        return moves == null ? null : moves.get(event);
    }

    private static Map<MailboxState, Map<MailboxEvent, MailboxState>> table() {
        Map<MailboxState, Map<MailboxEvent, MailboxState>> table = new EnumMap<>(MailboxState.class);
        move(table, IDLE, FILLED, READY);
        move(table, READY, OFFERED, LEASED);
        move(table, READY, EMPTIED, IDLE);
        move(table, READY, SUSPEND_REQUESTED, SUSPENDED);
        move(table, READY, GIVEN_UP, DEAD_LETTERING);
        move(table, LEASED, LEASE_ENDED, READY);
        move(table, LEASED, EMPTIED, IDLE);
        move(table, LEASED, SUSPEND_REQUESTED, SUSPENDED);
        move(table, LEASED, GIVEN_UP, DEAD_LETTERING);
        move(table, SUSPENDED, RESUMED, READY);
        move(table, SUSPENDED, EMPTIED, IDLE);
        move(table, DEAD_LETTERING, DEAD_LETTERED, READY);
        move(table, DEAD_LETTERING, SUSPEND_REQUESTED, SUSPENDED);
        move(table, DEAD_LETTERING, EMPTIED, IDLE);
        return table;
    }

    private static void move(
            Map<MailboxState, Map<MailboxEvent, MailboxState>> table,
            MailboxState from,
            MailboxEvent event,
            MailboxState to) {
        table.computeIfAbsent(from, state -> new EnumMap<>(MailboxEvent.class)).put(event, to);
    }
}
