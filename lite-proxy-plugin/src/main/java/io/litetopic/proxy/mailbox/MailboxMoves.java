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

import org.jspecify.annotations.Nullable;

/** Every legal move of a mailbox. Anything else is a bug of the engine and throws. */
public final class MailboxMoves {
    private static final @Nullable MailboxState[][] TABLE = table();

    private MailboxMoves() {}

    public static MailboxState next(MailboxState from, MailboxEvent event) {
        MailboxState to = nextOrNull(from, event);
        if (to == null) {
            throw new IllegalStateException("illegal mailbox move: " + event + " while " + from);
        }
        return to;
    }

    public static @Nullable MailboxState nextOrNull(MailboxState from, MailboxEvent event) {
        return TABLE[from.ordinal()][event.ordinal()];
    }

    private static @Nullable MailboxState[][] table() {
        @Nullable MailboxState[][] table =
                new MailboxState[MailboxState.values().length][MailboxEvent.values().length];
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
            @Nullable MailboxState[][] table, MailboxState from, MailboxEvent event, MailboxState to) {
        table[from.ordinal()][event.ordinal()] = to;
    }
}
