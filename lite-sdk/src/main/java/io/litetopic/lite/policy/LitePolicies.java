package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Makes policies that govern when the messages of lite topics are handled, and puts them around a listener:
 *
 * <pre>{@code
 * MessageListener listener = LitePolicies.inOrder(
 *                 LitePolicies.schedule(Schedule.in(zone).closed(LocalTime.of(12, 0), LocalTime.of(13, 0))),
 *                 LitePolicies.rateLimit(Rate.perSecond(10)),
 *                 LitePolicies.concurrency(8),
 *                 LitePolicies.retryAfter(failure -> failure instanceof TooManyRequestsException
 *                         ? Optional.of(((TooManyRequestsException) failure).retryAfter())
 *                         : Optional.empty()))
 *         .around(this::handle);
 * }</pre>
 *
 * <p>Each call makes a policy of its own. Functions that the application passes are called for each delivery, from several
 * threads, before the listener is called; they should be quick, such as a look into a map. "Lite topic" is the message
 * group for a message that was sent to the bind topic without a lite topic.
 *
 * <p>Limits count in this process. If several processes consume the same lite topics, divide the limit by their number.
 */
public final class LitePolicies {

    private static final String ALL = "all";

    private LitePolicies() {}

    /**
     * Asks several policies in the given order. The first one that suspends decides: those after it are not asked, and
     * those before it get back the permits that they granted, while the lite topic keeps its place among those that wait
     * for them. The listener is called when all have granted theirs.
     *
     * <p>Cheap and long refusals should come first, scarce permits last: schedule, busyProbe, rates of single lite topics,
     * rates of many, concurrency, retryAfter.
     *
     * @param policies at least one
     * @throws IllegalArgumentException if there is none
     */
    public static LitePolicy inOrder(LitePolicy... policies) {
        if (policies.length == 0) {
            throw new IllegalArgumentException(
                    "cannot combine policies: none given [count=0, min=1]; use the listener without policies");
        }
        for (LitePolicy policy : policies) {
            Objects.requireNonNull(policy, "policy");
        }
        return new OrderedPolicies(Arrays.asList(policies));
    }

    /**
     * Limits how often the listener is called for each lite topic by itself. A lite topic without a permit is suspended
     * until exactly its next one is there.
     *
     * @param perLiteTopic the rate of each
     */
    public static LitePolicy rateLimit(Rate perLiteTopic) {
        Objects.requireNonNull(perLiteTopic, "perLiteTopic");
        return rateLimit(liteTopic -> perLiteTopic);
    }

    /**
     * Limits how often the listener is called for each lite topic by itself, each at its own rate.
     *
     * @param rateOfLiteTopic such as a look into the table of tenants; {@link Rate#UNLIMITED} for no limit. A rate that
     *     has changed counts from the next delivery on: as large a part of the permits is there as before. Times that lite
     *     topics were told before are not shortened
     */
    public static LitePolicy rateLimit(Function<String, Rate> rateOfLiteTopic) {
        return new RateLimitPolicy(
                "rateLimit",
                Function.identity(),
                Objects.requireNonNull(rateOfLiteTopic, "rateOfLiteTopic"),
                PolicyClock.SYSTEM);
    }

    /**
     * Limits how often the listener is called for all lite topics together. Lite topics wait in the order in which they
     * came: each is told when its permit will be there, and those that come later do not take it.
     *
     * @param ofAll the rate of all together
     */
    public static LitePolicy rateLimitOfAll(Rate ofAll) {
        Objects.requireNonNull(ofAll, "ofAll");
        return rateLimitBy(liteTopic -> ALL, all -> ofAll);
    }

