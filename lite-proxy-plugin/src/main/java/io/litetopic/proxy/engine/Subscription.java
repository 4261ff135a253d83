package io.litetopic.proxy.engine;

import io.litetopic.proxy.table.Named;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** That one client wants one lite topic, and its place in the client's ready ring. Owner: engine thread. */
final class Subscription extends RingEntry implements Named {
    private static final long MILLIS_PER_NANO = TimeUnit.MILLISECONDS.toNanos(1);

    final ClientSession client;
    /** Lower 32 bits of the milliseconds: differences count. There are very many subscriptions. */
    private final int addedAtMillis;

    /** The next one of the same lite topic. */
    @Nullable
    Subscription next;

    Subscription(ClientSession client, Mailbox mailbox, long nowNanos) {
        super(mailbox);
        this.client = client;
        this.addedAtMillis = (int) (nowNanos / MILLIS_PER_NANO);
    }

    /** Meaningful for up to 24 days: it then looks recent for once more. */
    boolean isYoungerThan(int millis, long nowNanos) {
        int age = (int) (nowNanos / MILLIS_PER_NANO) - addedAtMillis;
        return age >= 0 && age < millis;
    }

    @Override
    public String name() {
        return mailbox.liteTopic;
    }
}
