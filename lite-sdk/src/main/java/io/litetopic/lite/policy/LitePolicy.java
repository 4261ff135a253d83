package io.litetopic.lite.policy;

import io.litetopic.lite.AsyncMessageListener;
import io.litetopic.lite.MessageListener;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Decides whether a message may be handled now, or how long its lite topic is suspended. Made by {@link LitePolicies}.
 *
 * <p>A policy holds its state, such as permits taken: put around several listeners it governs them together. State of lite
 * topics that are idle is dropped when others are used. Thread-safe; never blocks.
 */
public abstract class LitePolicy {

    private final String name;

    LitePolicy(String name) {
        this.name = name;
    }

    /**
     * Returns a listener that asks this policy before it calls the given one. A message that may not be handled yet is
     * answered with a {@link io.litetopic.lite.ConsumeResultSuspend}: it comes again, and that was no attempt. If a
     * function that the application gave to a policy throws, that is thrown to the consumer and so counts as FAILURE.
     *
     * @param listener what is governed; its results and exceptions are passed on, unless a policy turns an exception into
     *     a suspend
     */
    public final MessageListener around(MessageListener listener) {
        return new GovernedListener(this, Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Does the same as {@link #around} for an asynchronous listener: a call has ended when its stage is done. Cancelling
     * the returned stage cancels that of the listener; the call ends when that is done.
     */
    public final AsyncMessageListener aroundAsync(AsyncMessageListener listener) {
        return new GovernedAsyncListener(this, Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Returns this policy for some lite topics only; others are not asked about. State is shared with this policy.
     *
     * @param liteTopics says whether the policy counts for a lite topic; called for each delivery, from several threads
     */
    public final LitePolicy onlyFor(Predicate<String> liteTopics) {
        Objects.requireNonNull(liteTopics, "liteTopics");
        LitePolicy policy = this;
        return new LitePolicy(name) {
            @Override
            Decision decide(Call call) {
                return liteTopics.test(call.liteTopic()) ? policy.decide(call) : run(Permit.PLAIN);
            }
        };
    }

    /** Decides on one call of the listener. Throws what a function of the application throws, with nothing taken. */
    abstract Decision decide(Call call);

    final Decision run(Permit permit) {
        return Decision.run(name, permit);
    }

    final Decision suspend(Duration suspendTime) {
        return Decision.suspend(name, suspendTime);
    }

    final String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