    /**
     * Limits how often the listener is called for the lite topics of each key together, such as all chats of a tenant. Lite
     * topics wait in order, as for {@link #rateLimitOfAll}.
     *
     * @param keyOfLiteTopic which lite topics share a rate
     * @param rateOfKey the rate of each key; {@link Rate#UNLIMITED} for no limit. May change, as for {@link
     *     #rateLimit(Function)}
     */
    public static LitePolicy rateLimitBy(Function<String, String> keyOfLiteTopic, Function<String, Rate> rateOfKey) {
        return new RateLimitPolicy(
                "rateLimitBy",
                Objects.requireNonNull(keyOfLiteTopic, "keyOfLiteTopic"),
                Objects.requireNonNull(rateOfKey, "rateOfKey"),
                PolicyClock.SYSTEM);
    }

    /**
     * Limits how many calls of the listener run at a time, of all lite topics together.
     *
     * @param maximum at least 1
     * @throws IllegalArgumentException if it is less
     */
    public static ConcurrencyPolicy concurrency(int maximum) {
        if (maximum < 1) {
            throw new IllegalArgumentException("cannot limit concurrency: the maximum is not positive [maximum="
                    + maximum + ", min=1]; pass how many calls may run at a time");
        }
        return concurrencyBy(liteTopic -> ALL, all -> maximum);
    }

    /**
     * Limits how many calls of the listener run at a time, of the lite topics of each key together.
     *
     * @param keyOfLiteTopic which lite topics share a limit, such as the tenant of a lite topic
     * @param maximumOfKey at least 1 for each key; may change
     */
    public static ConcurrencyPolicy concurrencyBy(
            Function<String, String> keyOfLiteTopic, ToIntFunction<String> maximumOfKey) {
        return new ConcurrencyPolicy(
                Objects.requireNonNull(keyOfLiteTopic, "keyOfLiteTopic"),
                Objects.requireNonNull(maximumOfKey, "maximumOfKey"),
                PolicyClock.SYSTEM);
    }

    /**
     * Handles messages in certain hours only; all lite topics are suspended until the next opening otherwise.
     *
     * @param hours of all lite topics
     * @throws IllegalStateException if it is never open
     */
    public static LitePolicy schedule(Schedule hours) {
        Objects.requireNonNull(hours, "hours").untilOpen(PolicyClock.SYSTEM.now());
        return schedule(liteTopic -> hours);
    }

    /**
     * Handles messages of each lite topic in its own hours only, such as those of a tenant in its time zone.
     *
     * @param hoursOfLiteTopic the hours of each; one that is never open makes its messages fail
     */
    public static LitePolicy schedule(Function<String, Schedule> hoursOfLiteTopic) {
        return schedule(hoursOfLiteTopic, PolicyClock.SYSTEM);
    }

    static LitePolicy schedule(Function<String, Schedule> hoursOfLiteTopic, PolicyClock clock) {
        Objects.requireNonNull(hoursOfLiteTopic, "hoursOfLiteTopic");
        return new WaitPolicy(
                "schedule",
                liteTopic -> Optional.of(Objects.requireNonNull(hoursOfLiteTopic.apply(liteTopic), "schedule")
                        .untilOpen(clock.now())));
    }

    /**
     * Asks the application whether a lite topic has to wait, such as for a model that is being loaded.
     *
     * @param waitOfLiteTopic for how long; empty, zero or negative if it need not. Times are brought into the range of a
     *     suspend, 1 ms to 365 days
     */
    public static LitePolicy busyProbe(Function<String, Optional<Duration>> waitOfLiteTopic) {
        return new WaitPolicy("busyProbe", Objects.requireNonNull(waitOfLiteTopic, "waitOfLiteTopic"));
    }

    /**
     * Suspends a lite topic when its handler fails because a provider said "later".
     *
     * @param retryAfter what the provider said, by the exception that the listener threw or its stage failed with (without
     *     the {@code CompletionException} that stages add); empty if the exception is a failure as usual. Zero and less
     *     count as 1 ms. If the function itself throws, the message fails, and both exceptions are passed on
     */
    public static RetryAfterPolicy retryAfter(Function<Throwable, Optional<Duration>> retryAfter) {
        return new RetryAfterPolicy(
                Objects.requireNonNull(retryAfter, "retryAfter"),
                PolicyClock.SYSTEM,
                () -> ThreadLocalRandom.current().nextDouble());
    }
}
